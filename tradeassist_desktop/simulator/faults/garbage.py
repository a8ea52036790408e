"""Frames that no client should trip over."""

import json
import zlib
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import WSMsgType

from tradeassist_desktop.simulator.streamer_rules import FrameKind

DEPTH: Final = 100_000
DIGITS: Final = 5_000
_MIB: Final = 1024 * 1024
BIG: Final = 3 * _MIB
_FRAGMENTS: Final = 100_000
_BOMB_MIB: Final = 200


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
    "deep_nesting": lambda: _data("[" * DEPTH + "]" * DEPTH),
    "long_integer": lambda: _data('[{"key":"AAPL","3":' + "9" * DIGITS + "}]"),
    "duplicate_keys": lambda: _data('[{"key":"AAPL","3":1.5,"3":2.5,"key":"MSFT"}]'),
    "wrong_types": lambda: _data('[{"key":7,"3":"216.75","8":null,"32":5},"AAPL",null]'),
    "negative": lambda: _data('[{"key":"AAPL","1":-1,"2":0,"3":-216.75,"9":-100}]'),
    "unknown_service": lambda: _data('[{"key":"AAPL","1":1}]', "NEWS_HEADLINE"),
    "missing_content": lambda: b'{"data":[{"service":"LEVELONE_EQUITIES","timestamp":1,"command":"SUBS"}]}',
    "missing_key": lambda: _data('[{"3":216.75}]'),
    "unknown_frame": lambda: b'{"snapshot":[{"service":"LEVELONE_EQUITIES"}]}',
    "no_object": lambda: b'["data"]',
    "empty": lambda: b"",
    "big": lambda: _data(json.dumps([{"key": "AAPL", "15": "x" * BIG}])),
    "binary": lambda: b"\x00\x01\x02\xff",
}
"""Makes the bytes of one frame of Schwab's, by what is wrong with them."""


def _fragments() -> bytes:
    """Return a text of a hundred thousand spaces, each a fragment of its own."""
    first, middle, last = b"\x01\x01 ", b"\x00\x01 ", b"\x80\x01 "
    return first + middle * (_FRAGMENTS - 2) + last


def _flipped_bits() -> bytes:
    """Return a frame whose head has a reserved bit and an opcode there is not."""
    return b"\xab\x02{}"


def _deflate_bomb() -> bytes:
    """Return a compressed text of 200 MiB in about 200 KiB, though no compression was agreed on."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(bytes(_MIB)) for _ in range(_BOMB_MIB))
    packed += packer.flush(zlib.Z_SYNC_FLUSH)
    return b"\xc1\x7f" + len(packed).to_bytes(8, "big") + packed


WIRE_GARBAGE: Final[Mapping[str, Callable[[], bytes]]] = {
    "fragments": _fragments,
    "flipped_bits": _flipped_bits,
    "deflate_bomb": _deflate_bomb,
}
"""Makes bytes that are wrong below the frames: framing, head bits, compression."""


def kind_of(name: str) -> FrameKind:
    """Return as what a frame of ``GARBAGE`` is sent: text, but for the one that is not."""
    return WSMsgType.BINARY if name == "binary" else WSMsgType.TEXT
