"""What was given up can be seen and sent again: from the real outbox, on a clock the test moves."""

from pathlib import Path

from tests.fakes import ManualClock
from tests.services.routed_desk import NOON_NS, Market, running_desk
from tradeassist_desktop.domain.channels import Undeliverable
from tradeassist_desktop.domain.delivery import DeliveryKey, DeliveryState
from tradeassist_desktop.services.dead_letters import DeadLetters, Discarding


async def test_a_refused_message_is_listed_and_leaves_the_list_once_sent_again(tmp_path: Path) -> None:
    async with running_desk(tmp_path, clock=ManualClock(now_ns=NOON_NS), market=Market()) as desk:
        letters = DeadLetters(database=desk.database, resend=desk.dispatcher.resend)
        desk.channels["slack"].script = [Undeliverable("the channel is archived", retry=False)]
        await desk.set(notify__urgent=("slack",))
        alert = await desk.fire()
        await desk.advance(1)

        (letter,) = await letters.newest()
        sent = await letters.resend([letter.delivery.key])
        await desk.advance(1)

        assert (letter.alert.id, letter.delivery.state) == (alert.id, DeliveryState.DEAD)
        assert letter.delivery.detail == "the channel is archived"
        assert sent == 1
        assert await letters.newest() == ()
        assert [message.alert_id for message in desk.channels["slack"].messages] == [alert.id, alert.id]


async def test_what_is_discarded_is_listed_no_more_nor_after_a_restart_until_that_is_undone(
    tmp_path: Path,
) -> None:
    clock, market = ManualClock(now_ns=NOON_NS), Market()
    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        letters = DeadLetters(database=desk.database, resend=desk.dispatcher.resend)
        desk.channels["slack"].script = [Undeliverable("archived", retry=False)] * 2
        await desk.set(notify__urgent=("slack",))
        first, second = await desk.fire(), await desk.fire("fade")
        await desk.advance(1)
        of = {letter.alert.id: letter.delivery.key for letter in await letters.newest()}

        discarding = Discarding(letters=letters, keys=[of[first.id]], words="Discard: breakout")
        await discarding.do()
        left = [letter.alert.id for letter in await letters.newest()]

    async with running_desk(tmp_path, clock=clock, market=market) as desk:
        letters = DeadLetters(database=desk.database, resend=desk.dispatcher.resend)
        after_restart = [letter.alert.id for letter in await letters.newest()]

        await letters.take_back([of[first.id]])
        again = {letter.alert.id for letter in await letters.newest()}
        record = await desk.record(first)

    assert set(of) == again == {first.id, second.id}
    assert left == after_restart == [second.id]
    assert [delivery.state for delivery in record.deliveries] == [DeliveryState.DEAD]


async def test_discarding_says_whether_it_stands(tmp_path: Path) -> None:
    async with running_desk(tmp_path, clock=ManualClock(now_ns=NOON_NS), market=Market()) as desk:
        letters = DeadLetters(database=desk.database, resend=desk.dispatcher.resend)
        discarding = Discarding(letters=letters, keys=[DeliveryKey("a", "slack", 0)], words="Discard: a")

        stands = [discarding.is_done]
        for step in (discarding.do, discarding.undo):
            await step()
            stands.append(discarding.is_done)

    assert stands == [False, True, False]
