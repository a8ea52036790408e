"""What was given up can be seen and sent again: from the real outbox, on a clock the test moves."""

from pathlib import Path

from tests.fakes import ManualClock
from tests.services.routed_desk import NOON_NS, Market, running_desk
from tradeassist_desktop.domain.delivery import DeliveryState, Undeliverable
from tradeassist_desktop.services.dead_letters import DeadLetters


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
