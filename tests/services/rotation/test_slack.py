"""Slack's rotating tokens, from the scheduler to a channel that posts."""

from dataclasses import replace
from pathlib import Path

from tests.channels.desk import message
from tests.channels.slack_desk import desk_on
from tests.channels.slack_server import TOKEN, Fault, slack_server
from tests.fakes import ManualClock, MemoryKeeper
from tests.services.rotation.desk import HOUR_S, keyring_with, rotation_desk
from tests.services.rotation.slack_app import GIVEN, ending_in, rotating, tokens_at
from tradeassist_desktop.channels.slack import SlackChannel
from tradeassist_desktop.domain.rotation import WhoRotates
from tradeassist_desktop.domain.secret import SLACK_BOT, KeeperRefused, KeeperSilent
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.channel_secrets import ChannelSecrets


async def test_a_token_is_replaced_two_hours_before_it_runs_out(tmp_path: Path) -> None:
    clock = ManualClock()
    keyring = keyring_with(SLACK_BOT, ending_in(clock, 12 * HOUR_S))
    async with slack_server() as server:
        rotating(server)
        own = {SLACK_BOT: tokens_at(server, tmp_path, clock)}
        async with rotation_desk(tmp_path, keepers=[keyring], own=own, clock=clock) as desk:
            await desk.after(9.9 * HOUR_S)
            early = list(server.requests)
            await desk.after(0.2 * HOUR_S)
            await desk.wait_for(SLACK_BOT)

            assert early == []
            assert server.requests == ["oauth.v2.access", "auth.test"]
            assert await desk.text_of(SLACK_BOT, "token") == "xoxe.xoxb-1-rotated1"
            left_s = (desk.standing(SLACK_BOT).due_ns - clock.now_ns()) / 1e9
            assert 9.9 * HOUR_S < left_s <= 10 * HOUR_S


async def test_the_first_one_is_made_at_once_as_nobody_knows_when_the_given_one_ends(tmp_path: Path) -> None:
    async with slack_server() as server:
        rotating(server)
        clock = ManualClock()
        own = {SLACK_BOT: tokens_at(server, tmp_path, clock)}
        async with rotation_desk(
            tmp_path, keepers=[keyring_with(SLACK_BOT, GIVEN)], own=own, clock=clock
        ) as desk:
            await desk.wait_for(SLACK_BOT)

            assert await desk.text_of(SLACK_BOT, "token") == "xoxe.xoxb-1-rotated1"


async def test_the_channel_posts_with_the_new_token(tmp_path: Path) -> None:
    async with slack_server() as server:
        rotating(server)
        own = {SLACK_BOT: tokens_at(server, tmp_path, SystemClock())}
        async with rotation_desk(
            tmp_path, keepers=[keyring_with(SLACK_BOT, GIVEN)], own=own, runs=False
        ) as desk:
            asked = ChannelSecrets(store=desk.secrets, clock=SystemClock())
            context = replace(desk_on(tmp_path, server).context, read_secret=asked.read)
            channel = SlackChannel(context=context)
            try:
                await channel.send(message(idempotency_key="1"))
                del server.tokens[TOKEN]  # Slack has ended it
                await desk.service.rotate_now(SLACK_BOT)
                await channel.send(message(idempotency_key="2"))
            finally:
                await channel.close()
                await asked.close()

    assert len(server.messages) == 2


async def test_a_new_token_is_kept_before_it_is_used(tmp_path: Path) -> None:
    keyring, kept = keyring_with(SLACK_BOT, GIVEN), []
    async with slack_server() as server:
        rotating(server)
        tokens = tokens_at(server, tmp_path, SystemClock())
        verify = tokens.verify

        async def verify_and_look(secret) -> None:
            kept.append(dict(keyring.kept[f"{SLACK_BOT}.next"]))
            await verify(secret)

        tokens.verify = verify_and_look
        async with rotation_desk(tmp_path, keepers=[keyring], own={SLACK_BOT: tokens}, runs=False) as desk:
            await desk.service.rotate_now(SLACK_BOT)

    assert kept[0]["refresh_token"] == "xoxe-1-refresh1"


async def test_while_it_cannot_be_kept_slack_is_not_asked_again_and_the_trader_is_told(
    tmp_path: Path,
) -> None:
    keyring = keyring_with(SLACK_BOT, GIVEN)
    async with slack_server() as server:
        rotating(server)
        tokens = tokens_at(server, tmp_path, SystemClock())
        make = tokens.make

        async def make_and_break(secret):
            made = await make(secret)
            keyring.write_failure = KeeperRefused("it is locked", keeper="keyring")
            return made

        tokens.make = make_and_break
        async with rotation_desk(tmp_path, keepers=[keyring], own={SLACK_BOT: tokens}, runs=False) as desk:
            first = await desk.service.rotate_now(SLACK_BOT)
            second = await desk.service.rotate_now(SLACK_BOT)
            during = await desk.text_of(SLACK_BOT, "token")
            keyring.write_failure = None
            third = await desk.service.rotate_now(SLACK_BOT)

            assert [first.is_done, second.is_done, third.is_done] == [False, False, True]
            assert during == TOKEN
            assert desk.told.titles() == ["Slack bot token: a new one came and cannot be kept"]
            assert server.requests == ["oauth.v2.access", "auth.test"]
            assert await desk.text_of(SLACK_BOT, "token") == "xoxe.xoxb-1-rotated1"


