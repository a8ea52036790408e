"""What a rule file would change, and what is done for the choices made about it."""

import gzip
import itertools
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.errors import BadInput, TradeAssistError
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Rule, Trigger
from tradeassist_desktop.engine.rulefiles.rulefile import MOST_BYTES, parse_rules, rules_to_json
from tradeassist_desktop.services.rules.book import RuleBook
from tradeassist_desktop.services.transfer.comparing import Choice, Incoming, IncomingKind, compare
from tradeassist_desktop.services.transfer.examining import examine
from tradeassist_desktop.services.transfer.plain_files import read_plain_file, write_plain_file
from tradeassist_desktop.services.transfer.settling import settled


def rule(name: str, when: str = "last > 100", *, symbol: str = "AAPL", uid: str = "") -> Rule:
    return Rule(uid=uid or f"uid of {name}", name=name, symbols=(symbol,), when=when)


def kinds(compared: tuple[Incoming, ...]) -> dict[str, IncomingKind]:
    return {each.rule.name: each.kind for each in compared}


def test_a_file_that_was_exported_brings_nothing_new_whatever_its_rules_say() -> None:
    full = Rule(
        uid="full",
        name="Everything set",
        symbols=("/ES", "BRK.B"),
        when="LAST  crosses above ema( 20 )[5m]",
        on=EvaluateOn.BAR_CLOSE,
        timeframe="5m",
        trigger=Trigger.ONCE_PER_BAR,
        cooldown_ns=90_000_000_000,
        priority=Priority.URGENT,
        channels=("toast", "slack"),
        message="{name}: {last}",
        active=False,
        starts_at_ns=1_719_928_800_123_456_789,
        expires_at_ns=1_719_999_800_000_000_000,
        notify_clear=True,
        schedule="09:30-16:00 America/New_York",
        tags=("a", "b"),
        notes="two\nlines",
    )
    held = replace(rule("Held", "last > 5500", symbol="/ES"), hold_ns=5_000_000_000, rearm=Rearm(0.5, True))
    mine = (full, held, rule("Plain"))

    compared = compare(parse_rules(rules_to_json(mine)), mine)

    assert set(kinds(compared).values()) == {IncomingKind.SAME}


def test_a_rule_is_new_changed_the_same_or_in_conflict() -> None:
    mine = (
        rule("Same", "last > 100"),
        rule("Changed", "last > 100"),
        rule("Other symbol", "last > 100"),
        rule("Other value", "last > 100"),
        rule("Twin of mine", "rsi(14)[5m] < 30", symbol="MSFT"),
    )
    theirs = (
        rule("Same", "(last > 100)"),
        replace(rule("Changed", "last > 105"), priority=Priority.HIGH),
        rule("Other symbol", "last > 100", symbol="MSFT"),
        rule("Other value", "volume > 1000"),
        rule("By another name", "rsi(14)[5m] < 30", symbol="MSFT"),
        rule("New"),
    )

    compared = compare(theirs, mine)

    assert kinds(compared) == {
        "Same": IncomingKind.SAME,
        "Changed": IncomingKind.CHANGED,
        "Other symbol": IncomingKind.CONFLICT,
        "Other value": IncomingKind.CONFLICT,
        "By another name": IncomingKind.CONFLICT,
        "New": IncomingKind.NEW,
    }
    assert compared[1].differing == ("when", "priority")
    assert compared[4].mine == mine[4]
    assert compared[4].has_twin


def test_each_choice_becomes_what_it_says() -> None:
    mine = (rule("Mine", "last > 100"), rule("Mine (2)"), rule("Kept"), rule("Twin", symbol="TLT"))
    theirs = (
        rule("Mine", "last > 105"),
        rule("Kept", "last > 1"),
        rule("New", symbol="SPY"),
        rule("Skipped", symbol="QQQ"),
        rule("Renamed", symbol="TLT"),
    )
    choices = (Choice.ADD_BESIDE, Choice.KEEP_MINE, Choice.ADD, Choice.SKIP, Choice.REPLACE)
    book = RuleBook()
    book.load(mine)
    numbers = itertools.count(1)

    after = settled(
        tuple(zip(compare(theirs, mine), choices, strict=True)),
        new_uid=lambda: f"new {next(numbers)}",
        free_name=book.free_name,
    )

    assert {uid: (kept.name, kept.when) for uid, kept in after.items() if kept is not None} == {
        "new 1": ("Mine (3)", "last > 105"),
        "new 2": ("New", "last > 100"),
        "uid of Twin": ("Renamed", "last > 100"),
    }


