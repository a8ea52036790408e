"""Row 50: what a receiver quotes of a secret is neither stored nor shown."""

import httpx
import pytest

from tests.channels.desk import message
from tradeassist_desktop.channels.discreet import DiscreetChannel
from tradeassist_desktop.domain.channels import ChannelTraits, RateLimited, Receipt, Uncertain
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.logs import SecretMask


class Quoting:
    """A channel that ends each attempt as told."""

    name = "webhook"
    traits = ChannelTraits(is_local=False)

    def __init__(self, end: Exception | Receipt) -> None:
        self._end = end

    async def missing(self) -> str:
        return ""

    async def send(self, message: Message) -> Receipt:
        if isinstance(self._end, Exception):
            raise self._end
        return self._end

    async def close(self) -> None:
        """Nothing is open."""


def discreet(end: Exception | Receipt) -> DiscreetChannel:
    mask = SecretMask()
    mask.learn(["canary-of-the-hook"])
    return DiscreetChannel(Quoting(end), masked=mask)


@pytest.mark.parametrize(
    "error",
    [
        Uncertain("answered 502 canary-of-the-hook"),
        RateLimited("canary-of-the-hook waits", retry_after_s=3.0),
        httpx.InvalidURL("no such canary-of-the-hook"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_row_50_a_failure_keeps_its_kind_and_loses_the_secret(error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        await discreet(error).send(message())

    told = f"{raised.value} {getattr(raised.value, 'reason', '')}"
    assert raised.value is error
    assert "•••" in told and "canary" not in told


async def test_row_50_a_receipt_loses_the_secret_and_keeps_its_reference() -> None:
    receipt = await discreet(Receipt(detail="took canary-of-the-hook", reference="17.5")).send(message())

    assert receipt == Receipt(detail="took •••", reference="17.5")
