"""Whatever a file holds, reading it yields events or refuses in a line; nothing else escapes."""

import gzip
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.recordings import read

LINES = [
    "timestamp,symbol,open,high,low,close,volume",
    *(
        f"2024-01-02 09:{minute:02d}:00,AAPL,{minute}.5,{minute + 1},{minute},{minute}.25,100"
        for minute in range(30, 60)
    ),
]
SPICE = (
    b",",
    b'"',
    b"\n",
    b"\r",
    b"\x00",
    b"nan",
    b"-",
    b"1e999",
    b"\xff\xfe",
    b"9" * 40,
    b" ",
    b"T",
    b"Z",
    b"+",
)


def spoiled(chance: random.Random, content: bytes) -> bytes:
    """Return the content with a few bytes replaced, inserted or cut away."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(content) + 1)
        content = content[:at] + chance.choice(SPICE) + content[at + chance.randint(0, 5) :]
    return content[: chance.randint(1, len(content))] if chance.random() < 0.2 else content


def is_read_or_refused(path: Path, *, is_strict: bool) -> bool:
    try:
        for _ in read(path, symbol="A", is_strict=is_strict):
            pass
    except BadInput as refusal:
        return "\n" not in str(refusal) and str(refusal).startswith(str(path))
    return True


@pytest.mark.parametrize("seed", range(40))
def test_spoiled_csv_is_read_or_refused_in_a_line(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    content = spoiled(chance, "\n".join(LINES).encode())
    path = tmp_path / "spoiled.csv"
    path.write_bytes(content)

    assert is_read_or_refused(path, is_strict=chance.random() < 0.3)


@pytest.mark.parametrize("seed", range(40))
def test_spoiled_gzip_is_read_or_refused_in_a_line(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "spoiled.csv.gz"
    path.write_bytes(spoiled(random.Random(seed), gzip.compress("\n".join(LINES).encode(), mtime=0)))

    assert is_read_or_refused(path, is_strict=False)


@pytest.mark.parametrize("seed", range(20))
def test_spoiled_parquet_is_read_or_refused_in_a_line(
    parquet_file: Callable[..., Path], tmp_path: Path, seed: int
) -> None:
    good = parquet_file("SELECT i AS time, 'A' AS symbol, i / 4 AS last, i AS bid FROM range(500) t(i)")
    path = tmp_path / "spoiled.parquet"
    path.write_bytes(spoiled(random.Random(seed), good.read_bytes()))

    assert is_read_or_refused(path, is_strict=False)
