"""``tradeassist recordings``: what is kept, and what a file holds."""

from pathlib import Path
from typing import Any

import pytest

from tradeassist_desktop.cli import main

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "resources" / "samples" / "esu24-2024-07-02-level1.csv.gz"


def test_a_file_is_told_by_kind_rows_span_and_symbols(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["recordings", "info", str(SAMPLE)])

    assert status == 0
    assert capsys.readouterr().out.splitlines()[:2] == ["kind: ticks", "rows: 2,288"]


def test_kept_recordings_are_listed_newest_first(tmp_path: Path, capsys: Any) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "a.csv").write_text("timestamp,symbol,last\n2024-07-01T13:30:00Z,A,1\n")
    (folder / "broken.csv").write_text("nothing\n")

    status = main(["recordings", "list", "--data-dir", str(tmp_path)])

    lines = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()}
    assert status == 0
    assert lines["a.csv"] == ["47", "1", "2024-07-01T13:30:00Z", "2024-07-01T13:30:00Z"]
    assert lines["broken.csv"] == ["8", "unknown", "unknown", "unknown"]


def test_without_recordings_the_folder_is_named(tmp_path: Path, capsys: Any) -> None:
    assert main(["recordings", "list", "--data-dir", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"no recordings in {tmp_path / 'recordings'}\n"


def test_a_file_that_cannot_be_read_is_refused_with_its_fault(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")

    assert main(["recordings", "info", str(tmp_path / "bad.csv")]) == 2
    assert "no time column" in capsys.readouterr().err
