"""Changes with a way back: settings and silences."""

from pathlib import Path

import pytest

from tests.fakes import KeptSilences, ManualClock
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.routing import SilenceScope
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services import silencing
from tradeassist_desktop.services.changes import Overtaken, SettingsChange
from tradeassist_desktop.services.routing.silence_book import SilenceBook
from tradeassist_desktop.services.routing.silences import Silences
from tradeassist_desktop.services.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(file=tmp_path / "settings.json")


@pytest.fixture
def silences() -> Silences:
    clock = ManualClock()
    ids = iter("abcdef")
    return Silences(
        book=SilenceBook(clock=clock),
        store=KeptSilences(),
        bus=Bus(),
        clock=clock,
        new_id=lambda: next(ids),
    )


def volume(settings: Settings, percent: int) -> SettingsChange:
    return SettingsChange(
        settings=settings, words=f"{percent} %", after={"sound.volume": percent}, is_gradual=True
    )


async def test_settings_changed_together_go_back_together(settings: Settings) -> None:
    change = SettingsChange(
        settings=settings, words="Both", after={"tray.enabled": False, "toast.seconds": 20}
    )

    await change.do()
    changed = (settings.flag("tray.enabled"), settings.number("toast.seconds"))
    await change.undo()

    assert changed == (False, 20)
    assert (settings.flag("tray.enabled"), settings.number("toast.seconds")) == (True, 8)


async def test_what_was_changed_elsewhere_since_is_not_undone(settings: Settings) -> None:
    change = volume(settings, 50)
    await change.do()
    await settings.set("sound.volume", 10)

    with pytest.raises(Overtaken, match="changed elsewhere since"):
        await change.undo()

    assert settings.number("sound.volume") == 10


async def test_a_change_that_cannot_be_written_holds_all_the_same(tmp_path: Path) -> None:
    settings = Settings(file=tmp_path / "no folder" / "settings.json")
    (tmp_path / "no folder").write_text("")
    change = volume(settings, 50)

    with pytest.raises(TradeAssistError, match="holds until you quit"):
        await change.do()

    assert change.is_done


async def test_steps_of_one_number_are_one_change_and_those_of_two_are_not(settings: Settings) -> None:
    first, second = volume(settings, 70), volume(settings, 60)
    await first.do()
    await second.do()
    other = SettingsChange(settings=settings, words="20 s", after={"toast.seconds": 20}, is_gradual=True)
    await other.do()

    joined = first.joined(second)
    assert joined is not None
    await joined.undo()

    assert settings.number("sound.volume") == 80
    assert second.joined(other) is None


async def test_ending_several_silences_is_undone_as_one(silences: Silences) -> None:
    made = [await silences.add(SilenceScope.SYMBOL, symbol=each, until_ns=None) for each in ("/ES", "/NQ")]

    change = await silencing.end(silences, made, words="End both")
    ended = silences.active()
    await change.undo()

    assert ended == ()
    assert silences.active() == tuple(made)


async def test_a_silence_without_an_end_cannot_be_extended(silences: Silences) -> None:
    made = await silences.add(SilenceScope.ALL, until_ns=None)

    change = await silencing.extend(silences, [made], lambda silence: 0, words="Extend")

    assert not change.is_done
    assert silences.active() == (made,)
