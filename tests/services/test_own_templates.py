from pathlib import Path

import pytest

from tradeassist_desktop.domain.errors import BadInput
from tradeassist_desktop.domain.rules import Rule
from tradeassist_desktop.engine.templates.own import own_parameters, own_rule
from tradeassist_desktop.services.changes import Overtaken
from tradeassist_desktop.services.templates.own import OwnTemplates


def rule(when: str = "rsi(14)[5m] > 70", **fields: object) -> Rule:
    values = {"uid": "u", "name": "Hot", "symbols": ("/ES",), "when": when, "cooldown_ns": 5, **fields}
    return Rule(**values)  # type: ignore[arg-type]


async def test_templates_are_there_in_the_next_run_with_all_that_their_rule_said(tmp_path: Path) -> None:
    file = tmp_path / "config" / "templates.json"
    templates = OwnTemplates(file=file)
    kept = rule(tags=("opening",), cooldown_ns=90_000_000_000, expires_at_ns=10)

    await templates.keep(kept, "Overbought").do()
    again = OwnTemplates(file=file).all()

    assert [(each.name, each.when, each.tags) for each in again] == [
        ("Overbought", "rsi(14)[5m] > 70", ("opening",))
    ]
    assert (again[0].cooldown_ns, again[0].expires_at_ns) == (90_000_000_000, None)


async def test_a_name_is_one_template_s_and_changes_go_back_in_order(tmp_path: Path) -> None:
    templates = OwnTemplates(file=tmp_path / "templates.json")
    kept = templates.keep(rule(), "A")
    await kept.do()
    removed = templates.remove("A")
    await removed.do()

    with pytest.raises(Overtaken):
        await kept.undo()
    await removed.undo()

    with pytest.raises(BadInput, match="another template is called 'A'"):
        templates.keep(rule(), "A")
    assert [each.name for each in OwnTemplates(file=tmp_path / "templates.json").all()] == ["A"]


def test_a_file_with_a_mistake_is_said_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "templates.json"
    file.write_text('{"format": "tradeassist-rules", "version": 1, "rules": [{"name": "x"}]}')
    before = file.read_bytes()

    with pytest.raises(BadInput, match=r"templates\.json: rules"):
        OwnTemplates(file=file).all()

    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("when", "chosen", "made"),
    [
        ("last > 5530", {"level": "5600"}, "last > 5600"),
        ("change(last, 5m) >= 2%", {"percent": "3%", "over": "10m"}, "change(last, 10m) >= 3%"),
        ("last crosses above ema(9)[5m]", {"right": "ema(21)[5m]"}, "last crosses above ema(21)[5m]"),
        ("last > 5530 and bid > 5", {}, "last > 5530 and bid > 5"),
    ],
)
def test_the_numbers_of_a_kept_rule_are_what_may_be_chosen(
    when: str, chosen: dict[str, str], made: str
) -> None:
    kept = rule(when)

    new = own_rule(kept, ("AAPL",), chosen, name="New", uid="n")

    assert set(chosen) <= {parameter.name for parameter in own_parameters(kept)}
    assert (new.when, new.symbols, new.cooldown_ns) == (made, ("AAPL",), 5)