async def test_a_token_that_only_memory_has_is_used_once_the_old_one_has_run_out(tmp_path: Path) -> None:
    clock = ManualClock()
    keyring = keyring_with(SLACK_BOT, ending_in(clock, 60))
    async with slack_server() as server:
        rotating(server)
        tokens = tokens_at(server, tmp_path, clock)
        make = tokens.make

        async def make_and_break(secret):
            made = await make(secret)
            keyring.write_failure = KeeperSilent("it is locked", keeper="keyring")
            return made

        tokens.make = make_and_break
        own = {SLACK_BOT: tokens}
        async with rotation_desk(tmp_path, keepers=[keyring], own=own, clock=clock, runs=False) as desk:
            await desk.service.rotate_now(SLACK_BOT)
            at_first = await desk.text_of(SLACK_BOT, "token")
            await clock.advance(61)
            await desk.service.rotate_now(SLACK_BOT)
            then = await desk.text_of(SLACK_BOT, "token")
            keyring.write_failure = None
            await clock.advance(61)
            outcome = await desk.service.rotate_now(SLACK_BOT)

            assert (at_first, then) == (TOKEN, "xoxe.xoxb-1-rotated1")
            assert outcome.is_done
            assert keyring.kept[SLACK_BOT]["refresh_token"] == "xoxe-1-refresh1"
            assert server.requests.count("oauth.v2.access") == 1


async def test_a_lost_answer_leaves_the_old_token_in_use_and_says_what_to_do(tmp_path: Path) -> None:
    async with slack_server() as server:
        rotating(server)
        server.refresh_answers.append(Fault.RESET)
        own = {SLACK_BOT: tokens_at(server, tmp_path, SystemClock())}
        async with rotation_desk(
            tmp_path, keepers=[keyring_with(SLACK_BOT, GIVEN)], own=own, runs=False
        ) as desk:
            lost = await desk.service.rotate_now(SLACK_BOT)
            refused = await desk.service.rotate_now(SLACK_BOT)

            assert not lost.is_done
            assert refused.words.endswith("give its token and its refresh token")
            assert await desk.text_of(SLACK_BOT, "token") == TOKEN
            assert await desk.text_of(SLACK_BOT, "refresh_token") == GIVEN["refresh_token"]


async def test_a_token_that_is_not_rotated_is_left_to_its_person(tmp_path: Path) -> None:
    async with slack_server() as server:
        own = {SLACK_BOT: tokens_at(server, tmp_path, SystemClock())}
        keyring = keyring_with(SLACK_BOT, {"token": TOKEN})
        async with rotation_desk(tmp_path, keepers=[keyring], own=own) as desk:
            await desk.after(60)
            standing = desk.standing(SLACK_BOT)

    assert standing.who is WhoRotates.PERSON
    assert standing.due_ns is None
    assert "does not rotate its tokens" in standing.hint
    assert server.requests == []


async def test_where_the_token_is_in_memory_only_it_is_replaced_there(tmp_path: Path) -> None:
    keyring = MemoryKeeper()
    keyring.can_write = False
    async with slack_server() as server:
        rotating(server)
        own = {SLACK_BOT: tokens_at(server, tmp_path, SystemClock())}
        async with rotation_desk(tmp_path, keepers=[keyring], own=own, runs=False) as desk:
            await desk.secrets.write(SLACK_BOT, GIVEN, who="channel setup")
            outcome = await desk.service.rotate_now(SLACK_BOT)

            assert outcome.is_done
            assert await desk.text_of(SLACK_BOT, "token") == "xoxe.xoxb-1-rotated1"


async def test_tokens_given_anew_by_hand_are_renewed_at_once(tmp_path: Path) -> None:
    async with slack_server() as server:
        app, clock = rotating(server), ManualClock()
        own = {SLACK_BOT: tokens_at(server, tmp_path, clock)}
        async with rotation_desk(
            tmp_path, keepers=[keyring_with(SLACK_BOT, GIVEN)], own=own, clock=clock
        ) as desk:
            await desk.wait_for(SLACK_BOT)
            app.refresh_tokens = {"xoxe-1-installedanew"}
            await desk.after(60)
            by_hand = {**GIVEN, "refresh_token": "xoxe-1-installedanew"}
            await desk.secrets.write(SLACK_BOT, by_hand, who="channel setup")
            await desk.after(600)
            await desk.wait_for(SLACK_BOT, finished=2)

            assert await desk.text_of(SLACK_BOT, "token") == "xoxe.xoxb-1-rotated2"
