"""Rows 27 to 36: what can go wrong with Secret Manager, for real; each test is named for its row."""

import asyncio
import logging
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.cloud.secretmanager_v1.types import resources, service

from tests.secret_manager.faults import DENIED, EXHAUSTED, FAULTS, HANG, REFUSED, UNAVAILABLE, Fault
from tests.secret_manager.vault import PROJECT
from tests.secrets.secret_manager_desk import TOKEN, SecretManagerDesk, secret_manager_desk
from tests.tcp_proxy import tcp_proxy
from tradeassist_desktop.domain.breakers import BreakerState
from tradeassist_desktop.domain.secret import SLACK_BOT, KeeperCorrupt, KeeperRefused, KeeperSilent
from tradeassist_desktop.secrets.secret_manager.keeper import READ_S

Until = Callable[..., Any]
ACCESS = "AccessSecretVersion"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[SecretManagerDesk]:
    async with secret_manager_desk(tmp_path) as desk:
        desk.server.vault.put("tradeassist-slack-bot", '{"token": "xoxb-the-words-of-the-bot"}')
        yield desk


async def silence_of(desk: SecretManagerDesk) -> KeeperSilent:
    with pytest.raises(KeeperSilent) as raised:
        await desk.keeper.read(SLACK_BOT)
    return raised.value


async def silence_after(desk: SecretManagerDesk, until: Until, seconds: float) -> KeeperSilent:
    """Read where no answer comes: let so long pass, once the call is under way."""
    asked = desk.server.called(ACCESS)
    reading = asyncio.create_task(silence_of(desk))
    await until(lambda: desk.server.called(ACCESS) > asked)
    await desk.clock.advance(seconds)
    return await reading


# --- 27: unavailable


async def test_row_27_each_failure_is_one_call_and_the_third_opens_the_breaker(desk) -> None:
    desk.server.fail(UNAVAILABLE)

    for _ in range(3):
        await silence_of(desk)
    refused = await silence_of(desk)

    assert desk.server.called(ACCESS) == 3
    assert desk.breaker.state is BreakerState.OPEN
    assert refused.retry_after_s > 20
    assert "Secret Manager is out of order (unavailable)" in str(refused)


async def test_row_27_after_its_wait_one_call_is_let_through_and_closes_the_breaker(desk) -> None:
    desk.server.fail(UNAVAILABLE, times=3)
    for _ in range(3):
        await silence_of(desk)

    await desk.clock.advance(40.0)
    kept = await desk.keeper.read(SLACK_BOT)

    assert kept.secret == TOKEN
    assert desk.breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize("fault", ["deadline", "internal"])
async def test_row_27_other_outages_count_too(desk, fault: str) -> None:
    desk.server.fail(FAULTS[fault])

    for _ in range(3):
        await silence_of(desk)

    assert desk.breaker.state is BreakerState.OPEN


# --- 28: no answer


async def test_row_28_a_read_of_a_server_that_hangs_ends_within_its_limit(desk, until: Until) -> None:
    desk.server.fail(HANG)

    silence = await silence_after(desk, until, READ_S)

    assert READ_S <= 5.0
    assert "no answer from localhost" in str(silence)


async def test_row_28_a_write_of_several_calls_ends_within_five_seconds(desk, until: Until) -> None:
    desk.server.fail(HANG)

    writing = asyncio.create_task(desk.keeper.write(SLACK_BOT, TOKEN))
    await until(lambda: desk.server.calls)
    await desk.clock.advance(4.9)
    was_done = writing.done()
    await desk.clock.advance(0.1)

    with pytest.raises(KeeperSilent):
        await writing
    assert not was_done


async def test_row_28_three_calls_without_an_answer_open_the_breaker(desk, until: Until) -> None:
    desk.server.fail(HANG)

    for _ in range(3):
        await silence_after(desk, until, READ_S)

    assert desk.breaker.state is BreakerState.OPEN


async def test_row_28_calls_that_nobody_waits_for_any_more_count_too(desk, until: Until) -> None:
    desk.server.fail(HANG)

    for count in range(1, 4):
        reading = asyncio.create_task(desk.keeper.read(SLACK_BOT))
        await until(lambda count=count: desk.server.called(ACCESS) == count)
        reading.cancel()
        await desk.clock.advance(READ_S)

    assert desk.breaker.state is BreakerState.OPEN


