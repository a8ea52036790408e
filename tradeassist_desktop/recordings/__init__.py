"""Recordings of the market: tick and bar files, read lazily, merged by time, written live."""

from tradeassist_desktop.recordings.merge import merge
from tradeassist_desktop.recordings.recording import Recording, read
from tradeassist_desktop.recordings.writer import RecordingWriter

__all__ = ["Recording", "RecordingWriter", "merge", "read"]
