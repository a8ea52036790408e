"""Rows 83 to 85: hostile frames, floods and values, for real; each test is named for its row."""

import json
import socket
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.feeds.conftest import RecordingSink
from tests.feeds.raw_streamer import CONTINUATION, RawStreamer, raw_frame, raw_streamer
from tests.feeds.scripted_schwab import ScriptedSchwab, live, quote, scripted_desk
from tests.memory import MEGABYTE, memory_growth
from tradeassist_desktop.domain.market import Tick

Until = Callable[..., Any]
Opener = Callable[..., Any]


class CountingSink(RecordingSink):
    """Counts ticks instead of keeping them, and takes its time over each frame."""

    def __init__(self, *, slow_s: float = 0.0) -> None:
        super().__init__()
        self._slow_s = slow_s
        self.count = 0

    def on_ticks(self, ticks: Any) -> None:
        time.sleep(self._slow_s)
        self.count += len(ticks)


def in_fragments(payload: bytes, size: int) -> bytes:
    pieces = [payload[start : start + size] for start in range(0, len(payload), size)]
    last = len(pieces) - 1
    return b"".join(
        raw_frame(piece, opcode=CONTINUATION if number else 1, is_last=number == last)
        for number, piece in enumerate(pieces)
    )


def bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    packed = b"".join(packer.compress(b" " * MEGABYTE) for _ in range(megabytes)) + packer.flush()
    return raw_frame(packed, is_compressed=True)


def flipped(content: bytes) -> bytes:
    # The first byte's reserved bits and the second's mask bit are not a server's to set.
    return bytes((content[0] ^ 0x30, content[1] ^ 0x80)) + content[2:]


def sound(number: int) -> bytes:
    return raw_frame(quote("AAPL", 100.0 + number).encode())


@pytest.mark.parametrize(
    ("hostile", "extensions", "is_cut"),
    [
        pytest.param(raw_frame(b" " * 3 * MEGABYTE), "", True, id="a frame of 3 MB"),
        pytest.param(bomb(200), "permessage-deflate", True, id="200 MB deflated, though none was offered"),
        pytest.param(in_fragments(b"x" * 100_000, 1), "", False, id="100,000 fragments"),
        pytest.param(in_fragments(b"x" * 3 * MEGABYTE, 1000), "", True, id="3 MB in fragments"),
        pytest.param(raw_frame(b'{"data": "\xff\xfe"}'), "", False, id="no UTF-8"),
        pytest.param(flipped(sound(0)), "", True, id="flipped bits"),
    ],
)
async def test_row_83_a_hostile_frame_is_counted_and_costs_little_memory(
    until: Until, hostile: bytes, extensions: str, is_cut: bool
) -> None:
    def script(server: RawStreamer, line: socket.socket) -> None:
        if server.connects == 1:
            server.send(line, sound(1))
            server.send(line, hostile)
        server.send(line, sound(2))
        while line.recv(4096):
            pass

    with raw_streamer(script, extensions=extensions) as server, memory_growth() as growth:
        async with scripted_desk(ScriptedSchwab(), stream_url=lambda _: server.url) as desk:
            await until(lambda: desk.sink.ticks and desk.sink.ticks[-1].last == 102.0)

            assert max(status.bad_frames for status in desk.sink.statuses) == 1, desk.sink.statuses
            assert (server.connects == 2) == is_cut

    assert growth.bytes < 50 * MEGABYTE


