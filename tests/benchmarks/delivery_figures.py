"""What the figures of deliveries cost on a database of 100,000 deliveries: ms for each span.

Run it as ``python tests/benchmarks/delivery_figures.py``. ``longest`` is the longest single read: that
long an alert that fires meanwhile waits for its commit, and the bar is for it. Both are of time on a core
(the storage thread's own clock) in the best round: whatever else the machine does only adds to it.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import Connection

from tradeassist_desktop.domain.alerts import Alert, AlertStatus, Priority
from tradeassist_desktop.domain.channel_names import CHANNEL_NAMES
from tradeassist_desktop.domain.delivery import Attempt, AttemptOutcome, Delivery, DeliveryState, Muting
from tradeassist_desktop.domain.delivery_figures import Span
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.delivery_figures import DeliveryFigures
from tradeassist_desktop.storage import attempts, outbox
from tradeassist_desktop.storage.database import Database

BAR_MS: Final = 50.0
SECONDS_APART: Final = 300
"""A hundred thousand deliveries to six channels are some 58 days of an alert every five minutes."""
STATES: Final = (
    (DeliveryState.DELIVERED, AttemptOutcome.DELIVERED, 90),
    (DeliveryState.SUPPRESSED, None, 5),
    (DeliveryState.UNCERTAIN, AttemptOutcome.UNCERTAIN, 2),
    (DeliveryState.DEAD, AttemptOutcome.REFUSED, 2),
    (DeliveryState.EXPIRED, None, 1),
)
T = TypeVar("T")


class TimedDatabase(Database):
    """Notes how long each read takes in the storage thread."""

    def __init__(self, *, path: Path) -> None:
        super().__init__(path=path)
        self.reads_ms: list[float] = []

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` and note its time."""

        def timed(connection: Connection) -> T:
            started_ns = time.thread_time_ns()
            try:
                return work(connection)
            finally:
                self.reads_ms.append((time.thread_time_ns() - started_ns) / 1e6)

        return await super().read(timed)


async def fill(database: Database, count: int) -> None:
    """Put ``count`` deliveries, with their alerts and attempts, into the database."""
    chance = random.Random(7)
    states = [(state, outcome) for state, outcome, _ in STATES]
    weights = [weight for _, _, weight in STATES]
    total = count // len(CHANNEL_NAMES)
    first_ns = time.time_ns() - total * SECONDS_APART * 1_000_000_000
    batch: list[tuple[Alert, list[Delivery]]] = []
    tries: list[Attempt] = []
    for number in range(total):
        decided_ns = first_ns + number * SECONDS_APART * 1_000_000_000
        alert = _alert(f"{chance.getrandbits(128):032x}", number, decided_ns)
        made: list[Delivery] = []
        for channel in CHANNEL_NAMES:
            state, outcome = chance.choices(states, weights)[0]
            ended_ns = decided_ns + round(chance.lognormvariate(0, 1) * 50e6)
            muting = Muting.QUIET_HOURS if state is DeliveryState.SUPPRESSED else None
            delivery = Delivery(
                alert.id,
                channel,
                state=state,
                attempts=1,
                finished_ns=ended_ns,
                created_ns=decided_ns,
                muting=muting,
            )
            made.append(delivery)
            if outcome is not None:
                words = f"server said {500 + chance.randrange(5)}"
                tries.append(Attempt(delivery.key, 1, decided_ns + number % 7, ended_ns, outcome, words))
        batch.append((alert, made))
    await database.run(lambda connection: outbox.raise_alerts(connection, batch, {}, committed_ns=1))
    await database.run(lambda connection: attempts.put(connection, tries))


def _alert(alert_id: str, number: int, decided_ns: int) -> Alert:
    return Alert(
        id=alert_id,
        rule_uid="rule",
        rule_name="ES breaks out",
        symbol="/ES",
        sequence=number,
        priority=Priority.HIGH,
        status=AlertStatus.FIRED,
        event_ns=decided_ns,
        value=5530.0,
        message="/ES last crosses above 5530",
        condition="last crosses above 5530",
        evaluated_ns=decided_ns,
    )


async def measure(count: int, rounds: int) -> int:
    """Print a line for each span; return 1 where a single read takes longer than the bar."""
    with tempfile.TemporaryDirectory() as folder:
        database = TimedDatabase(path=Path(folder) / "desk.db")
        await database.start()
        await fill(database, count)
        figures = DeliveryFigures(database=database, clock=SystemClock(), lanes=lambda: ())
        print(f"{count:,} deliveries\n{'span':8} {'sent':>8} {'all reads, ms':>14} {'longest, ms':>12}")
        longest_ms = 0.0
        for span in Span:
            best: list[float] = []
            sent = 0
            for _ in range(rounds):
                database.reads_ms = []
                report = await figures.report(span)
                sent = sum(channel.sent for channel in report.channels)
                if not best or sum(database.reads_ms) < sum(best):
                    best = database.reads_ms
            longest_ms = max(longest_ms, *best)
            print(f"{span.value:8} {sent:8,} {sum(best):14.1f} {max(best):12.1f}")
        await database.stop()
    is_within = longest_ms < BAR_MS
    print(f"bar {BAR_MS:.0f} ms for the longest{'' if is_within else '  <-- MISSED'}")
    return 0 if is_within else 1


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description="Measure what the figures of deliveries cost.")
    parser.add_argument("--deliveries", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    return asyncio.run(measure(arguments.deliveries, arguments.rounds))


if __name__ == "__main__":
    sys.exit(main())
