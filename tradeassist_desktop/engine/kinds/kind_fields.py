"""The fields of the five kinds' forms, as plain data."""

from typing import Final

from tradeassist_desktop.engine.kinds.form_fields import FieldType, FormField

_COMPARED: Final = (
    (">", "is above"),
    (">=", "is at or above"),
    ("<", "is below"),
    ("<=", "is at or below"),
)

THRESHOLD_FIELDS: Final = (
    FormField(
        name="operand",
        label="Value",
        type=FieldType.OPERAND,
        default="last",
        help="A field such as last, or an indicator such as rsi(14)[5m]",
    ),
    FormField(
        name="comparator",
        label="Compared",
        type=FieldType.CHOICE,
        default=">",
        choices=(
            *_COMPARED,
            ("==", "is exactly"),
            ("!=", "is not"),
            ("in", "is inside a range"),
            ("outside", "is outside a range"),
        ),
        help="How it is compared with the level",
    ),
    FormField(
        name="level",
        label="Level",
        type=FieldType.LEVEL,
        help="A number in the value's unit, or a percentage such as 2%; the lower bound of a range",
    ),
    FormField(
        name="high",
        label="Upper bound",
        type=FieldType.LEVEL,
        optional=True,
        help="The upper bound, inclusive, for a range only",
    ),
)

CROSSOVER_FIELDS: Final = (
    FormField(
        name="left",
        label="Value",
        type=FieldType.OPERAND,
        default="last",
        help="What crosses: a field such as last, or an indicator such as ema(9)[5m]",
    ),
    FormField(
        name="direction",
        label="Direction",
        type=FieldType.CHOICE,
        default="above",
        choices=(("above", "crosses above"), ("below", "crosses below"), ("either", "crosses either way")),
        help="Which way it crosses",
    ),
    FormField(
        name="right",
        label="Crossed",
        type=FieldType.VALUE,
        help="What is crossed: a number, a field or an indicator such as ema(21)[5m]",
    ),
)

RATE_FIELDS: Final = (
    FormField(
        name="symbol",
        label="Symbol",
        type=FieldType.SYMBOL,
        optional=True,
        help="Another symbol than the rule's own",
    ),
    FormField(
        name="field",
        label="Value",
        type=FieldType.WORD,
        default="last",
        optional=True,
        help="What moves: a tick field such as last; over bars a bar field, the close if empty",
    ),
    FormField(
        name="over",
        label="Over",
        type=FieldType.SPAN,
        default="5m",
        help="A length of time of 1s to 1d, or a number of closed bars such as 3 bars",
    ),
    FormField(
        name="timeframe",
        label="Bars of",
        type=FieldType.TIMEFRAME,
        optional=True,
        help="Length of the bars, where it is over bars; the rule's own if empty",
    ),
    FormField(
        name="comparator",
        label="Compared",
        type=FieldType.CHOICE,
        default=">=",
        choices=_COMPARED,
        help="How the move is compared",
    ),
    FormField(
        name="percent",
        label="Percent",
        type=FieldType.LEVEL,
        default="2%",
        unit="%",
        help="The move in percent; negative for a fall",
    ),
)

VOLUME_FIELDS: Final = (
    FormField(
        name="symbol",
        label="Symbol",
        type=FieldType.SYMBOL,
        optional=True,
        help="Another symbol than the rule's own",
    ),
    FormField(
        name="timeframe",
        label="Bars of",
        type=FieldType.TIMEFRAME,
        default="1m",
        help="Length of the bars",
    ),
    FormField(
        name="comparator",
        label="Compared",
        type=FieldType.CHOICE,
        default=">=",
        choices=((">=", "is at least"), (">", "is above")),
        help="How the volume is compared",
    ),
    FormField(
        name="factor",
        label="Times",
        type=FieldType.NUMBER,
        default="3",
        minimum=0.01,
        maximum=1e6,
        unit="times",
        help="How many times the average",
    ),
    FormField(
        name="bars",
        label="Average of",
        type=FieldType.WHOLE,
        default="20",
        minimum=1,
        maximum=10_000,
        unit="bars",
        help="How many bars are averaged",
    ),
    FormField(
        name="ago",
        label="Average",
        type=FieldType.CHOICE,
        default="1",
        choices=(("1", "of the bars before it"), ("0", "with the bar itself")),
        help="Whether the bar compared is itself part of the average",
    ),
)

MULTI_FIELDS: Final = (
    FormField(
        name="join",
        label="True when",
        type=FieldType.CHOICE,
        default="all",
        choices=(("all", "all conditions are true"), ("any", "any condition is true")),
        help="Whether all conditions must be true, or any one",
    ),
)
