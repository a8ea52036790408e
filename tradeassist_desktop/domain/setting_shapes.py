"""What the text of a setting must look like, by the name of its shape."""

import re
from collections.abc import Collection
from typing import Final
from zoneinfo import ZoneInfo

from tradeassist_desktop.domain.durations import parse_duration
from tradeassist_desktop.domain.errors import BadInput, Fault
from tradeassist_desktop.domain.escalation import OFF, parse_escalation
from tradeassist_desktop.domain.rotation_policy import parse_policy

_SHAPES: Final = {
    "url": re.compile(r"https?://[\w.\-\[\]:]+(/[\w.~/\-]*)?"),
    "websocket": re.compile(r"wss?://[\w.\-\[\]:]+(/[\w.~/\-]*)?"),
    "host:port": re.compile(r"[\w.\-]+:[0-9]{1,5}"),
    "project": re.compile(r"([a-z0-9.\-]+:)?[a-z0-9\-]{4,63}"),
    "region": re.compile(r"[a-z]+(-[a-z]+)+[0-9]+"),
    "prefix": re.compile(r"[A-Za-z0-9_\-]{0,100}"),
    "callback": re.compile(r"https://127\.0\.0\.1(:[1-9][0-9]{0,4})?(/[\w.~/\-]*)?", re.ASCII),
    "host": re.compile(r"[A-Za-z0-9.\-]{1,253}|[0-9a-fA-F:.]{2,45}"),
    "address": re.compile(
        r"(?=.{3,254}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+)*"
        r"@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)*"
    ),
    "origin": re.compile(r"https?://(?:[A-Za-z0-9.\-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(:[0-9]{1,5})?"),
    "shortcut": re.compile(r"[a-z0-9_]+\.[a-z0-9\-]+=[!-+\--~ ]{0,60}"),
    "schedule": re.compile(r"off|rth|eth|[0-2]\d:[0-5]\d-[0-2]\d:[0-5]\d [\w+/\-]+"),
    # Whole paths only: the program may be started in any folder.
    "tone": re.compile(r"low|normal|high|urgent|(/|~/|[A-Za-z]:[\\/])[^\x00-\x1f]*\.[Ww][Aa][Vv]"),
    "quiet": re.compile(r"off|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d [\w+/\-]+", re.ASCII),
}
_EXAMPLES: Final = {
    "url": "an address such as http://127.0.0.1:8080",
    "websocket": "an address such as ws://127.0.0.1:8080",
    "host:port": "a host and port such as 127.0.0.1:8080",
    "project": "a project's id such as my-desk-123456",
    "region": "a region such as europe-west3",
    "prefix": "letters, digits, - and _",
    "callback": "an address of this computer such as https://127.0.0.1:8182",
    "host": "the name of a computer such as smtp.example.com",
    "address": "an e-mail address such as desk@example.com",
    "origin": "an address without a path such as http://192.168.1.20:8123",
    "shortcut": "a command and its keys such as window.new-rule=Ctrl+N",
    "schedule": "off, rth, eth or hours such as 09:30-11:00 America/New_York",
    "tone": "low, normal, high, urgent or the whole path of a .wav file",
    "quiet": "off or hours such as 22:00-07:00 America/New_York",
}


def check_shape(shape: str, text: str, channels: Collection[str]) -> None:
    """Refuse a text that is not of a shape.

    Args:
        channels: Names of channels there are.

    Raises:
        BadInput: it is not; the faults' place is empty.
    """
    if shape in _SHAPES and not _SHAPES[shape].fullmatch(text):
        raise BadInput([Fault(place="", message=f"expected {_EXAMPLES[shape]}, found {text!r}")])
    try:
        if shape == "escalation":
            parse_escalation(text, channels)
        elif shape == "interval" and text != OFF:
            parse_duration(text)
        elif shape == "rotation":
            parse_policy(text)
        elif shape == "quiet" and text != OFF:
            _check_quiet_hours(text)
    except ValueError as error:
        raise BadInput([Fault(place="", message=str(error))]) from None


def _check_quiet_hours(text: str) -> None:
    hours, _, zone = text.partition(" ")
    opens, _, closes = hours.partition("-")
    if opens == closes:
        raise ValueError(f"{hours} ends when it begins: it would be quiet for ever")
    try:
        ZoneInfo(zone)
    except (OSError, KeyError, ValueError):
        raise ValueError(f"expected a time zone such as America/New_York, found {zone[:40]!r}") from None
