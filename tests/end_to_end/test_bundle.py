"""Row 114: the built program, moved to an empty folder, on a machine whose PATH has no Python.

Builds it twice: minutes each. Needs the environment that packaging/build makes.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.virtual_desktop import VirtualDesktop

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(2400),
    pytest.mark.xdist_group("bundle"),
    pytest.mark.skipif(
        not (ROOT / ".venv-build" / "bin" / "pyinstaller").exists(),
        reason="packaging/build was never run here",
    ),
]


def build(folder: Path) -> str:
    """Build into the folder; return the list of what was built."""
    done = subprocess.run(
        [ROOT / "packaging" / "build", folder], capture_output=True, text=True, timeout=1200, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (listed,) = folder.glob("tradeassist-*.sha256")
    return listed.read_text()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder it was built in, and the list."""
    folder = tmp_path_factory.mktemp("built")
    return folder, build(folder)


@pytest.fixture
def program(built: tuple[Path, str], tmp_path: Path) -> dict[str, Any]:
    """How to start the built program, away from where it was built."""
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    moved = tmp_path / "moved"
    shutil.copytree(built[0] / "tradeassist", moved, symlinks=True)
    return {"command": [str(moved / "tradeassist")], "environment": {"PATH": str(nothing), "PYTHONPATH": ""}}


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[VirtualDesktop]:
    folder = tmp_path / "desktop"
    folder.mkdir(mode=0o700)
    desktop = VirtualDesktop(folder=folder)
    desktop.start()
    yield desktop
    desktop.stop()


def test_row_114_two_builds_have_the_same_files_to_the_last_bit(
    built: tuple[Path, str], tmp_path: Path
) -> None:
    assert build(tmp_path / "again") == built[1]


def test_row_114_the_bundle_carries_its_bill_of_materials_and_the_notices_of_its_parts(
    built: tuple[Path, str],
) -> None:
    folder = built[0] / "tradeassist"

    (bill,) = folder.glob("*.cdx.json")
    parts = {part["name"] for part in json.loads(bill.read_text())["components"]}
    noticed = {path.name for path in (folder / "licences" / "python-packages").iterdir()}
    assert noticed - {"pyinstaller"} <= parts
    assert {"pyside6-essentials", "numpy", "aiohttp", "cryptography", "duckdb", "grpcio"} <= noticed
    assert (folder / "licences" / "python" / "LICENSE.txt").is_file()
    assert (folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert (folder / "_internal" / "resources" / "fonts" / "OFL.txt").is_file()


def test_row_114_the_built_program_raises_an_alert_without_a_window_or_a_python(
    start: Any, program: dict[str, Any], tmp_path: Path
) -> None:
    rules = tmp_path / "rules.json"
    rule = {"name": "any price", "symbol": "/ES", "when": "last > 0", "cooldown": "0s"}
    rules.write_text(json.dumps({"format": "tradeassist-rules", "version": 1, "rules": [rule]}))

    folder = ("--data-dir", str(tmp_path / "data"))
    desk = start("run", "--headless", *folder, "--rules", str(rules), "--log-json", **program)
    desk.wait_for_lines(1, seconds=60)

    assert desk.alerts()[0]["rule"] == "any price"
    assert desk.end() == 0
    assert [entry for entry in desk.log if entry["level"] in ("warning", "error", "critical")] == []
    assert desk.other == []


@pytest.mark.desktop
def test_row_114_the_built_program_has_its_window_tray_and_tone(
    start: Any, program: dict[str, Any], screen: VirtualDesktop, tmp_path: Path
) -> None:
    program["environment"] = screen.environment | program["environment"]

    desk = start("--data-dir", str(tmp_path / "data"), "--log-json", **program)
    desk.wait_for("window painted", seconds=60)
    for channel in ("toast", "tray", "sound"):
        desk.wait_for("delivered", seconds=60, channel=channel)

    assert desk.end() == 0
    assert [entry for entry in desk.log if entry["level"] in ("error", "critical")] == []
    assert desk.other == []


def test_row_114_the_built_program_shares_a_backtest_among_processes(
    start: Any, program: dict[str, Any], samples: Path
) -> None:
    arguments = (
        "backtest", "--rules", str(samples / "sample_rules.json"),
        "--data", str(samples / "esu24-2024-07-02-level1.csv.gz"),
    )  # fmt: skip

    one, two = (start(*arguments, "--workers", workers, **program) for workers in ("1", "2"))

    assert (one.finish(), two.finish()) == (0, 0)
    assert len(one.alerts()) > 1
    assert one.lines == two.lines
