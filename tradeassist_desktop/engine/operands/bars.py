"""Fields of the last closed bar."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tradeassist_desktop.domain.market import Bar
from tradeassist_desktop.engine.conditions import Argument
from tradeassist_desktop.engine.operands.specification import (
    BAR_FIELDS,
    BarOperand,
    Form,
    OperandSpec,
    SessionStarts,
    Unit,
)

FIELD_INDEX: Final = {name: Bar._fields.index(name) for name in BAR_FIELDS}
"""Where a bar keeps each field."""


class BarField:
    """One field of each closed bar."""

    __slots__ = ("_index",)

    def __init__(self, *, field: str) -> None:
        self._index = FIELD_INDEX[field]

    def update(self, bar: Bar) -> float | None:
        """Return the bar's field."""
        value = bar[self._index]
        assert isinstance(value, float | int)
        return value

    def update_all(self, bars: Sequence[Bar]) -> list[float | None]:
        """Return the field of each bar."""
        return [self.update(bar) for bar in bars]

    def peek(self, bar: Bar) -> float | None:
        """Return the bar's field."""
        return self.update(bar)


def _make(field: str) -> Callable[[Mapping[str, Argument], SessionStarts], BarOperand]:
    return lambda arguments, sessions: BarField(field=field)


BARS: Final = tuple(
    OperandSpec(
        name=name,
        form=Form.BAR,
        unit=Unit.SIZE if name == "volume" else Unit.PRICE,
        doc=f"{name.capitalize()} of the last closed bar",
        group="Bar fields",
        make=_make(name),
    )
    for name in BAR_FIELDS
)
