"""Conditions and rule files by the seed: right ones, nearly right ones, and noise."""

import json
import random
from typing import Any, Final

from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.engine.operands import OPERANDS
from tradeassist_desktop.engine.operands.specification import (
    BAR_FIELDS,
    Average,
    Factor,
    Form,
    Length,
    OperandSpec,
    Parameter,
    Period,
    Source,
)
from tradeassist_desktop.engine.rulefiles.rule_entry import FIELDS

KEYWORDS: Final = (
    "and", "or", "not", "crosses", "above", "below", "in", "outside", "enters", "exits", "touches", "ago",
    "then", "within", "AND", "Crosses",
)  # fmt: skip
MARKS: Final = (
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "..",
    "%",
    '"',
    "+",
    "-",
    "*",
    "/",
    ">",
    ">=",
    "==",
    "$",
    " ",
    "\n",
)
SYMBOLS: Final = ("/ES.", "$VIX.", "AAPL.", '"BRK.B".', '"a b".', "aroon.", "x1.", '"".', "ES..")
NUMBERS: Final = (
    "0", "1", "5530.25", "1e3", "1e999", "9" * 40, "0.1", "00", "1.", "1e-7", "2147483648", "1_000", "١",
    "0.0068962565095627365",
)  # fmt: skip
DURATIONS: Final = ("1s", "5m", "7m", "1d", "900ms", "0s", "99999999d", "1h", "5M", "1w")
ODD: Final = "\0\x1b\x7f\x85\u00a0\u2028\u202e\u0660éß²Ⅷ\ud800\U0001f680'`;{}\\#@!~|&^<>="
WORDS: Final = tuple(spec.name for spec in OPERANDS)
TICK_FIELDS: Final = tuple(spec.name for spec in OPERANDS if spec.form is Form.FIELD)
STEPS_DEEPEST: Final = 6


