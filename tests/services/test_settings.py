import asyncio
import json
from pathlib import Path

import pytest

from tests.fakes import ManualClock
from tradeassist_desktop.domain.errors import BadInput, TradeAssistError
from tradeassist_desktop.domain.events import SettingChanged
from tradeassist_desktop.domain.setting import from_text
from tradeassist_desktop.domain.settings import SETTINGS
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.services.settings import Settings


def test_the_command_line_comes_before_the_file_before_the_environment_before_the_default(
    tmp_path: Path,
) -> None:
    file = tmp_path / "settings.json"
    environment = {"SOUND_ALERTS_ENABLED": "no"}

    def source(*overrides: str) -> tuple[object, str]:
        rows = Settings(file=file, overrides=overrides, environment=environment).rows()
        return next((row.value, row.source) for row in rows if row.spec.key == "sound.enabled")

    from_environment = source()
    file.write_text('{"sound.enabled": true}')
    from_file = source()
    from_command_line = source("sound.enabled=off")

    assert from_environment == (False, "environment SOUND_ALERTS_ENABLED")
    assert from_file == (True, "file")
    assert from_command_line == (False, "--set")


def test_an_empty_environment_variable_counts_as_absent(tmp_path: Path) -> None:
    settings = Settings(file=tmp_path / "settings.json", environment={"SOUND_ALERTS_ENABLED": ""})

    assert settings.get("sound.enabled") is True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "sound.volume=101", "--set sound.volume: must be 0 to 100 %, was 101", id="above the limit"
        ),
        pytest.param("demo.speed=nan", "--set demo.speed: must be 0.1 to 100 ×, was nan", id="not a number"),
        pytest.param(
            "sound.volume=loud", "--set sound.volume: expected a whole number, found 'loud'", id="a word"
        ),
        pytest.param(
            "sound.enabled=maybe", "--set sound.enabled: expected yes or no, found 'maybe'", id="maybe"
        ),
        pytest.param("sound.volum=1", "there is no such setting; did you mean sound.volume?", id="misspelt"),
        pytest.param("sound.volume", "--set sound.volume: expected KEY=VALUE", id="no value"),
        pytest.param("notify.low=toast,pager", "expected one of toast, tray, sound", id="unknown channel"),
        pytest.param(
            "schwab.base_url=http://127.0.0.1:1", "taken only with --dev", id="redirection without --dev"
        ),
        pytest.param(
            "appearance.theme=pink", "expected one of dark, light, system, found 'pink'", id="choice"
        ),
    ],
)
def test_a_bad_override_is_refused_with_its_key_and_what_it_could_be(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        Settings(file=tmp_path / "settings.json", overrides=(text,))

    assert message in str(refusal.value)


def test_every_bad_override_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refusal:
        Settings(file=tmp_path / "settings.json", overrides=("sound.volume=-1", "toast.seconds=0"))

    assert [fault.place for fault in refusal.value.faults] == ["--set sound.volume", "--set toast.seconds"]


async def test_a_change_is_kept_published_and_read_back(tmp_path: Path) -> None:
    file, bus, heard = tmp_path / "config" / "settings.json", Bus(), []
    bus.subscribe(SettingChanged, heard.append)

    await Settings(file=file, bus=bus).set("notify.low", ("toast", "sound"))

    assert heard == [SettingChanged(key="notify.low")]
    assert json.loads(file.read_text()) == {"notify.low": ["toast", "sound"]}
    assert Settings(file=file).get("notify.low") == ("toast", "sound")
    assert [path.name for path in file.parent.iterdir()] == ["settings.json"]


async def test_a_setting_that_cannot_be_written_holds_for_this_run_and_says_so(tmp_path: Path) -> None:
    settings = Settings(file=tmp_path / "blocked" / "settings.json")
    (tmp_path / "blocked").write_text("a file where the folder should be")

    with pytest.raises(TradeAssistError, match="holds until you quit"):
        await settings.set("sound.volume", 10)

    assert settings.get("sound.volume") == 10


async def test_what_is_written_into_the_file_meanwhile_holds_at_once_and_is_not_written_over(
    tmp_path: Path,
) -> None:
    file, bus, heard = tmp_path / "settings.json", Bus(), []
    bus.subscribe(SettingChanged, heard.append)
    settings, clock = Settings(file=file, bus=bus), ManualClock()
    following = asyncio.create_task(settings.follow(clock))

    file.write_text('{"sound.volume": 10}')
    await clock.advance(2.0)
    followed = settings.get("sound.volume")
    file.write_text('{"sound.volume": 10, "toast.seconds": 30}')
    await settings.set("sound.enabled", False)
    following.cancel()

    assert followed == 10
    assert json.loads(file.read_text()) == {"sound.enabled": False, "sound.volume": 10, "toast.seconds": 30}
    assert [event.key for event in heard] == ["sound.volume", "toast.seconds", "sound.enabled"]


async def test_a_file_with_a_mistake_changes_nothing_and_stays_as_it_is_until_it_is_mended(
    tmp_path: Path,
) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"sound.volume": 10}')
    settings = Settings(file=file)

    file.write_text('{"sound.volume": "loud"}')
    with pytest.raises(TradeAssistError, match=r"not kept.*expected a whole number"):
        await settings.set("toast.seconds", 30)
    held = settings.get("sound.volume"), settings.get("toast.seconds")
    broken = file.read_text()
    file.write_text('{"sound.volume": 20}')
    await settings.set("toast.seconds", 40)

    assert held == (10, 30)
    assert broken == '{"sound.volume": "loud"}'
    assert json.loads(file.read_text()) == {"sound.volume": 20, "toast.seconds": 40}


@pytest.mark.parametrize("content", ["{", "[]", '{"sound.volume": "loud"}', '{"nothing.such": 1}'])
def test_a_broken_file_is_refused_with_its_name(tmp_path: Path, content: str) -> None:
    file = tmp_path / "settings.json"
    file.write_text(content)

    with pytest.raises(BadInput, match=r"settings\.json"):
        Settings(file=file)


@pytest.mark.parametrize("spec", SETTINGS, ids=lambda spec: spec.key)
def test_every_setting_has_a_sentence_and_a_default_within_its_own_limits(spec) -> None:
    default = ",".join(spec.default) if isinstance(spec.default, tuple) else str(spec.default)

    assert spec.doc.endswith(".")
    assert from_text(spec, default) == spec.default
