"""What must hold of the project's files as a whole."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "packaging").glob("requirements*.lock"))


def requirements(lock: Path) -> list[str]:
    """Each requirement with its continuation lines joined."""
    text = lock.read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_by_version_and_hash_without_urls(lock: Path) -> None:
    lines = requirements(lock)

    assert lines
    assert all(re.match(r"[\w.-]+(\[[\w,-]+\])?==", line) and "--hash=sha256:" in line for line in lines)
    assert "://" not in lock.read_text()


def test_the_program_and_its_tests_use_the_same_versions() -> None:
    def pins(name: str) -> set[str]:
        return {line.split("--hash")[0].strip() for line in requirements(ROOT / "packaging" / name)}

    assert pins("requirements.lock") <= pins("requirements-score.lock") <= pins("requirements-test.lock")


def test_every_declared_dependency_is_in_the_lock() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    locked = {
        re.split(r"[=\[]", line)[0].strip().lower()
        for line in requirements(ROOT / "packaging" / "requirements.lock")
    }

    names = {re.match(r"[\w.-]+", text)[0].lower() for text in declared}
    assert names <= locked


def test_the_repository_has_the_agreed_top_level_and_no_more() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    top = {path.split("/")[0] for path in listed.splitlines()}

    assert {name for name in top if not name.startswith(".")} == {
        "pyproject.toml", "README.md", "LICENSE", "tradeassist_desktop", "resources", "tests", "packaging",
    }  # fmt: skip
