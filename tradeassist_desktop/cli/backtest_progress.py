"""How far a backtest has come: in place on a terminal, else a line now and then."""

import time
from typing import Final, TextIO

from tradeassist_desktop.recordings.alert_lines import utc_text
from tradeassist_desktop.services.backtesting.run import BacktestProgress

_SECONDS_ON_TERMINAL: Final = 0.5
_SECONDS: Final = 5.0


class ProgressLine:
    """Shows progress on a stream, not too often."""

    def __init__(self, *, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._every_s = _SECONDS_ON_TERMINAL if self._is_terminal else _SECONDS
        self._due_s = time.monotonic() + self._every_s
        self._is_shown = False

    def show(self, progress: BacktestProgress) -> None:
        """Show how far it is, if the last time is long enough ago."""
        now_s = time.monotonic()
        if now_s < self._due_s:
            return
        self._due_s = now_s + self._every_s
        text = f"{progress.events:,} events, at {utc_text(progress.event_ns)}"
        if progress.share is not None:
            text += f", {progress.share:.0%} read"
        self._stream.write(f"\r\x1b[K{text}" if self._is_terminal else f"{text}\n")
        self._stream.flush()
        self._is_shown = True

    def end(self) -> None:
        """Clear the line on a terminal."""
        if self._is_shown and self._is_terminal:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
