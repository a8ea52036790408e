"""Whatever a person can have a desk's services change asks first; a new way that does not fails here."""

import ast
import inspect
import textwrap
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.app.demo import demo_desk
from tests.services.lock_desk import KeptTrail
from tradeassist_desktop.domain.access import ALLOWED, Act, Denied, Role
from tradeassist_desktop.services.access.access import LOCKED, Access, Seat
from tradeassist_desktop.services.desk import Desk

FREE: Final[Mapping[str, Mapping[str, str]]] = {
    "reads": {
        "AuditBook": "last",
        "Breakers": "get readings summary unhealthy",
        "ChannelSetup": "fields has_form missing setting_keys title",
        "Credentials": "all doubt look versions",
        "DeadLetters": "are_discarded newest",
        "GapLedger": "newest",
        "GoogleCloud": "loses typed",
        "DeliveryFigures": "attempts lanes picked record report",
        "History": "is_acknowledged record records",
        "MarketView": "bars closed_bars_count earlier_bars event_now_ns feed_of forming_bar gate_counts "
        "instrument is_blind is_silent is_unheard last_heard quote refusals rejected sparkline "
        "trading updates",
        "FireDrill": "channels message",
        "OwnTemplates": "all",
        "OlderDays": "fetch",
        "Previews": "close data kept look prepare",
        "Recordings": "examine kept learn needs_symbol",
        "Replaying": "as_it_stands",
        "RotationService": "standings",
        "Routing": "explain explain_rule plan route_of",
        "RuleDrafts": "faults glance in_words",
        "Rules": "all explain free_name get in_words levels new_uid read_text standing statuses",
        "Settings": "flag get names number rows text",
        "SignIn": "finished",
        "Silences": "active coming get muting_rule next_open_ns pausing",
        "Suggestions": "study",
        "Sweeps": "sweep",
        "Verdicts": "all of",
        "Worth": "score scores track_record",
        "Symbols": "at_once propose",
        "Access": "may require listen",
        "Adjustments": "ending proposals",
    },
    # What the program does by itself, and must go on doing at a locked desk.
    "the program's own": {
        "Access": "record take tell",
        "Adjustments": "look run start stop",
        "Alerting": "drain raise_alerts save_arming save_counts start stop",
        "AppLock": "load run start touch",
        "Breakers": "adopt listen load",
        "GapLedger": "change note start",
        "Health": "run",
        "History": "settle start stop",
        "Recordings": "close run start_as_launched",
        "RotationService": "run stop",
        "Rules": "load run",
        "Settings": "follow refresh",
        "SignIn": "close load load_at_once run",
        "Silences": "acknowledge load take_back",
        "Verdicts": "load",
        "Worth": "learn on_alert on_verdicts run",
    },
    # The lock itself: to shut it is everybody's, to open it takes a PIN, to reset it a key.
    "the door": {"AppLock": "lock unlock", "LockKeys": "reset drop_codes"},
}


def services() -> Iterator[type]:
    """Yield the classes of what a desk has, and what those of its lock are."""
    seen: set[type] = set()
    todo: list[Any] = [Desk]
    while todo:
        for hint in typing.get_type_hints(todo.pop()).values():
            for kind in (hint, *typing.get_args(hint)):
                is_ours = isinstance(kind, type) and (
                    kind.__module__.startswith("tradeassist_desktop.services") or kind.__name__ == "Breakers"
                )
                if is_ours and kind not in seen:
                    seen.add(kind)
                    if kind.__name__ == "DeskLock":
                        todo.append(kind)
                    else:
                        yield kind


def methods(service: type) -> dict[str, Callable[..., Any]]:
    found = inspect.getmembers(service, inspect.isfunction)
    return {name: method for name, method in found if not name.startswith("_")}


def asks_first(method: Callable[..., Any]) -> bool:
    """Whether the first thing a method does is to ask."""
    definition = ast.parse(textwrap.dedent(inspect.getsource(method))).body[0]
    assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)
    is_told = ast.get_docstring(definition) is not None
    return ast.unparse(definition.body[int(is_told)]).startswith("self._access.require(")


