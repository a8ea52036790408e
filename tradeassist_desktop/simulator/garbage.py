"""Frames that no client should trip over."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import WSMsgType

from tradeassist_desktop.simulator.connection import FrameKind

_DEPTH: Final = 100_000
_DIGITS: Final = 5_000
_BIG: Final = 3 * 1024 * 1024


def _data(items: str, service: str = "LEVELONE_EQUITIES") -> bytes:
    frame = f'{{"data":[{{"service":"{service}", "timestamp":1,"command":"SUBS","content":{items}}}]}}'
    return frame.encode()


GARBAGE: Final[Mapping[str, Callable[[], bytes]]] = {
    "bad_utf8": lambda: b'{"data":[{"service":"\xff\xfe"}]}',
    "not_json": lambda: b'{"data":[{"service":"LEVELONE_EQUITIES","content":[{"key":"AAPL","3":',
    "nan": lambda: _data('[{"key":"AAPL","1":NaN,"3":NaN}]'),
    "infinity": lambda: _data('[{"key":"AAPL","1":-Infinity,"3":Infinity}]'),
    "overflow": lambda: _data('[{"key":"AAPL","3":1e999}]'),
    "huge_price": lambda: _data('[{"key":"AAPL","3":1e308}]'),
    "deep_nesting": lambda: _data("[" * _DEPTH + "]" * _DEPTH),
    "long_integer": lambda: _data('[{"key":"AAPL","3":' + "9" * _DIGITS + "}]"),
    "duplicate_keys": lambda: _data('[{"key":"AAPL","3":1.5,"3":2.5,"key":"MSFT"}]'),
    "wrong_types": lambda: _data('[{"key":7,"3":"216.75","8":null,"32":5},"AAPL",null]'),
    "negative": lambda: _data('[{"key":"AAPL","1":-1,"2":0,"3":-216.75,"9":-100}]'),
    "unknown_service": lambda: _data('[{"key":"AAPL","1":1}]', "NEWS_HEADLINE"),
    "missing_content": lambda: b'{"data":[{"service":"LEVELONE_EQUITIES","timestamp":1,"command":"SUBS"}]}',
    "missing_key": lambda: _data('[{"3":216.75}]'),
    "unknown_frame": lambda: b'{"snapshot":[{"service":"LEVELONE_EQUITIES"}]}',
    "no_object": lambda: b'["data"]',
    "empty": lambda: b"",
    "big": lambda: _data(json.dumps([{"key": "AAPL", "15": "x" * _BIG}])),
    "binary": lambda: b"\x00\x01\x02\xff",
}
"""Makes the bytes of one frame, by what is wrong with them."""


def kind_of(name: str) -> FrameKind:
    """Return as what a frame of ``GARBAGE`` is sent: text, but for the one that is not."""
    return WSMsgType.BINARY if name == "binary" else WSMsgType.TEXT
