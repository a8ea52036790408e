"""Who else is told of an alert that nobody acknowledges, and when: ``2m slack, 5m email``."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.durations import duration_text, parse_duration
from tradeassist_desktop.domain.errors import BadInput, Fault

OFF: Final = "off"
_MOST_STEPS: Final = 10


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One step: ``after_ns`` since the alert was first announced, it is announced on ``channel`` too."""

    after_ns: int
    channel: str

    def __str__(self) -> str:
        return f"{duration_text(self.after_ns)} {self.channel}"


def parse_escalation(text: str, channels: Collection[str]) -> tuple[EscalationStep, ...]:
    """Return the steps of a chain, the earliest first; none for ``off``.

    Args:
        channels: Names there are.

    Raises:
        BadInput: it is not written so; each fault has the column of the step it is about.
    """
    if text.strip() == OFF:
        return ()
    steps: list[EscalationStep] = []
    faults: list[Fault] = []
    column = 1
    for part in text.split(","):
        place = column + len(part) - len(part.lstrip())
        column += len(part) + 1
        try:
            step = _step(part.split(), channels)
            if steps and step.after_ns < steps[-1].after_ns:
                raise ValueError(f"{step} must not come before {steps[-1]}")
            if step in steps:
                raise ValueError(f"{step} is there twice")
            steps.append(step)
        except ValueError as error:
            faults.append(Fault(place="", message=str(error), column=place))
    if len(steps) > _MOST_STEPS:
        faults.append(Fault(place="", message=f"a chain has at most {_MOST_STEPS} steps, found {len(steps)}"))
    if faults:
        raise BadInput(faults)
    return tuple(steps)


def _step(words: list[str], channels: Collection[str]) -> EscalationStep:
    if len(words) != 2:
        found = " ".join(words)
        raise ValueError(f"expected off, or a duration and a channel such as 2m slack, found {found[:40]!r}")
    after, channel = words
    after_ns = parse_duration(after)
    if channel not in channels:
        raise ValueError(f"expected one of {', '.join(channels)}, found {channel[:40]!r}")
    return EscalationStep(after_ns, channel)
