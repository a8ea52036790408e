"""Where a rule would have fired, at once on what is kept, and again once a venue has told of earlier days."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.services.backtesting.run import BacktestProgress
from tradeassist_desktop.services.testing.preview import MarketFile, Preview
from tradeassist_desktop.ui.widgets.testing.progress import ProgressLine

if TYPE_CHECKING:
    from tradeassist_desktop.services.desk import Desk


async def looked_back(
    desk: "Desk",
    rule: Rule,
    *,
    by: object,
    days: int,
    file: MarketFile | None,
    progress: ProgressLine,
) -> AsyncGenerator[Preview]:
    """Yield what is found, once or twice; the line says how far it is, and is left as it ends.

    Whoever cancels it ends the line himself: another look may have begun by then.

    Raises:
        TradeAssistError: as ``Previews.look``.
    """
    words = "Looking at the file" if file is not None else "Looking at the past"

    def on_progress(run: BacktestProgress) -> None:
        progress.say(words, run.share)

    previews = desk.previews
    try:
        progress.begin(words)
        found = await previews.look(rule, by=by, days=days, file=file, on_progress=on_progress)
        progress.end()
        yield found
        if file is not None or previews.recording is not None:
            return
        fetching = "Asking for earlier days"
        progress.begin(fetching)
        is_more = await desk.older_days.fetch(
            found, days=days, on_progress=lambda share: progress.say(fetching, share)
        )
        if is_more:
            found = await previews.look(rule, by=by, days=days, on_progress=on_progress)
        progress.end()
        if is_more:
            yield found
    except TradeAssistError:
        progress.end()
        raise
