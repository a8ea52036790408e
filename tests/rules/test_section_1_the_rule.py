"""Section 1 of the contract: what a rule is made of. Every statement has a test named after it."""

import pytest

from tests.rules.desk import (
    SECOND_NS,
    SIMPLE,
    START_NS,
    engine,
    faults,
    fired,
    read_rule,
    refusal,
    rule,
    rule_file,
    run,
    tick,
    ticks,
)
from tradeassist_desktop.domain.alerts import Priority
from tradeassist_desktop.domain.market import TIMEFRAMES
from tradeassist_desktop.domain.rules import EvaluateOn, Rearm, Trigger
from tradeassist_desktop.engine.rulefiles.rulefile import parse_rules

FOURTEEN = ["1s", "5s", "15s", "30s", "1m", "2m", "3m", "5m", "10m", "15m", "30m", "1h", "4h", "1d"]


@pytest.mark.parametrize("name", ["x", "x" * 100, "α β 🙂"])
def test_a_name_has_1_to_100_characters(name: str) -> None:
    assert read_rule(name=name).name == name


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_a_name_outside_of_that_is_refused(name: str) -> None:
    assert refusal(name=name).startswith("rules[0].name: ")


def test_names_are_unique() -> None:
    (fault,) = faults(rule_file(SIMPLE, SIMPLE))

    assert fault.startswith("rules[1].name: ")


@pytest.mark.parametrize("key", ["name", "symbol", "when"])
def test_name_symbol_and_when_are_required(key: str) -> None:
    assert refusal(**{key: None}).startswith(f"rules[0].{key}")


@pytest.mark.parametrize("symbol", ["AAPL", "/ESU24", "$VIX", "BRK.B", "BTC-USD"])
def test_a_symbol_has_schwabs_spelling(symbol: str) -> None:
    assert read_rule(symbol=symbol).symbols == (symbol,)


def test_a_list_of_symbols_makes_one_independent_state_per_symbol() -> None:
    both = rule("last > 100", symbols=("/ES", "/NQ"), trigger=Trigger.ONCE)
    events = [tick(0, 101), tick(1, 101, symbol="/NQ"), tick(2, 99), tick(3, 101), tick(4, 101, symbol="/NQ")]

    found = run(both, events)

    assert list(zip((each.symbol for each in found), fired(found), strict=True)) == [("/ES", 0), ("/NQ", 1)]


def test_when_is_a_condition() -> None:
    assert refusal(when="last >").startswith("rules[0].when: column ")


def test_on_is_tick_if_the_condition_reads_a_tick_field() -> None:
    assert fired(run("last > 100 and close[1m] > 0", [tick(0, 50), tick(61, 101), tick(62, 102)])) == [61]


def test_on_is_bar_close_if_it_reads_none() -> None:
    assert fired(run("close[1m] > 100", [tick(0, 50), tick(30, 101), tick(75, 10)])) == [60]


def test_on_says_when_it_is_evaluated() -> None:
    events = [tick(0, 101), tick(30, 102), tick(75, 103)]

    assert fired(run("last > 100", events, on=EvaluateOn.BAR_CLOSE)) == [60]


@pytest.mark.parametrize("on", ["tick", "bar_close"])
def test_on_is_one_of_two_words(on: str) -> None:
    assert read_rule(on=on).on == on
    assert refusal(on="close").startswith("rules[0].on: ")


@pytest.mark.parametrize("timeframe", FOURTEEN)
def test_timeframe_is_one_of_fourteen(timeframe: str) -> None:
    assert read_rule(timeframe=timeframe).timeframe == timeframe
    assert list(TIMEFRAMES) == FOURTEEN


def test_another_timeframe_is_refused() -> None:
    assert refusal(timeframe="7m").startswith("rules[0].timeframe: ")


def test_timeframe_is_1m_unless_given() -> None:
    assert read_rule().timeframe == "1m"


def test_timeframe_is_that_of_bar_operands_without_one() -> None:
    assert fired(run("close > 100", [tick(0, 101), tick(7, 1)], timeframe="5s")) == [5]


