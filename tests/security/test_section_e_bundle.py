"""Row 114: what is built to be given away is listed by hash, the same each time, and holds no test code."""

import hashlib
import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.sound_server import write_wav

ROOT = Path(__file__).parents[2]


@pytest.fixture
def contents(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    return importlib.import_module("bundle_contents")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder as PyInstaller leaves it, with a link into itself."""
    folder = tmp_path / "tradeassist"
    (folder / "_internal" / "lib").mkdir(parents=True)
    (folder / "tradeassist").write_bytes(b"the program")
    (folder / "_internal" / "lib" / "libQt6Core.so.6").write_bytes(b"Qt")
    (folder / "_internal" / "libQt6Core.so.6").symlink_to("lib/libQt6Core.so.6")
    return folder


def test_row_114_every_file_of_a_bundle_is_listed_with_its_hash_and_sha256sum_can_check_it(
    contents: ModuleType, bundle: Path
) -> None:
    listed = contents.as_list(contents.hashes(bundle))

    lines = [line.split("  ") for line in listed.splitlines()]
    assert [name for _, name in lines] == [
        "_internal/lib/libQt6Core.so.6",
        "_internal/libQt6Core.so.6",
        "tradeassist",
    ]
    assert lines[2][0] == hashlib.sha256(b"the program").hexdigest()
    check = ["sha256sum", "--check", "--strict", "--quiet", "-"]
    assert subprocess.run(check, cwd=bundle, input=listed, text=True, check=False).returncode == 0
    (bundle / "tradeassist").write_bytes(b"another program")
    changed = subprocess.run(check, cwd=bundle, input=listed, text=True, capture_output=True, check=False)
    assert (changed.returncode, changed.stdout) == (1, "tradeassist: FAILED\n")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("pytest/__init__", id="a test library's module"),
        pytest.param("_internal/aiosmtpd/smtp.py", id="a test library's file"),
        pytest.param("tests/secret_manager/server", id="our stand-in of Secret Manager"),
        pytest.param("tradeassist_desktop/feeds/fakes", id="a fake among the program's modules"),
        pytest.param("_internal/resources/test_rules.json", id="a test's file among the resources"),
        pytest.param("_internal/numpy/_core/_multiarray_tests.cpython-311.so", id="a library's own tests"),
    ],
)
def test_row_114_test_code_in_a_bundle_is_refused_by_name(contents: ModuleType, name: str) -> None:
    with pytest.raises(contents.Unfit, match=f"test code is in the bundle: {name}"):
        contents.refuse_tests(["tradeassist", name, "_internal/libssl.so.3"])


def test_row_114_the_program_with_its_simulator_is_no_test_code(
    contents: ModuleType,
) -> None:
    program = ROOT / "tradeassist_desktop"
    modules = [path.relative_to(ROOT).with_suffix("").as_posix() for path in program.rglob("*.py")]

    contents.refuse_tests(modules)

    assert "tradeassist_desktop/simulator/__init__" in modules


def test_row_114_a_link_out_of_the_bundle_is_refused(contents: ModuleType, bundle: Path) -> None:
    (bundle / "_internal" / "libc.so.6").symlink_to("/etc/hostname")

    with pytest.raises(contents.Unfit, match=r"_internal/libc\.so\.6 leads out of the bundle"):
        contents.hashes(bundle)


def test_row_114_what_a_bundle_weighs_is_counted_once(contents: ModuleType, bundle: Path) -> None:
    assert contents.sizes(bundle) == {"tradeassist": 11, "_internal/lib": 2}


def test_row_114_the_built_program_can_start_its_own_tone_player(tmp_path: Path) -> None:
    """It has no interpreter that could be given a module: it starts itself with this word."""
    tone = write_wav(tmp_path / "gong.wav", pitch_hz=700)

    done = subprocess.run(
        [sys.executable, "-P", "-m", "tradeassist_desktop", "tone-player"],
        cwd=ROOT, input=f"check {tone}\n", capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (0, "fit\n")
