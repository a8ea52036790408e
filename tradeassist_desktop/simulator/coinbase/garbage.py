"""Frames that no client of Coinbase should trip over."""

from collections.abc import Callable, Mapping
from typing import Final

from tradeassist_desktop.simulator.faults.garbage import BIG, DEPTH, DIGITS


def _ticker(price: str, more: str = "", product: str = '"BTC-USD"') -> bytes:
    return f'{{"type":"ticker","product_id":{product},"price":{price}{more}}}'.encode()


COINBASE_GARBAGE: Final[Mapping[str, Callable[[], bytes]]] = {
    "bad_utf8": lambda: b'{"type":"\xff\xfe"}',
    "not_json": lambda: b'{"type":"ticker","product_id":"BTC-USD","price":',
    "nan": lambda: _ticker('"NaN"', ',"best_bid":"NaN"'),
    "infinity": lambda: _ticker('"Infinity"', ',"best_bid":"-Infinity"'),
    "overflow": lambda: _ticker('"1e999"'),
    "huge_price": lambda: _ticker('"1e308"'),
    "deep_nesting": lambda: _ticker('"60000"', ',"more":' + "[" * DEPTH + "]" * DEPTH),
    "long_integer": lambda: _ticker('"60000"', ',"trade_id":' + "9" * DIGITS),
    "duplicate_keys": lambda: _ticker('"60000","price":"1"'),
    "wrong_types": lambda: _ticker("[]", product="7"),
    "negative": lambda: _ticker('"-60000"', ',"best_bid":"-1","last_size":"-2"'),
    "bad_stamp": lambda: _ticker('"60000"', ',"time":"yesterday"'),
    "unknown_product": lambda: _ticker('"1"', product='"NOSUCH-USD"'),
    "unknown_kind": lambda: b'{"type":"a_new_kind","product_id":"BTC-USD"}',
    "missing_price": lambda: b'{"type":"ticker","product_id":"BTC-USD"}',
    "missing_kind": lambda: b'{"product_id":"BTC-USD","price":"60000"}',
    "no_object": lambda: b'["ticker"]',
    "empty": lambda: b"",
    "big": lambda: _ticker('"60000"', ',"more":"' + "x" * BIG + '"'),
    "binary": lambda: b"\x00\x01\x02\xff",
}
"""Makes the bytes of one frame, by what is wrong with them."""
