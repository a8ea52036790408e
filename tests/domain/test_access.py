from pathlib import Path

import pytest

from tradeassist_desktop.domain.access import ALLOWED, OPEN, Act, Denied, Role, may_in_words, setting_act
from tradeassist_desktop.domain.settings import SETTINGS


def test_the_table_names_every_act() -> None:
    assert set(ALLOWED) == set(Act)


def test_whatever_a_role_may_the_more_trusted_may_too() -> None:
    counts = [sum(role in allowed for allowed in ALLOWED.values()) for role in Role]

    assert counts == sorted(counts)
    for allowed in ALLOWED.values():
        assert allowed in (frozenset(Role), frozenset({Role.TRADER, Role.ADMIN}), frozenset({Role.ADMIN}))


def test_a_viewer_changes_nothing_but_how_it_looks() -> None:
    assert [act for act, allowed in ALLOWED.items() if Role.VIEWER in allowed] == [Act.APPEARANCE]


@pytest.mark.parametrize("spec", SETTINGS, ids=lambda spec: spec.key)
def test_a_trader_sets_what_alerts_do_and_an_admin_sets_where_the_program_goes(spec: object) -> None:
    key = str(getattr(spec, "key"))  # noqa: B009 - parametrize gives an object
    is_traders = Role.TRADER in ALLOWED[setting_act(key)]

    family = key.partition(".")[0]
    assert is_traders == (
        family in ("notify", "quiet", "repeat", "escalate", "toast", "tray", "sound", "tone", "appearance")
        or key == "recording.schedule"
    )


def test_a_denial_says_who_may_and_how_to_become_one() -> None:
    by_role = Denied(Act.SETTINGS, Role.TRADER, is_locked=False)
    by_lock = Denied(Act.ACKNOWLEDGE, Role.VIEWER, is_locked=True)

    assert str(by_role) == (
        "As trader you may not change settings: only an admin may. "
        "The status bar has the menu that changes roles."
    )
    assert str(by_lock) == "The desk is locked. Unlock it to acknowledge alerts: a trader or an admin may."
    assert may_in_words(Act.APPEARANCE) == "a viewer, a trader or an admin"


def test_without_a_lock_everything_passes() -> None:
    for act in Act:
        OPEN.require(act)
        assert OPEN.may(act)


def test_the_readme_s_table_says_what_the_program_does() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

    heads = " | ".join(role.value.capitalize() for role in Role)
    rows = [f"| An act | {heads} |", "|---|---|---|---|"]
    for act, allowed in ALLOWED.items():
        cells = " | ".join("yes" if role in allowed else "" for role in Role)
        rows.append(f"| {act.value[:1].upper()}{act.value[1:]} | {cells} |")
    assert "\n".join(rows) in readme
