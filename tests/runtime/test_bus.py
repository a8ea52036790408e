import logging
from dataclasses import dataclass

import pytest

from tradeassist_desktop.runtime.bus import Bus


@dataclass(frozen=True)
class Rang:
    number: int


@dataclass(frozen=True)
class RangLouder(Rang):
    pass


def test_handlers_get_their_events_in_order_of_subscription() -> None:
    bus = Bus()
    heard: list[str] = []
    bus.subscribe(Rang, lambda event: heard.append(f"first {event.number}"))
    bus.subscribe(Rang, lambda event: heard.append(f"second {event.number}"))

    bus.publish(Rang(1))
    bus.publish(Rang(2))

    assert heard == ["first 1", "second 1", "first 2", "second 2"]


def test_types_match_exactly() -> None:
    bus = Bus()
    heard: list[Rang] = []
    bus.subscribe(Rang, heard.append)

    bus.publish(RangLouder(1))

    assert heard == []


def test_a_raising_handler_is_logged_with_its_traceback_and_alters_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus = Bus()
    heard: list[Rang] = []

    def break_down(event: Rang) -> None:
        raise ValueError("broken panel")

    bus.subscribe(Rang, break_down)
    bus.subscribe(Rang, heard.append)

    with caplog.at_level(logging.ERROR):
        bus.publish(Rang(1))

    assert heard == [Rang(1)]
    assert "broken panel" in caplog.text


def test_an_ended_subscription_hears_no_more_and_can_be_ended_twice() -> None:
    bus = Bus()
    heard: list[Rang] = []
    end = bus.subscribe(Rang, heard.append)

    end()
    end()
    bus.publish(Rang(1))

    assert heard == []


def test_a_handler_ended_while_an_event_goes_round_does_not_get_it() -> None:
    bus = Bus()
    heard: list[Rang] = []
    bus.subscribe(Rang, lambda event: end_second())
    end_second = bus.subscribe(Rang, heard.append)

    bus.publish(Rang(1))

    assert heard == []


def test_an_event_published_by_a_handler_is_handed_on_at_once() -> None:
    bus = Bus()
    heard: list[str] = []
    bus.subscribe(Rang, lambda event: bus.publish(RangLouder(event.number)))
    bus.subscribe(Rang, lambda event: heard.append("second of the first"))
    bus.subscribe(RangLouder, lambda event: heard.append("louder"))

    bus.publish(Rang(1))

    assert heard == ["louder", "second of the first"]