async def test_row_28_a_closed_port_is_an_answer_at_once_and_its_return_is_seen(desk) -> None:
    desk.server.stop()
    silence = await silence_of(desk)

    desk.server.start()
    kept = await desk.keeper.read(SLACK_BOT)

    assert f"nobody answers at localhost:{desk.server.port}" in str(silence)
    assert kept.secret == TOKEN


async def test_row_28_a_line_that_stalls_without_a_word_is_opened_anew(desk, until: Until) -> None:
    async with tcp_proxy(desk.server.port) as proxy:
        desk.change(endpoint=f"localhost:{proxy.port}")
        await desk.keeper.read(SLACK_BOT)
        proxy.stall()

        reading = asyncio.create_task(silence_of(desk))
        await until(lambda: desk.clock.sleepers)
        await desk.clock.advance(READ_S)
        await reading
        kept = await desk.keeper.read(SLACK_BOT)

        assert kept.secret == TOKEN
        assert proxy.connects == 2


@pytest.mark.qt_loop
async def test_row_28_the_window_goes_on_while_there_is_no_answer(desk, until: Until) -> None:
    from PySide6.QtCore import QTimer

    desk.server.fail(HANG)
    painted = []
    timer = QTimer()
    timer.timeout.connect(lambda: painted.append(None))

    reading = asyncio.create_task(silence_of(desk))
    await until(lambda: desk.server.called(ACCESS))
    timer.start(0)
    # Had it waited, the read would have ended by gRPC's own limit before all this came to pass.
    await until(lambda: len(painted) > 100)
    was_done = reading.done()
    timer.stop()
    await desk.clock.advance(READ_S)
    await reading

    assert not was_done


async def test_row_28_calls_under_way_are_answered_though_another_hangs_up(desk, until: Until) -> None:
    await desk.keeper.read(SLACK_BOT)
    desk.server.fail(HANG, times=1)
    hanging = asyncio.create_task(silence_of(desk))
    await until(lambda: desk.server.called(ACCESS) == 2)
    desk.server.fail(Fault(slow_s=0.3), times=1)
    slow = asyncio.create_task(desk.keeper.versions(SLACK_BOT))
    await until(lambda: desk.server.called("ListSecretVersions") == 1)

    await desk.clock.advance(READ_S)
    await hanging
    versions = await slow

    assert [version.version for version in versions] == ["1"]


# --- 29: refused


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(
            DENIED,
            "permission secretmanager.versions.access is missing on "
            f"projects/{PROJECT}/secrets/tradeassist-slack-bot: give "
            f"desk@{PROJECT}.iam.gserviceaccount.com the role Secret Manager Secret Accessor",
            id="permission denied",
        ),
        pytest.param(
            REFUSED, "their key may be deleted or disabled, or this computer's clock wrong", id="key"
        ),
        pytest.param(
            FAULTS["api_disabled"], f"the Secret Manager API is not enabled in project {PROJECT}", id="API"
        ),
    ],
)
async def test_row_29_a_refusal_is_not_asked_again_trips_nothing_and_says_what_to_do(
    desk, fault: Fault, words: str
) -> None:
    desk.server.fail(fault)

    for _ in range(5):
        with pytest.raises(KeeperRefused) as raised:
            await desk.keeper.read(SLACK_BOT)

    assert desk.server.called(ACCESS) == 5
    assert desk.breaker.state is BreakerState.CLOSED
    assert words in str(raised.value)


async def test_row_29_a_key_that_was_deleted_is_refused_and_a_new_file_holds_at_once(desk, tmp_path) -> None:
    await desk.keeper.read(SLACK_BOT)
    desk.server.accounts.forget()
    with pytest.raises(KeeperRefused):
        await desk.keeper.read(SLACK_BOT)

    desk.server.accounts.write_key_file(Path(desk.place.credentials))
    kept = await desk.keeper.read(SLACK_BOT)

    assert kept.secret == TOKEN


# --- 31: asked too often


