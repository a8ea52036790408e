"""How fast rule files are read, and how fast hostile ones are refused, with their memory.

Run it as ``python tests/benchmarks/parse.py``. Each file is read in a process of its own, so that
its peak memory is its own; the figure is what reading added to a process that had read one rule.
Linux only, for /proc.
"""

import argparse
import json
import math
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

RULES = 10_000
MEBIBYTE = 1024 * 1024
LIMIT = 10 * MEBIBYTE
RULES_BAR_SECONDS = 5.0
HOSTILE_BAR_SECONDS = 1.0
HOSTILE_BAR_MEBIBYTES = 100.0
HEAD = b'{"format": "tradeassist-rules", "version": 1, "rules": ['
TAIL = b"]}"


def document(*rules: object) -> bytes:
    """Return a rule file of these entries."""
    return json.dumps({"format": "tradeassist-rules", "version": 1, "rules": list(rules)}).encode()


def mixed_rules(count: int, seed: int) -> bytes:
    """Return a file of different rules of all sorts, a few keys each."""
    chance = random.Random(seed)
    symbols = ("/ES", "/NQ", "AAPL", "$VIX", "BRK.B")
    timeframes = ("1m", "5m", "15m", "1h", "1d")
    shapes: tuple[Callable[[], str], ...] = (
        lambda: f"last > {chance.uniform(1, 9999):.2f}",
        lambda: f"last crosses above {chance.uniform(1, 9999):.2f}",
        lambda: f"ema({chance.randint(2, 99)})[5m] crosses above ema({chance.randint(100, 999)})[5m]",
        lambda: f"rsi({chance.randint(2, 99)})[15m] < {chance.uniform(5, 45):.1f} and $VIX.last < 20",
        lambda: f"change(last, {chance.randint(1, 999)}s) >= {chance.uniform(0.1, 9):.3f}%",
        lambda: f"volume[1m] >= {chance.uniform(1, 9):.2f} * avg(volume, {chance.randint(2, 99)})[1m] 1 ago",
        lambda: f"last enters {chance.uniform(1, 99):.2f}..{chance.uniform(100, 999):.2f}",
        lambda: (
            f"not (spread > {chance.uniform(0, 9):.3f}) and last crosses {chance.uniform(1, 9999):.2f}"
            f" or close[{chance.choice(timeframes)}] > highest(high, {chance.randint(2, 200)})[1d] 1 ago"
        ),
    )
    more: tuple[dict[str, object], ...] = (
        {},
        {"priority": "high", "tags": ["a", "b"]},
        {"cooldown": "5m", "message": "{name}: {symbol} at {last}"},
        {"trigger": "every", "schedule": "rth", "notes": "as discussed"},
        {"on": "bar_close", "timeframe": "5m", "channels": ["toast", "sound"]},
    )
    return document(
        *(
            {
                "name": f"rule {number}",
                "symbol": chance.choice(symbols),
                "when": shapes[number % len(shapes)](),
            }
            | more[number % len(more)]
            for number in range(count)
        )
    )


def filled(piece: bytes, *, head: bytes = HEAD, tail: bytes = TAIL) -> bytes:
    """Return a file of just the size limit, made of as many pieces as fit, comma between them."""
    room = LIMIT - len(head) - len(tail)
    count = (room + 1) // (len(piece) + 1)
    return head + b",".join([piece] * count) + tail


def _rule(when: str, number: int = 0) -> bytes:
    return json.dumps({"name": f"n{number}", "symbol": "/ES", "when": when}).encode()


def _numbered(when: Callable[[int], str], count: int) -> bytes:
    return HEAD + b",".join(_rule(when(number), number) for number in range(count)) + TAIL


