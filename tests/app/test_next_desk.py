"""One desk after the other: live, a replay, and back."""

from pathlib import Path

import pytest

from tradeassist_desktop import paths
from tradeassist_desktop.app.launch import Launch
from tradeassist_desktop.app.next_desk import NextDesk
from tradeassist_desktop.domain.errors import UsageError
from tradeassist_desktop.domain.replay import Opening
from tradeassist_desktop.logs import SecretMask


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    file = tmp_path / "session.csv"
    file.write_text("timestamp,symbol,last\n1,A,1\n")
    return file


def launch(tmp_path: Path, feed: str | None) -> Launch:
    return Launch(
        places=paths.resolve(tmp_path),
        feed=feed,
        speed=3.0,
        symbol=None,
        bar_label="start",
        rules_file=None,
        record_file=tmp_path / "out.csv.gz" if feed == "demo" else None,
        overrides=(),
        environment={},
        is_dev=False,
        is_headless=False,
        mask=SecretMask(),
    )


def test_the_first_desk_is_the_one_that_was_launched_and_then_none(tmp_path: Path) -> None:
    first = launch(tmp_path, "demo")
    next_desk = NextDesk(launch=first)

    assert next_desk.take() is first
    assert not next_desk.has_next
    assert next_desk.take() is None


async def test_a_recording_is_opened_in_place_of_the_live_feed_and_left_again(
    tmp_path: Path, recording: Path
) -> None:
    next_desk = NextDesk(launch=launch(tmp_path, "demo"))
    next_desk.take()

    next_desk.reopen(Opening(file=recording, speed=10.0, start_at_ns=7))
    is_told = next_desk.changed.is_set()
    replay = next_desk.take()
    next_desk.reopen(None)
    live = next_desk.take()

    assert is_told
    assert replay is not None and live is not None
    assert (replay.replay_file, replay.speed, replay.start_at_ns) == (recording, 10.0, 7)
    # What was recorded at first is written: no second desk may record to that file.
    assert (live.feed, live.speed, live.start_at_ns, live.record_file) == ("demo", 3.0, None, None)


def test_a_program_begun_with_a_replay_goes_back_to_the_feed_of_the_settings(
    tmp_path: Path, recording: Path
) -> None:
    next_desk = NextDesk(launch=launch(tmp_path, f"replay:{recording}"))
    next_desk.take()

    next_desk.reopen(None)
    live = next_desk.take()

    assert live is not None
    assert (live.feed, live.speed) == (None, None)


def test_a_recording_that_is_gone_is_refused_when_its_desk_is_to_be_opened(
    tmp_path: Path, recording: Path
) -> None:
    next_desk = NextDesk(launch=launch(tmp_path, "demo"))
    next_desk.take()
    next_desk.reopen(Opening(file=recording))
    recording.unlink()

    with pytest.raises(UsageError, match="there is no file"):
        next_desk.take()


def test_nothing_is_opened_once_the_program_is_to_end(tmp_path: Path) -> None:
    next_desk = NextDesk(launch=launch(tmp_path, "demo"))
    next_desk.take()

    next_desk.quit()
    next_desk.reopen(None)

    assert next_desk.take() is None
    assert next_desk.changed.is_set()