class Generator:
    """Draws texts and files; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    # --- conditions

    def condition(self) -> str:
        """Return a condition, or what somebody might take for one."""
        make = self._chance.choices(
            (self._valid, self._mutated, self._soup, self._noise, self._repeated), weights=(4, 5, 3, 1, 1)
        )[0]
        return make()

    def _valid(self) -> str:
        return self._logic(0)

    def _logic(self, depth: int) -> str:
        chance = self._chance
        if depth >= STEPS_DEEPEST or chance.random() < 0.55:
            return self._leaf()
        parts = [self._logic(depth + 1) for _ in range(chance.randint(2, 3))]
        shape = chance.choice(("and", "or", "not", "()", "then"))
        if shape == "not":
            return f"not ({parts[0]})" if chance.random() < 0.7 else f"not {parts[0]}"
        if shape == "()":
            return f"({parts[0]})"
        if shape == "then":
            return f"({' then '.join(parts)}) within {chance.choice(DURATIONS)}"
        return f" {shape} ".join(parts)

    def _leaf(self) -> str:
        left, right = self._operand(), self._chance.choice(NUMBERS[:3])
        if self._chance.random() < 0.5:
            left, right = self._value(0), self._value(0)
        verb = self._chance.choice(
            (
                ">",
                ">=",
                "<",
                "<=",
                "==",
                "!=",
                "crosses",
                "crosses above",
                "crosses below",
                "touches",
                "range",
            )
        )
        if verb != "range":
            return f"{left} {verb} {right}"
        return f"{left} {self._chance.choice(('in', 'outside', 'enters', 'exits'))} {right}..{self._value(0)}"

    def _value(self, depth: int) -> str:
        chance = self._chance
        kind = chance.random()
        if kind < 0.3:
            return chance.choice((*NUMBERS[:7], NUMBERS[-1])) + chance.choice(("", "", "%"))
        if kind < 0.8 or depth >= STEPS_DEEPEST:
            return self._operand()
        if kind < 0.85:
            return f"-{self._value(depth + 1)}"
        joined = f"{self._value(depth + 1)} {chance.choice('+-*/')} {self._value(depth + 1)}"
        return f"({joined})" if chance.random() < 0.5 else joined

    def _operand(self) -> str:
        chance = self._chance
        spec = chance.choice(OPERANDS)
        symbol = chance.choice(SYMBOLS[:5]) if chance.random() < 0.25 else ""
        text = f"{symbol}{spec.name}"
        if spec.form in (Form.SERIES, Form.HISTORY):
            text += f"({', '.join(self._arguments(spec))})"
        if spec.form in (Form.SERIES, Form.BAR) and chance.random() < 0.8:
            text += f"[{chance.choice(tuple(TIMEFRAMES))}]"
        if spec.form in (Form.SERIES, Form.BAR) and chance.random() < 0.2:
            text += f" {chance.choice((1, 2, 20, 10_000, 10_001))} ago"
        return text

    def _arguments(self, spec: OperandSpec) -> list[str]:
        parameters = list(spec.parameters)
        if self._chance.random() < 0.3:
            parameters = parameters[: self._chance.randint(0, len(parameters))]
        return [self._argument(parameter) for parameter in parameters]

    def _argument(self, parameter: Parameter) -> str:
        chance = self._chance
        if chance.random() < 0.1:
            return chance.choice((*NUMBERS, *DURATIONS, *BAR_FIELDS, "-1"))
        if isinstance(parameter, Period):
            return str(chance.choice((parameter.minimum, parameter.maximum, 5, 14)))
        if isinstance(parameter, Factor):
            return f"{chance.uniform(-1, 5):.3f}"
        if isinstance(parameter, Average):
            return str(chance.randint(0, 14))
        if isinstance(parameter, Source):
            return chance.choice(BAR_FIELDS)
        return chance.choice(DURATIONS) if isinstance(parameter, Length) else chance.choice(TICK_FIELDS)

    def _soup(self) -> str:
        tables = (KEYWORDS, MARKS, SYMBOLS, NUMBERS, DURATIONS, WORDS)
        chance = self._chance
        count = chance.randint(0, 25)
        gap = chance.choice(("", " "))
        return gap.join(chance.choice(chance.choice(tables)) for _ in range(count))

    def _noise(self) -> str:
        chance = self._chance
        letters = chance.choice((ODD, "abc (.)19", "".join(MARKS), ODD + "last>1 "))
        return "".join(chance.choice(letters) for _ in range(chance.randint(0, 80)))

    def _repeated(self) -> str:
        chance = self._chance
        piece = chance.choice((*MARKS, *KEYWORDS, "not ", "-", "+1", "last > 1 or ", "(last", "9", "a.", '"'))
        head, tail = chance.choice(("", "last > ", "(")), chance.choice(("", "last > 1", ") > 1"))
        return (head + piece * chance.choice((3, 40, 60, 300, 4_100)))[:4_200] + tail

    def _mutated(self) -> str:
        text = self._valid()
        for _ in range(self._chance.randint(1, 3)):
            text = self._mutate(text)
        return text

    def _mutate(self, text: str) -> str:
        chance = self._chance
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.randint(0, 6))
        piece = chance.choice(
            (
                "",
                text[start:end] * 2,
                chance.choice(ODD),
                chance.choice(MARKS),
                f" {chance.choice((*KEYWORDS, *WORDS, *NUMBERS, *DURATIONS))} ",
            )
        )
        return text[:start] + piece + text[end:]

    # --- files

    def file(self) -> bytes:
        """Return a rule file, or what somebody might take for one."""
        chance = self._chance
        rules = [self._entry() for _ in range(chance.randint(0, 4))]
        document: Any = {"format": "tradeassist-rules", "version": 1, "rules": rules}
        if chance.random() < 0.1:
            document[chance.choice(("format", "version", "rules", "more"))] = self._json(0)
        content = json.dumps(document, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
        if chance.random() < 0.5:
            return content
        for _ in range(chance.randint(1, 4)):
            content = self._mutate_bytes(content)
        return content

    def _entry(self) -> Any:
        chance = self._chance
        if chance.random() < 0.03:
            return self._json(0)
        entry: dict[str, Any] = {
            "name": f"rule {chance.randint(0, 30)}",
            "symbol": chance.choice(("/ES", ["AAPL", "BRK.B"], "$VIX")),
            "when": self.condition() if chance.random() < 0.3 else "last > 1",
        }
        for key in chance.sample(tuple(FIELDS), chance.randint(0, 5)):
            entry[key] = self._good(key) if chance.random() < 0.7 else self._json(0)
        if chance.random() < 0.1:
            entry.pop(chance.choice(tuple(entry)))
        return entry

    def _good(self, key: str) -> Any:
        good: dict[str, tuple[Any, ...]] = {
            "name": ("a", "b"),
            "symbol": ("/ES", ["/NQ"]),
            "when": ("last > 2", "rsi(14)[5m] < 30"),
            "on": ("tick", "bar_close"),
            "timeframe": tuple(TIMEFRAMES),
            "trigger": ("edge", "every", "once", "once_per_bar"),
            "hold": ("0s", "5m"),
            "cooldown": ("90s", "366d", "1ms"),
            "rearm": (0, 0.5, "0.5%", "0.000000001%", 1e15),
            "priority": ("low", "urgent"),
            "channels": (["toast"], [], None),
            "message": ("{name} {last}", "", "{", "{}", "{{name}}", "{name"),
            "active": (True, False),
            "starts_at": (None, "2024-07-02T13:30:00Z", "2024-07-02T13:30:00.123456+05:30"),
            "expires_at": ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"),
            "notify_clear": (True, False),
            "schedule": ("rth", "09:30-16:00 America/New_York", "22:00-02:00 UTC"),
            "tags": ([], ["a", "b"]),
            "notes": ("n", ""),
        }
        return self._chance.choice(good[key])

    def _json(self, depth: int) -> Any:
        chance = self._chance
        if depth > 3 or chance.random() < 0.7:
            simple = (
                None,
                True,
                0,
                -1,
                1.5,
                10**20,
                "",
                "a",
                "x" * 600,
                self._noise(),
                "{name}",
                "2024-07-02",
            )
            return chance.choice(simple)
        if chance.random() < 0.5:
            return [self._json(depth + 1) for _ in range(chance.randint(0, 4))]
        return {self._noise()[:9]: self._json(depth + 1) for _ in range(chance.randint(0, 4))}

    def _mutate_bytes(self, content: bytes) -> bytes:
        chance = self._chance
        start = chance.randint(0, len(content))
        end = min(len(content), start + chance.randint(0, 12))
        pieces = (
            b"", b"\xff", b"\xef\xbb\xbf", b"\\ud800", b"\\u0000", b"NaN", b"[" * 2_000, b'"', b"{", b"}",
            b",", b'"name":', b'"when" : "x",', b"1e400", b"-", b"9" * 50, b"\0", b"\xed\xa0\x80",
            content[start:end] * 3, bytes((chance.randrange(256),)),
        )  # fmt: skip
        return content[:start] + chance.choice(pieces) + content[end:]
