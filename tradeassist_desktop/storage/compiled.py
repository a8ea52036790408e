"""Statements of the alert's way to the disk, compiled once: composing each anew cost a third of a commit."""

from collections.abc import Sequence

from sqlalchemy import Insert
from sqlalchemy.dialects import sqlite


def text_of(statement: Insert, columns: Sequence[str]) -> str:
    """Return an insert of these columns as the driver takes it, values in their order."""
    compiled = statement.compile(dialect=sqlite.dialect(), column_keys=columns)
    assert compiled.positiontup == list(columns)
    return str(compiled)