@pytest.mark.parametrize("trigger", ["edge", "every", "once", "once_per_bar"])
def test_trigger_is_one_of_four_words(trigger: str) -> None:
    assert read_rule(trigger=trigger).trigger == trigger
    assert refusal(trigger="twice").startswith("rules[0].trigger: ")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0s", 0), ("90s", 90), ("5m", 300), ("1h", 3600), ("2d", 172_800)],
)
def test_durations_are_texts(text: str, seconds: int) -> None:
    found = read_rule(hold=text, cooldown=text)

    assert (found.hold_ns, found.cooldown_ns) == (seconds * SECOND_NS, seconds * SECOND_NS)


@pytest.mark.parametrize("wrong", [90, "90", "-5s", "5 minutes", "1.5h", ""])
@pytest.mark.parametrize("key", ["hold", "cooldown"])
def test_anything_else_is_no_duration(key: str, wrong: object) -> None:
    assert refusal(**{key: wrong}).startswith(f"rules[0].{key}: ")


def test_the_defaults_are_the_tables() -> None:
    found = read_rule()

    assert (found.on, found.trigger, found.hold_ns, found.cooldown_ns) == (None, "edge", 0, 60 * SECOND_NS)
    assert (found.rearm, found.priority, found.channels, found.message) == (Rearm(), "normal", None, "")
    assert (found.active, found.starts_at_ns, found.expires_at_ns) == (True, None, None)
    assert (found.notify_clear, found.schedule, found.tags, found.notes) == (False, "always", (), "")


@pytest.mark.parametrize(
    ("given", "rearm"),
    [(0, Rearm()), (1.5, Rearm(1.5)), ("0.5%", Rearm(0.5, is_percent=True))],
    ids=["zero", "a number", "a percentage"],
)
def test_rearm_is_a_number_or_a_percentage(given: object, rearm: Rearm) -> None:
    assert read_rule(rearm=given).rearm == rearm


@pytest.mark.parametrize("given", [-1, "-1%", "1", True, "x%"])
def test_any_other_rearm_is_refused(given: object) -> None:
    assert refusal(rearm=given).startswith("rules[0].rearm: ")


@pytest.mark.parametrize("priority", list(Priority))
def test_priority_is_one_of_four_words(priority: Priority) -> None:
    assert read_rule(priority=str(priority)).priority is priority
    assert refusal(priority="loud").startswith("rules[0].priority: ")


def test_channels_are_a_list_of_six_names() -> None:
    names = ["toast", "tray", "sound", "slack", "email", "webhook"]

    assert read_rule(channels=names).channels == tuple(names)
    assert refusal(channels=["pager"]).startswith("rules[0].channels")


def test_a_message_fills_its_placeholders() -> None:
    message = "{name}|{symbol}|{last}|{bid}|{ask}|{value}|{condition}|{time}|{priority}"

    (found,) = run(rule("last > 100", message=message), [tick(0, 101.5, bid=101.25, ask=101.75)])

    assert found.message == (
        "last > 100|/ES|101.50|101.25|101.75|101.50|last > 100|2024-07-02 00:00:00 UTC|normal"
    )


def test_a_message_is_made_from_the_condition_if_none_is_given() -> None:
    (found,) = run("last > 100", [tick(0, 101)])

    assert "/ES" in found.message
    assert "last" in found.message


def test_a_message_has_at_most_500_characters() -> None:
    assert read_rule(message="x" * 500).message == "x" * 500
    assert refusal(message="x" * 501).startswith("rules[0].message: ")


def test_an_unknown_placeholder_is_an_error_at_save() -> None:
    assert refusal(message="{lst}").startswith("rules[0].message: ")


def test_a_rule_that_is_not_active_does_not_run() -> None:
    assert run(rule("last > 100", active=False), ticks(101)) == []
    assert read_rule(active=False).active is False


@pytest.mark.parametrize("key", ["starts_at", "expires_at"])
def test_starts_at_and_expires_at_are_rfc_3339_or_null(key: str) -> None:
    found = read_rule(**{key: "2024-07-01T20:00:00-04:00"})

    assert getattr(found, f"{key}_ns") == START_NS
    assert getattr(parse_rules(rule_file(SIMPLE | {key: None}))[0], f"{key}_ns") is None
    assert refusal(**{key: "tomorrow"}).startswith(f"rules[0].{key}: ")


