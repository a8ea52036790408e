"""From the last key to "would have fired": a rule over what the desk has kept, asked of another process.

Run it as ``python tests/benchmarks/preview.py``. Minutes of /ES, of 1, 5 and 60 days, are kept in a database
of its own. The baseline, in the same run: the same bars through the same engine within this process, reading
included, with nobody to ask. The difference is what asking another process costs.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tradeassist_desktop.domain.instruments import instrument_of
from tradeassist_desktop.domain.market import NS_PER_SECOND, Bar
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.testing.preview import PreviewAsk, preview
from tradeassist_desktop.services.testing.previews import Previews
from tradeassist_desktop.storage.database import Database
from tradeassist_desktop.storage.stores import MarketStore

LIMIT_MS = 300.0
ROUNDS = 20
MINUTE_NS = 60 * NS_PER_SECOND
NOW_NS = 1_719_979_200 * NS_PER_SECOND  # midnight in New York, 2024-07-03
RULE = Rule(
    uid="r",
    name="it",
    symbols=("/ES",),
    when="close[5m] crosses above ema(20)[5m] and rsi(14)[15m] > 50 or last crosses 5510",
)


def bars(days: int) -> list[Bar]:
    """Return a walk of minutes around the clock, in steps of a quarter."""
    chance = random.Random(5)
    made, price = [], 5500.0
    for start_ns in range(NOW_NS - days * 1440 * MINUTE_NS, NOW_NS, MINUTE_NS):
        before = price
        price += chance.choice((-0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75))
        high, low = max(before, price) + 0.25, min(before, price) - 0.25
        made.append(Bar("/ES", "1m", start_ns, start_ns + MINUTE_NS, before, high, low, price, 10.0))
    return made


async def measure(folder: Path) -> bool:
    """Print the times; return whether a day's is within the limit."""
    database = Database(path=folder / "desk.db")
    await database.start()
    store = MarketStore(database=database, venue="demo")
    await store.keep_bars("/ES", bars(60))
    previews = Previews(
        database=database.path,
        venue_of=store.venue_of,
        instrument=instrument_of,
        event_now_ns=lambda: NOW_NS,
    )
    begun_s = time.perf_counter()
    await previews.look(RULE, by="bench", days=1)
    print(f"first answer, its process started: {1_000 * (time.perf_counter() - begun_s):.0f} ms")
    is_fast = True
    for days in (1, 5, 60):
        here, asked = [], []
        for _ in range(ROUNDS if days < 60 else 3):
            begun_s = time.perf_counter()
            preview(PreviewAsk(RULE, previews.kept(RULE, days=days)))
            here.append(1_000 * (time.perf_counter() - begun_s))
            begun_s = time.perf_counter()
            found = await previews.look(RULE, by="bench", days=days)
            asked.append(1_000 * (time.perf_counter() - begun_s))
        median, worst, base = statistics.median(asked), max(asked), statistics.median(here)
        print(
            f"{days:2} days: {found.read[0].bars:6,} bars, {found.fired:4} firings: median {median:6.1f} ms, "
            f"worst {worst:6.1f} ms; in this process {base:6.1f} ms; ratio {median / base:.2f}"
        )
        is_fast &= days > 1 or worst <= LIMIT_MS
    await previews.close()
    await database.stop()
    return is_fast


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(0 if asyncio.run(measure(Path(folder))) else f"above {LIMIT_MS:.0f} ms")
