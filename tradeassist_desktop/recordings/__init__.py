"""Recordings of the market: tick and bar files, read lazily and merged by time."""

from tradeassist_desktop.recordings.merge import merge
from tradeassist_desktop.recordings.recording import Recording, read

__all__ = ["Recording", "merge", "read"]
