"""Files to read."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """``csv_file("time,last", "0,1")``: a file of these lines; ``name`` ending in .gz packs it."""

    def write(*lines: str, name: str = "data.csv") -> Path:
        content = "".join(f"{line}\n" for line in lines).encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return write


@pytest.fixture
def parquet_file(tmp_path: Path) -> Callable[..., Path]:
    """``parquet_file("SELECT 1 AS time, …")``: the query's rows as a file."""

    def write(query: str, name: str = "data.parquet") -> Path:
        import duckdb

        path = tmp_path / name
        with duckdb.connect(":memory:") as connection:
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        return path

    return write
