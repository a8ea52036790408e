"""Updates gathered as the desk gathers them."""

from collections.abc import Sequence

from tradeassist_desktop.domain.market import Tick
from tradeassist_desktop.storage.tick_batches import TickBatch


def batches_of(ticks: Sequence[Tick]) -> list[TickBatch]:
    """Return what is kept together, by symbol, the oldest first."""
    made: list[TickBatch] = []
    newest: dict[str, TickBatch] = {}
    for tick in ticks:
        batch = newest.get(tick.symbol)
        if batch is None or not batch.take(tick):
            newest[tick.symbol] = batch = TickBatch(tick)
            made.append(batch)
    return made
