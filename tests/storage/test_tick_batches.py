import msgspec

from tradeassist_desktop.domain.market import NS_PER_SECOND, Tick
from tradeassist_desktop.storage.tick_batches import TickBatch

MINUTE_NS = 60 * NS_PER_SECOND


def at(event_ns: int) -> Tick:
    return Tick("AAPL", event_ns, 7, last=1.5, trade_ns=event_ns)


def unpacked(batch: TickBatch) -> list[Tick]:
    return msgspec.msgpack.decode(batch.updates, type=list[Tick])


def test_a_batch_has_its_updates_as_they_came_and_knows_its_span() -> None:
    batch = TickBatch(at(20))

    taken = [batch.take(at(30)), batch.take(at(10)), batch.take(at(20))]

    assert taken == [True, True, True]
    assert unpacked(batch) == [at(20), at(30), at(10), at(20)]
    assert (batch.symbol, batch.first_ns, batch.last_ns, len(batch)) == ("AAPL", 10, 30, 4)


def test_a_batch_takes_nothing_that_is_more_than_a_minute_from_what_it_has() -> None:
    batch = TickBatch(at(2 * MINUTE_NS))

    taken = [batch.take(at(event_ns)) for event_ns in (3 * MINUTE_NS, 3 * MINUTE_NS + 1, 2 * MINUTE_NS - 1)]

    assert taken == [True, False, False]
    assert unpacked(batch) == [at(2 * MINUTE_NS), at(3 * MINUTE_NS)]


def test_a_batch_is_full_before_writing_it_takes_long() -> None:
    batch = TickBatch(at(0))

    taken = sum(batch.take(at(event_ns)) for event_ns in range(1, 5_000))

    assert taken == 1_999
    assert unpacked(batch) == [at(event_ns) for event_ns in range(2_000)]