def free(service: type) -> set[str]:
    return {name for names in FREE.values() for name in names.get(service.__name__, "").split()}


CHANGING: Final = [
    pytest.param(service, name, id=f"{service.__name__}.{name}")
    for service in services()
    for name, method in methods(service).items()
    if asks_first(method)
]


@pytest.mark.parametrize("service", tuple(services()), ids=lambda service: service.__name__)
def test_every_way_into_a_service_asks_first_or_is_known_to_change_nothing_for_a_person(
    service: type,
) -> None:
    known = free(service)
    unknown = [
        name for name, method in methods(service).items() if not asks_first(method) and name not in known
    ]

    assert not unknown, f"begin them with self._access.require(Act.…), or say in FREE why not: {unknown}"


def test_no_name_is_listed_that_is_not_there() -> None:
    there = {service.__name__: set(methods(service)) for service in services()}

    for kind in FREE.values():
        for service, names in kind.items():
            assert set(names.split()) <= there[service], service


class _Anything:
    """An argument for what must not look at it."""


def _call(method: Callable[..., Any]) -> Any:
    parameters = inspect.signature(method).parameters.values()
    positional = [_Anything() for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    named = {each.name: _Anything() for each in parameters if each.kind is each.KEYWORD_ONLY}
    if positional and next(iter(inspect.signature(method).parameters)) == "key":
        positional[0] = "feed.name"  # type: ignore[call-overload]  # the one that decides which act it is
    return method(*positional, **named)


async def _refused(method: Callable[..., Any]) -> Act:
    with pytest.raises(Denied) as denied:
        answer = _call(method)
        if inspect.isawaitable(answer):
            await answer
    return denied.value.act


def _service_of(desk: Desk, kind: type) -> Any:
    values = [getattr(desk, name) for name in typing.get_type_hints(Desk)]
    values += [] if desk.lock is None else [desk.lock.keys]
    return next((value for value in values if isinstance(value, kind)), None)


@pytest.mark.parametrize("feed", ["demo", "schwab", "replay"])
async def test_a_locked_desk_refuses_each_change_and_writes_it_down(tmp_path: Path, feed: str) -> None:
    trail = KeptTrail()
    asked: set[str] = set()
    async with demo_desk(tmp_path, feed=_feed(feed), trail=trail) as desk:
        assert isinstance(desk.access, Access)
        desk.access.take(LOCKED)
        for parameter in CHANGING:
            service, name = parameter.values
            found = _service_of(desk, service)
            if found is None:
                continue
            before = len(trail.entries)
            act = await _refused(getattr(found, name))
            asked.add(f"{service.__name__}.{name}")
            written = [entry for entry in trail.entries[before:] if entry.act == "denied"]
            assert [(entry.what, entry.who) for entry in written] == [(act.value, "locked desk")]
        for ask in (lambda: desk.reopen(None), lambda: desk.reconnect("demo")):
            with pytest.raises(Denied):
                ask()

    all_of_them = {str(parameter.id) for parameter in CHANGING}
    absent = {"demo": ("Replaying", "SignIn"), "schwab": ("Replaying",), "replay": ("SignIn",)}[feed]
    assert {name for name in all_of_them if name.split(".")[0] not in absent} == asked


def _feed(name: str) -> str:
    sample = Path(__file__).parents[2] / "resources/samples/esu24-2024-07-02-level1.csv.gz"
    return f"replay:{sample}" if name == "replay" else name


@pytest.mark.parametrize("role", Role)
async def test_each_role_may_what_the_table_says_and_nothing_else(tmp_path: Path, role: Role) -> None:
    access = Access(audit=KeptTrail(), now_ns=lambda: 0, seat=Seat(role))

    allowed = set()
    for act in Act:
        try:
            access.require(act)
        except Denied:
            continue
        allowed.add(act)

    assert allowed == {act for act, roles in ALLOWED.items() if role in roles}


def test_no_widget_reaches_past_the_services_into_a_replay() -> None:
    ui = Path(__file__).parents[2] / "tradeassist_desktop" / "ui"

    assert not [file.name for file in ui.rglob("*.py") if "replay.control" in file.read_text()]
