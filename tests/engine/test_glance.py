"""A rule that is being written, looked at over the engine's own market."""

from collections.abc import Callable
from typing import Any

from tradeassist_desktop.domain.rules import Rule

WHEN = "last crosses above ema(3)[1m] or change(last, 1m) > 1% or mid - last > 5"


def test_a_glance_sees_what_a_rule_at_work_sees_and_leaves_nothing_behind(
    desk: Any, rule: Callable[..., Rule]
) -> None:
    at_work, draft = rule(WHEN), rule(WHEN, name="draft", message="{symbol} at {last}: {value}")
    desk.rules(at_work)
    for minute in range(5):
        desk.tick(60.0 * minute, last=100.0 + minute, bid=99.0, ask=103.0)

    glance = desk.engine.glance(draft, "/ES")
    seen = glance.look()
    for second in range(1, 70):
        desk.tick(240.0 + second, last=104.0 + second % 7, bid=99.0, ask=103.0)
    later = glance.look()

    def values(legs: Any) -> list[Any]:
        return [(leg.text, leg.left, leg.right, leg.operands) for leg in legs]

    assert values(later.legs) == values(desk.engine.legs(at_work.uid, "/ES"))
    assert values(later.legs) != values(seen.legs)
    assert later.legs[1].is_true is desk.engine.legs(at_work.uid, "/ES")[1].is_true
    assert glance.message().body == "/ES at 110.00: 3.77%"
    assert desk.engine.status("draft") == ()
    glance.close()
    desk.rules()
    assert all(not desk.engine.explain(uid, "/ES") for uid in ("draft", at_work.uid))


def test_a_glance_tells_a_crossing_in_the_look_after_it(desk: Any, rule: Callable[..., Rule]) -> None:
    glance = desk.engine.glance(rule("last crosses above 100"), "/ES")

    truths = []
    for second, price in enumerate((99.0, 101.0, 102.0)):
        desk.tick(float(second), last=price)
        truths.append(glance.look().is_true)

    assert truths == [None, True, False]
