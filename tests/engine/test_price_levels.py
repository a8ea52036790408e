import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.language import parse
from tradeassist_desktop.engine.rulefiles.price_levels import price_levels, with_level


def rule(
    when: str, *, name: str = "Breakout", symbols: tuple[str, ...] = ("/ES",), message: str = ""
) -> Rule:
    return Rule(uid="one", name=name, symbols=symbols, when=when, message=message)


@pytest.mark.parametrize(
    ("when", "moved"),
    [
        ("last > 5530", "last > 5532.25"),
        ("5530 < last", "5532.25 < last"),
        ("last enters 5520..5530", "last enters 5520..5532.25"),
        (
            "rsi(14) > 70 and not (close[5m] crosses 5530 or bid > 5540)",
            "rsi(14) > 70 and not (close[5m] crosses 5532.25 or bid > 5540)",
        ),
        ("(last > 5530 then last < 5530) within 5m", "(last > 5532.25 then last < 5532.25) within 5m"),
        ("last > 5530 and volume > 5530", "last > 5532.25 and volume > 5530"),
    ],
    ids=["plain", "left", "bound", "nested", "twice", "not a price"],
)
def test_a_level_that_is_moved_changes_wherever_a_price_is_compared_with_it(when: str, moved: str) -> None:
    assert with_level(rule(when), "/ES", 5530.0, 5532.25).when == moved


def test_a_level_on_another_symbols_price_moves_alone() -> None:
    read = rule("last > 5530 and SPY.last > 5530")

    assert with_level(read, "SPY", 5530.0, 560.0).when == "last > 5530 and SPY.last > 560"


def test_the_name_and_the_message_say_the_new_price_as_they_said_the_old_one() -> None:
    read = rule("last > 5530", name="ES above 5,530.00 (15530)", message="{symbol} broke 5530, sell 5530.5")

    moved = with_level(read, "/ES", 5530.0, 5532.25)

    assert moved.name == "ES above 5,532.25 (15530)"
    assert moved.message == "{symbol} broke 5532.25, sell 5530.5"


def test_a_rule_named_by_its_text_is_named_by_the_new_text() -> None:
    read = rule("last crosses above 5530", name="/ES last crosses above 5530")

    assert with_level(read, "/ES", 5530.0, 5532.25).name == "/ES last crosses above 5532.25"


def test_a_level_that_several_symbols_share_is_not_moved_for_one_of_them() -> None:
    with pytest.raises(BadInput, match="one level for its 2 symbols"):
        with_level(rule("last > 5530", symbols=("/ES", "/MES")), "/ES", 5530.0, 5532.0)


def test_a_level_that_was_changed_meanwhile_is_not_moved() -> None:
    with pytest.raises(BadInput, match="no level at 5530 any more"):
        with_level(rule("last > 5531"), "/ES", 5530.0, 5532.0)


def test_distances_and_volumes_are_no_levels() -> None:
    condition = parse("net_change > 5 and volume > 1000 and last > 5530 and last < 5530")

    assert price_levels(condition, "/ES") == [("/ES", 5530.0)]
