"""Logging: JSON lines in a bounded file, short lines for people, reports of crashes, and no secret in any."""

from tradeassist_desktop.logs.crashes import CrashReports
from tradeassist_desktop.logs.lines import JsonLines, LinesForPeople, printable
from tradeassist_desktop.logs.mask import SecretMask
from tradeassist_desktop.logs.native_crashes import native_crashes_told
from tradeassist_desktop.logs.starting import file_in_use, quieten_libraries, start
from tradeassist_desktop.logs.strays import catch_strays

__all__ = [
    "CrashReports",
    "JsonLines",
    "LinesForPeople",
    "SecretMask",
    "catch_strays",
    "file_in_use",
    "native_crashes_told",
    "printable",
    "quieten_libraries",
    "start",
]