async def test_a_bad_file_is_refused_with_every_place_and_progress_is_told_of_a_long_one() -> None:
    bad = rules_to_json([rule("One"), rule("Two")]).replace(b"last > 100", b"last > ")
    long = rules_to_json([rule(f"Rule {n}", f"last > {n + 1}") for n in range(250)])
    told: list[tuple[int, int]] = []

    with pytest.raises(BadInput) as refused:
        await examine(lambda: bad, (), on_progress=lambda done, whole: None)
    compared = await examine(lambda: long, (), on_progress=lambda done, whole: told.append((done, whole)))

    assert [str(fault)[:25] for fault in refused.value.faults] == [
        "rules[0].when: column 7: ",
        "rules[1].when: column 7: ",
    ]
    assert len(compared) == 250
    assert {whole for _, whole in told} == {500}


def test_only_plain_files_within_their_limit_are_read(tmp_path: Path) -> None:
    (tmp_path / "rules.json").write_bytes(b"{}")
    (tmp_path / "link.json").symlink_to(tmp_path / "rules.json")
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.json")
    with (tmp_path / "huge.json").open("wb") as huge:
        huge.truncate(MOST_BYTES + 1)

    reasons = {}
    for name in ("zero.json", "pipe.json", "huge.json", "absent.json", ".", "a\0b"):
        with pytest.raises(BadInput) as refused:
            read_plain_file(tmp_path / name, most_bytes=MOST_BYTES, wanted="a rule file")
        reasons[name] = refused.value.faults[0].message

    assert read_plain_file(tmp_path / "link.json", most_bytes=MOST_BYTES, wanted="a rule file") == b"{}"
    assert reasons["zero.json"] == reasons["pipe.json"] == "is no plain file"
    assert reasons["huge.json"] == "is larger than 10 MiB"
    assert reasons["absent.json"] == "No such file or directory"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            b"timestamp,symbol,last\n" + b"2024-07-02T00:00:00Z,/ES,5530\n" * 400_000, id="over 10 MiB"
        ),
        pytest.param(gzip.compress(b"\xef\xbb\xbfTime;Open;High;Low;Close\n1;2;3;1;2\n"), id="packed bars"),
        pytest.param(b"PAR1\x15\x04", id="Parquet"),
    ],
)
def test_a_recording_in_place_of_rules_is_told_where_it_is_opened(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rules.json"
    file.write_bytes(content)

    with pytest.raises(BadInput) as refused:
        read_plain_file(file, most_bytes=MOST_BYTES, wanted="a rule file")

    assert str(refused.value) == (
        "seems to be a recording, not a rule file: open it by “Open a recording…” in the menu Desk"
    )


@pytest.mark.parametrize("content", [b"\x1f\x8bno gzip", b'{"time": 1}', b"", b"name,when\nA,last > 1\n"])
def test_what_does_not_begin_as_a_recording_is_not_called_one(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rules.json"
    file.write_bytes(content)

    assert read_plain_file(file, most_bytes=MOST_BYTES, wanted="a rule file") == content


def test_what_cannot_be_written_whole_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "rules.json"
    write_plain_file(target, b"before")
    tmp_path.chmod(0o500)
    try:
        if os.geteuid() != 0:  # root may write anywhere
            with pytest.raises(TradeAssistError, match=r"cannot be written: .* Nothing was changed"):
                write_plain_file(target, b"after")
    finally:
        tmp_path.chmod(0o700)
    with pytest.raises(TradeAssistError, match="cannot be written"):
        write_plain_file(tmp_path / "no folder" / "rules.json", b"after")

    assert target.read_bytes() == b"before"
    assert [each.name for each in tmp_path.iterdir()] == ["rules.json"]
