import pytest

from tradeassist_desktop.domain.channel_names import CHANNEL_NAMES
from tradeassist_desktop.domain.durations import duration_text, parse_duration
from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.escalation import EscalationStep, parse_escalation
from tradeassist_desktop.domain.setting import checked
from tradeassist_desktop.domain.settings import setting

MINUTE_NS = 60_000_000_000


def test_a_chain_has_its_steps_in_order() -> None:
    chain = parse_escalation("2m slack, 5m email", CHANNEL_NAMES)

    assert chain == (EscalationStep(2 * MINUTE_NS, "slack"), EscalationStep(5 * MINUTE_NS, "email"))
    assert ", ".join(map(str, chain)) == "2m slack, 5m email"


def test_a_chain_that_is_off_has_no_steps() -> None:
    assert parse_escalation("off", CHANNEL_NAMES) == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("", "column 1: expected off, or a duration and a channel", id="nothing"),
        pytest.param("2m slack, 5 email", "column 11: expected a duration of up to 30d", id="no unit"),
        pytest.param("2m pager", "column 1: expected one of toast, tray", id="unknown channel"),
        pytest.param("5m slack, 2m email", "column 11: 2m email must not come before 5m slack", id="order"),
        pytest.param("2m slack,2m slack", "column 10: 2m slack is there twice", id="twice"),
        pytest.param("2m slack,", "column 10: expected off, or a duration", id="an end without a step"),
        pytest.param("0m slack", "column 1: expected a duration of up to 30d", id="at once"),
        pytest.param(
            ", ".join(f"{minute}m slack" for minute in range(1, 12)),
            "a chain has at most 10 steps, found 11",
            id="too many",
        ),
    ],
)
def test_a_bad_chain_is_refused_with_the_place_of_its_fault(text: str, fault: str) -> None:
    with pytest.raises(BadInput) as refusal:
        checked(setting("escalate.urgent"), text)

    assert str(refusal.value).startswith(f"escalate.urgent: {fault}")


@pytest.mark.parametrize("text", ["1s", "90s", "5m", "1h", "2d"])
def test_a_duration_is_written_as_it_was_read(text: str) -> None:
    assert duration_text(parse_duration(text)) == text


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "1.5h", "31d", "٥m", "5 m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"repeat\.urgent: expected a duration of up to 30d"):
        checked(setting("repeat.urgent"), text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("night", "expected off or hours such as 22:00-07:00 America/New_York", id="a word"),
        pytest.param("22:00-07:00", "expected off or hours such as", id="no zone"),
        pytest.param("25:00-07:00 UTC", "expected off or hours such as", id="no such hour"),
        pytest.param("22:00-22:00 UTC", "22:00-22:00 ends when it begins", id="empty"),
        pytest.param("22:00-07:00 Mars/Base", "expected a time zone such as", id="no such zone"),
    ],
)
def test_bad_quiet_hours_are_refused_with_what_they_could_be(text: str, fault: str) -> None:
    with pytest.raises(BadInput) as refusal:
        checked(setting("quiet.slack"), text)

    assert str(refusal.value).startswith(f"quiet.slack: {fault}")


def test_quiet_hours_may_go_over_midnight() -> None:
    assert checked(setting("quiet.slack"), "22:00-07:00 Europe/Zurich") == "22:00-07:00 Europe/Zurich"