async def test_row_83_a_flood_is_held_back_by_tcp_while_we_are_slow(until: Until) -> None:
    frame = raw_frame(
        json.dumps(
            {
                "data": [
                    {
                        "service": "LEVELONE_EQUITIES",
                        "content": [{"key": "AAPL", "3": 1.5, "8": number} for number in range(1000)],
                    }
                ]
            }
        ).encode()
    )

    def flood(server: RawStreamer, line: socket.socket) -> None:
        while True:
            server.send(line, frame)

    sink = CountingSink(slow_s=0.02)
    with raw_streamer(flood) as server, memory_growth() as growth:
        async with scripted_desk(ScriptedSchwab(), stream_url=lambda _: server.url, sink=sink):
            await until(lambda: sink.count >= 50_000, timeout=20.0)
            waiting = server.sent_bytes - sink.count // 1000 * len(frame)

    assert waiting < 16 * MEGABYTE  # what the two kernels' buffers hold, and a few frames
    assert growth.bytes < 50 * MEGABYTE


NASTY = {
    "NaN": b'{"data":[{"service":"LEVELONE_EQUITIES","content":[{"key":"X","3":NaN}]}]}',
    "Infinity": b'{"data":[{"service":"LEVELONE_EQUITIES","content":[{"key":"X","3":Infinity}]}]}',
    "1e999": b'{"data":[{"service":"LEVELONE_EQUITIES","content":[{"key":"X","3":1e999}]}]}',
    "nested": b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "long": b'{"data":[{"service":"LEVELONE_EQUITIES","content":[{"key":"X","3":' + b"7" * 5000 + b"}]}]}",
    "types": b'{"data":[{"service":"LEVELONE_EQUITIES","content":[{"key":7,"3":"x"}]}]}',
    "content": b'{"data":[{"service":"LEVELONE_EQUITIES","content":{}}]}',
    "text": b"hello",
    "empty": b"",
}
HARMLESS = {
    "twice": b'{"data":[{"service":"LEVELONE_EQUITIES","content":[{"key":"X","3":1.0,"3":2.0}]}]}',
    "unknown": b'{"data":[{"service":"NEWS_HEADLINE","content":[{"key":"X","3":true}]}]}',
    "missing": b'{"data":[{"service":"LEVELONE_EQUITIES"}]}',
    "nothing": b"{}",
}


async def test_row_84_json_that_is_none_is_counted_and_the_stream_lives(until: Until) -> None:
    async with scripted_desk(ScriptedSchwab()) as desk:
        await until(live(desk))

        for content in (*NASTY.values(), *HARMLESS.values()):
            await desk.server.sockets[-1].send_bytes(content)
        await desk.server.send(quote("AAPL", 200.0))
        await until(lambda: desk.sink.symbols() >= {"AAPL"})
        await until(lambda: desk.sink.status.bad_frames == len(NASTY))

        assert desk.server.connects == 1
        assert [tick.last for tick in desk.sink.ticks if tick.symbol == "X"] == [2.0]


BAD_VALUES = ['"101.5"', "null", "true", "[]", "1e308", "-1e308", "1e999", "{}"]


@pytest.mark.parametrize("value", BAD_VALUES)
async def test_row_85_a_value_that_is_no_price_is_left_out_and_its_neighbours_come(
    until: Until, value: str
) -> None:
    fields = f'"key":"AAPL","1":{value},"2":{value},"3":{value},"10":99.5'
    frame = f'{{"data":[{{"service":"LEVELONE_EQUITIES","content":[{{{fields}}}]}}]}}'

    async with scripted_desk(ScriptedSchwab()) as desk:
        await until(live(desk))
        await desk.server.send(frame)
        await until(lambda: desk.sink.ticks)

        (tick,) = desk.sink.ticks
        assert (tick.bid, tick.ask, tick.last, tick.high) == (None, None, None, 99.5)


async def test_row_85_a_size_below_zero_never_arrives(until: Until) -> None:
    async with scripted_desk(ScriptedSchwab()) as desk:
        await until(live(desk))
        await desk.server.send(quote("AAPL", 200.0, **{"4": -1, "5": -0.5, "8": -100, "9": -1e9}))
        await until(lambda: desk.sink.ticks)

        (tick,) = desk.sink.ticks
        assert tick == Tick("AAPL", tick.event_ns, tick.received_ns, last=200.0)