def test_a_rule_runs_from_starts_at_and_until_expires_at() -> None:
    window = {"starts_at_ns": START_NS + 2 * SECOND_NS, "expires_at_ns": START_NS + 4 * SECOND_NS}

    assert fired(run("last > 100", ticks(*[101] * 6), trigger=Trigger.EVERY, **window)) == [2, 3]


def test_notify_clear_tells_when_a_fired_level_is_no_longer_true() -> None:
    found = run("last > 100", ticks(101, 102, 100, 99), notify_clear=True)

    assert [str(each.status) for each in found] == ["fired", "cleared"]


def test_the_cleared_message_goes_through_the_same_channels() -> None:
    found = run(rule("last > 100", notify_clear=True, channels=("slack",)), ticks(101, 99))

    assert [each.channels for each in found] == [("slack",), ("slack",)]


@pytest.mark.parametrize(
    "schedule", ["always", "rth", "eth", "09:30-16:00 America/New_York", "22:00-02:00 UTC"]
)
def test_a_schedule_is_a_word_or_a_range_with_a_zone(schedule: str) -> None:
    assert read_rule(schedule=schedule).schedule == schedule


@pytest.mark.parametrize("schedule", ["never", "9:30-16:00", "09:30-16:00 Mars/Base", "25:00-26:00 UTC"])
def test_any_other_schedule_is_refused(schedule: str) -> None:
    assert refusal(schedule=schedule).startswith("rules[0].schedule: ")


def test_tags_are_a_list_of_texts_and_notes_a_text() -> None:
    found = read_rule(tags=["a", "b"], notes="why")

    assert (found.tags, found.notes) == (("a", "b"), "why")
    assert refusal(tags=[1]).startswith("rules[0].tags")
    assert refusal(notes=1).startswith("rules[0].notes")


@pytest.mark.parametrize(
    "more", [{"format": "rules"}, {"version": 2}, {"speed": 1}], ids=["format", "version", "unknown key"]
)
def test_a_rule_file_says_its_format_and_version_and_nothing_else(more: dict[str, object]) -> None:
    assert faults(rule_file(SIMPLE, **more))


def test_an_unknown_key_is_refused() -> None:
    assert refusal(speed=3).startswith("rules[0].speed")


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("name", 1),
        ("symbol", 1),
        ("when", 1),
        ("active", "yes"),
        ("notify_clear", 1),
        ("message", 1),
        ("channels", "toast"),
    ],
)
def test_a_wrong_type_is_refused(key: str, wrong: object) -> None:
    assert faults(rule_file(SIMPLE | {key: wrong}))[0].startswith(f"rules[0].{key}: expected ")


def test_over_10_000_rules_are_refused() -> None:
    rules = [SIMPLE | {"name": str(number)} for number in range(10_001)]

    assert len(parse_rules(rule_file(*rules[:-1]))) == 10_000
    assert len(faults(rule_file(*rules))) == 1


def test_over_10_mib_are_refused() -> None:
    content = rule_file(SIMPLE)

    assert parse_rules(content + b" " * (10 * 1024 * 1024 - len(content)))
    assert len(faults(content + b" " * (10 * 1024 * 1024 - len(content) + 1))) == 1


def test_every_fault_is_listed_with_its_place_and_nothing_is_half_imported() -> None:
    bad_time = {"name": "b", "symbol": "/ES", "when": "last > 1", "hold": "soon"}
    bad_when = {"name": "c", "symbol": "/ES", "when": "last > and 1"}

    found = faults(rule_file(SIMPLE, bad_time, bad_when))

    assert [each.split(": ")[0] for each in found] == ["rules[1].hold", "rules[2].when"]
    assert "column 8: expected a number, a field or an indicator" in found[1]


def test_an_engine_takes_what_a_file_says() -> None:
    desk = engine(*parse_rules(rule_file(SIMPLE)))

    assert len(desk.on_tick(tick(0, 101))) == 1
