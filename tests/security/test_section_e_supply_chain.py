"""Row 114: what the program is made of is pinned, asked about and written down, and holds no test code."""

import ast
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.security.advisory_server import advisory, advisory_server

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
SUPPLY = ROOT / ".venv-supply" / "bin" / "python"

needs_supply = pytest.mark.skipif(not SUPPLY.exists(), reason="packaging/audit was never run here")


def pins(lock: Path) -> set[tuple[str, str]]:
    found = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;\\]+)", lock.read_text(), re.MULTILINE)
    return {(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in found}


def audit(
    folder: Path, *, service: str, waivers: str = "", lock: str = "aiohttp==3.14.0\nnumpy==2.0.0\n"
) -> tuple[int, str, dict[str, Any]]:
    """Run the audit of a lock file; return its status, what it said, and its report."""
    (folder / "waivers.toml").write_text(waivers)
    (folder / "some.lock").write_text(lock)
    done = subprocess.run(
        [
            str(SUPPLY), str(PACKAGING / "advisories.py"), "--service", service,
            "--report", str(folder / "report"),
            "--waivers", str(folder / "waivers.toml"), "--lock", str(folder / "some.lock"),
        ],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )  # fmt: skip
    report = folder / "report"
    return done.returncode, done.stdout, json.loads(report.read_text()) if report.exists() else {}


def waiver(until: str) -> str:
    return f'[[waiver]]\npackage = "numpy"\nadvisory = "GHSA-1"\nreason = "not reached"\nuntil = {until}\n'


KNOWN = {"numpy": [advisory("numpy", "2.0.0", name="GHSA-1", alias="CVE-2024-1")]}


def test_row_114_every_lock_has_hashes_and_no_address() -> None:
    locks = sorted(PACKAGING.glob("requirements*.lock"))

    for lock in locks:
        text = lock.read_text()
        blocks = re.split(r"\n(?=\S)", text.strip())
        assert all("--hash=sha256:" in block for block in blocks), lock.name
        assert "://" not in text and "--index-url" not in text and "git+" not in text, lock.name
    assert {"requirements.lock", "requirements-test.lock", "requirements-supply.lock"} <= {
        lock.name for lock in locks
    }


def test_row_114_everything_is_installed_by_hash_alone() -> None:
    scripts = [file for file in PACKAGING.iterdir() if file.is_file() and file.suffix in ("", ".sh")]
    lines = [
        line
        for file in scripts
        for line in file.read_text().replace("\\\n", " ").splitlines()
        if "pip" in line
    ]
    installs = [line for line in lines if re.search(r"pip\W+install\b", line)]

    assert len(installs) == 1
    assert "--require-hashes" in installs[0] and "--only-binary :all:" in installs[0]


@needs_supply
def test_row_114_the_bill_of_materials_has_every_pin_with_hashes_and_licence(tmp_path: Path) -> None:
    licences = subprocess.run(
        [sys.executable, str(PACKAGING / "licences.py")], capture_output=True, text=True, check=True
    ).stdout
    files = tmp_path / "one.json", tmp_path / "two.json"
    for file in files:
        subprocess.run(
            [str(SUPPLY), str(PACKAGING / "bill_of_materials.py"), str(file)],
            input=licences,
            text=True,
            check=True,
            capture_output=True,
        )

    bill = json.loads(files[0].read_text())
    parts = bill["components"]
    assert {(part["name"], part["version"]) for part in parts} == pins(PACKAGING / "requirements.lock")
    assert all(part["hashes"] and part["licenses"] for part in parts)
    assert bill["metadata"]["component"]["name"] == "tradeassist-desktop"
    assert files[0].read_bytes() == files[1].read_bytes()


@needs_supply
def test_row_114_a_database_that_knows_nothing_means_clean(tmp_path: Path) -> None:
    with advisory_server({}) as (address, asked):
        status, said, report = audit(tmp_path, service=address)

    assert (status, report["result"]) == (0, "clean")
    assert sorted(asked) == [("aiohttp", "3.14.0"), ("numpy", "2.0.0")]
    assert "2 packages asked about, 0 advisories, 0 waived" in said


@needs_supply
def test_row_114_pins_of_other_systems_and_both_versions_of_one_package_are_asked_about(
    tmp_path: Path,
) -> None:
    lock = (
        "numpy==2.0.0 ; python_full_version < '3.12'\nnumpy==2.9.0 ; python_full_version >= '3.12'\n"
        "colorama==0.4.6 ; sys_platform == 'win32'\n"
    )
    with advisory_server({}) as (address, asked):
        status, _, _ = audit(tmp_path, service=address, lock=lock)

    assert status == 0
    assert sorted(asked) == [("colorama", "0.4.6"), ("numpy", "2.0.0"), ("numpy", "2.9.0")]


@needs_supply
@pytest.mark.parametrize(
    ("waivers", "expected", "result"),
    [
        pytest.param("", 1, "advisories", id="not waived"),
        pytest.param(waiver("2999-01-31"), 0, "clean", id="waived, by an alias"),
        pytest.param(waiver("2020-01-31"), 1, "advisories", id="the waiver has run out"),
    ],
)
def test_row_114_an_advisory_counts_unless_it_is_waived_with_a_reason_for_a_time(
    waivers: str, expected: int, result: str, tmp_path: Path
) -> None:
    with advisory_server(KNOWN) as (address, _):
        status, _, report = audit(tmp_path, service=address, waivers=waivers)

    (row,) = report["advisories"]
    assert (status, report["result"]) == (expected, result)
    assert (row["package"], row["advisory"], row["aliases"]) == ("numpy", "CVE-2024-1", ["GHSA-1"])


@needs_supply
def test_row_114_a_waiver_without_a_reason_is_refused(tmp_path: Path) -> None:
    waivers = waiver("2999-01-31").replace('reason = "not reached"\n', "")

    status, said, _ = audit(tmp_path, service="http://127.0.0.1:9", waivers=waivers)

    assert status == 2
    assert "each waiver has package, advisory, reason and until" in said


@needs_supply
def test_row_114_a_database_out_of_reach_is_never_called_clean(tmp_path: Path) -> None:
    status, said, report = audit(tmp_path, service="http://127.0.0.1:9/v1/query")

    assert (status, report["result"]) == (3, "not asked")
    assert said.startswith("NOT CHECKED")


@needs_supply
def test_row_114_no_test_code_is_in_what_is_installed(tmp_path: Path) -> None:
    source = tmp_path / "source"  # what is committed, as building leaves files beside it
    source.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x"], cwd=source, input=archive, check=True)
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", str(tmp_path))
    built = subprocess.run(
        [str(SUPPLY), "-m", "pip", "wheel", str(source), *options],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert built.returncode == 0, built.stderr[-2000:]
    (wheel,) = tmp_path.glob("*.whl")

    names = zipfile.ZipFile(wheel).namelist()

    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"tradeassist_desktop"}
    words = re.compile(r"(^|/)(tests?|conftest|fakes?|mocks?)(/|\.py$)|(^|/)test_\w+\.py$|_test\.py$")
    assert not [name for name in names if words.search(name)]


def test_row_114_the_program_imports_no_test_library() -> None:
    named = set()
    for file in (ROOT / "tradeassist_desktop").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                named |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                named |= {node.module.split(".")[0], node.module}

    assert not named & {
        "tests", "pytest", "hypothesis", "aiosmtpd", "unittest.mock", "unittest", "doctest", "pip_audit",
    }  # fmt: skip