async def test_row_31_who_asks_too_often_keeps_away_for_as_long_as_asked(desk) -> None:
    desk.server.fail(EXHAUSTED, times=1)

    first = await silence_of(desk)
    await desk.clock.advance(29.0)
    meanwhile = await silence_of(desk)
    calls_meanwhile = desk.server.called(ACCESS)
    await desk.clock.advance(1.0)
    kept = await desk.keeper.read(SLACK_BOT)

    assert (first.retry_after_s, meanwhile.retry_after_s, calls_meanwhile) == (30.0, 1.0, 1)
    assert kept.secret == TOKEN
    assert desk.breaker.state is BreakerState.CLOSED


async def test_row_31_without_a_time_it_waits_longer_each_time(desk) -> None:
    desk.server.fail(FAULTS["exhausted_without_delay"], times=3)

    waits = []
    for _ in range(3):
        waits.append((await silence_of(desk)).retry_after_s)
        await desk.clock.advance(waits[-1])
    await desk.keeper.read(SLACK_BOT)

    assert waits == [5.0, 10.0, 20.0]


# --- 32: damaged


@pytest.mark.parametrize("fault", ["corrupt", "wrong_crc", "no_crc"])
async def test_row_32_what_does_not_fit_its_checksum_is_read_once_more_then_refused(desk, fault: str) -> None:
    desk.server.fail(FAULTS[fault], times=2)

    with pytest.raises(KeeperCorrupt, match="its checksum is missing or wrong"):
        await desk.keeper.read(SLACK_BOT)

    assert desk.server.called(ACCESS) == 2


async def test_row_32_damaged_once_is_read_well_the_second_time(desk) -> None:
    desk.server.fail(FAULTS["corrupt"], times=1)

    kept = await desk.keeper.read(SLACK_BOT)

    assert kept.secret == TOKEN
    assert desk.server.called(ACCESS) == 2


# --- 36: rotation schedules


async def test_row_36_a_schedule_that_is_due_changes_nothing_by_itself(desk) -> None:
    name = f"projects/{PROJECT}/secrets/tradeassist-slack-bot"
    schedule = resources.Secret(
        name=name,
        topics=[resources.Topic(name=f"projects/{PROJECT}/topics/rotations")],
        rotation=resources.Rotation(
            next_rotation_time=datetime.now(UTC) - timedelta(hours=1), rotation_period=timedelta(days=30)
        ),
    )
    desk.server.vault.update_secret(
        service.UpdateSecretRequest(secret=schedule, update_mask={"paths": ["topics", "rotation"]})
    )

    kept = await desk.keeper.read(SLACK_BOT)

    assert (kept.secret, kept.version.version) == (TOKEN, "1")
    assert len(desk.server.vault.published) == 1
    assert len(await desk.keeper.versions(SLACK_BOT)) == 1


# --- 50: nothing of it in a log


def lines_of_key(file: str) -> list[str]:
    """Lines of a key file's private key: enough of it to know it by."""
    return Path(file).read_text().split('"private_key": "')[1].split("\\n")[1:5]


@pytest.fixture
def google_log(caplog) -> pytest.LogCaptureFixture:
    """All of the log, and what the client library tells when it is asked to tell everything."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="google.cloud.secretmanager_v1")
    return caplog


async def test_row_50_no_level_of_logging_shows_a_payload_or_the_key(desk, google_log) -> None:
    secret = {"token": "canary-of-the-payload"}

    await desk.keeper.write(SLACK_BOT, secret)
    await desk.keeper.read(SLACK_BOT)
    for fault in ("corrupt", "permission_denied", "unavailable"):
        desk.server.recover()
        desk.server.fail(FAULTS[fault])
        with pytest.raises((KeeperCorrupt, KeeperRefused, KeeperSilent)) as raised:
            await desk.keeper.read(SLACK_BOT)
        logging.getLogger("tests").error("failed", exc_info=raised.value)

    shown = google_log.text + "".join(str(record.__dict__) for record in google_log.records)
    payload = b64encode(b'{"token": "canary-of-the-payload"}').decode()
    assert not [text for text in ("canary", payload[:12]) if text in shown]
    assert "Bearer" not in shown
    assert not [line for line in lines_of_key(desk.place.credentials) if line in shown]