def _wide_rule() -> bytes:
    keys = b",".join(b'"k%06d":1' % number for number in range(LIMIT // 13))
    return HEAD + b"{" + keys + b"}" + TAIL


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nested lists": lambda: b"[" * LIMIT,
    "nested objects": lambda: (b'{"a":' * (LIMIT // 5))[:LIMIT],
    "nested in a rule": lambda: HEAD + b'{"name":' + b"[" * 900 + b"]" * 900 + b"}" + TAIL,
    "one giant string": lambda: HEAD + b'"' + b"x" * (LIMIT - 100) + b'"' + TAIL,
    "one giant name": lambda: HEAD + b'{"name":"' + b"x" * (LIMIT - 100) + b'"}' + TAIL,
    "one giant condition": lambda: _numbered(lambda number: "(" * (LIMIT - 200), 1),
    "one giant number": lambda: HEAD + b"9" * (LIMIT - 100) + TAIL,
    "giant numbers": lambda: filled(b'{"rearm":1e999999999999999999999999999999}'),
    "giant integers": lambda: filled(b'{"rearm":' + b"9" * 4000 + b"}"),
    "a million empty objects": lambda: filled(b"{}"),
    "a million empty lists": lambda: filled(b"[]"),
    "a million zeros": lambda: filled(b"0"),
    "a million floats": lambda: filled(b"1.5"),
    "a million faults": lambda: filled(b'{"a":1}'),
    "a million keys in one rule": _wide_rule,
    "a million symbols": lambda: (
        HEAD
        + b'{"name":"a","when":"last > 1","symbol":'
        + filled(b'""', head=b"[", tail=b"]")[: LIMIT - 200].rpartition(b",")[0]
        + b"]}"
        + TAIL
    ),
    "escapes": lambda: HEAD + b'"' + b"\\u0000" * (LIMIT // 6 - 20) + b'"' + TAIL,
    "10,001 rules": lambda: _numbered(lambda number: "last > 1", RULES + 1),
    "10,000 unknown words": lambda: _numbered(lambda number: f"vwop{number} > 1", RULES),
    "10,000 wrong conditions": lambda: _numbered(lambda number: f"last > {number} and", RULES),
    "conditions at the limit": lambda: _numbered(
        lambda number: (f"last > {number} or " + "bid > 1 or " * 400)[:3_990] + "> 1", LIMIT // 4_050
    ),
    "conditions cut off at the limit": lambda: _numbered(
        lambda number: (f"last > {number} or " + "bid > 1 or " * 400)[:3_999], LIMIT // 4_050
    ),
    "deep conditions": lambda: _numbered(lambda number: "(" * 51 + f"last > {number}" + ")" * 51, RULES),
    "long wrong conditions": lambda: _numbered(
        lambda number: f"last > {number} or " + "bid > 1 or " * 350, 500
    ),
    "calculations": lambda: _numbered(
        lambda number: f"last > {number}" + " + bid * -(ask / 3)" * 10 + " and", RULES
    ),
    "as many values as may be": lambda: (
        HEAD
        + b'{"tags":['
        + b",".join(b'"%07d"' % number for number in range(590_000))
        + b"]},{"
        + b",".join(b'"k%05d":1' % number for number in range(8_000))
        + b"}"
        + TAIL
    ),
    "as many keys as may be": lambda: (
        HEAD + b"{" + b",".join(b'"k%06d":1.5' % number for number in range(399_000)) + b"}" + TAIL
    ),
    "as many objects as may be": lambda: HEAD + b'{"a":[' + b",".join([b'{"a":1}'] * 199_000) + b"]}" + TAIL,
    "as many lists as may be": lambda: HEAD + b'{"a":[' + b",".join([b"[1]"] * 399_000) + b"]}" + TAIL,
    "unclosed quotes": lambda: _numbered(lambda number: '"' * 3_900 + str(number), LIMIT // 8_000),
    "as many repeated keys as may be": lambda: (
        HEAD
        + b'{"a":['
        + b",".join([b'{"a":1,"b":1}'] * 189_000 + [b'{"a":1,"a":1}'] * 10_001)
        + b"]}"
        + TAIL
    ),
    "duplicate keys": lambda: filled(b'{"name":"a","name":"b"}'),
}

_CHILD = """
import sys, time
sys.path.insert(0, sys.argv[2])
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.engine.rulefiles.rulefile import parse_rules
def kibibytes(name):
    for line in open("/proc/self/status"):
        if line.startswith(name):
            return int(line.split()[1])
try:
    parse_rules(b'{"format": "tradeassist-rules", "version": 1, "rules": [{"name": "a", "symbol": "/ES", '
                b'"when": "lost > 1"}]}')
except BadInput:
    pass
content = open(sys.argv[1], "rb").read()
open("/proc/self/clear_refs", "w").write("5")  # the peak begins anew at what is used now
before = kibibytes("VmRSS:")
start = time.perf_counter()
try:
    outcome = f"{len(parse_rules(content)):,} rules"
except BadInput as error:
    outcome = f"{len(error.faults):,} faults: {str(error.faults[-1])[:110]}"
seconds = time.perf_counter() - start
print(seconds, (kibibytes("VmHWM:") - before) / 1024, outcome, sep="\\t")
"""


def measured(content: bytes, folder: Path) -> tuple[float, float, str]:
    """Return seconds, mebibytes added at the peak, and what came of reading the file."""
    file = folder / "rules.json"
    file.write_bytes(content)
    root = str(Path(__file__).parents[2])
    answer = subprocess.run(
        [sys.executable, "-c", _CHILD, str(file), root],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if answer.returncode != 0:
        return 0.0, 0.0, f"CRASHED: {answer.stderr.strip().splitlines()[-1:]}"
    seconds, mebibytes, outcome = answer.stdout.rstrip("\n").split("\t", 2)
    return float(seconds), float(mebibytes), outcome


def slowest() -> bytes:
    """Return as many long conditions as a file may have, of which only the last is wrong."""
    return _numbered(
        lambda number: (
            f"last > {number} or " + "bid > 10000000000 or " * 185 + ("> 1" if number == 499 else "ask > 1")
        ),
        500,
    )


def _rows(only: str) -> Iterator[tuple[str, bytes, float]]:
    if only in "mixed rules":
        yield f"{RULES:,} mixed rules", mixed_rules(RULES, seed=1), RULES_BAR_SECONDS
    if only in "slowest (no bar)":
        yield "slowest (no bar)", slowest(), math.inf
    for name, make in HOSTILE.items():
        if only in name:
            yield name, make(), HOSTILE_BAR_SECONDS


def main() -> int:
    """Print one line a file; return 1 if one misses its bar."""
    parser = argparse.ArgumentParser(description="Read large and hostile rule files.")
    parser.add_argument("--only", default="", help="only files whose name has this in it")
    only = parser.parse_args().only
    status = 0
    started = time.perf_counter()
    print(f"{'file':32} {'MiB':>5} {'seconds':>8} {'MiB more':>9}  outcome")
    with tempfile.TemporaryDirectory() as folder:
        for name, content, bar_seconds in _rows(only):
            seconds, mebibytes, outcome = measured(content, Path(folder))
            is_within = seconds <= bar_seconds and not outcome.startswith("CRASHED")
            if bar_seconds == HOSTILE_BAR_SECONDS:
                is_within = is_within and mebibytes <= HOSTILE_BAR_MEBIBYTES and "faults" in outcome
            status = status if is_within else 1
            mark = "" if is_within else "  <-- MISSED"
            size = len(content) / MEBIBYTE
            print(f"{name:32} {size:5.1f} {seconds:8.3f} {mebibytes:9.1f}  {outcome}{mark}", flush=True)
    print(f"{time.perf_counter() - started:.0f} s in all")
    return status


if __name__ == "__main__":
    sys.exit(main())
