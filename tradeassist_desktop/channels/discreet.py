"""A channel whose words hold no secret, whatever its receiver quoted in an answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from tradeassist_desktop.channels.kind import RemoteChannel
from tradeassist_desktop.domain.channels import ChannelTraits, Receipt, Undeliverable
from tradeassist_desktop.domain.messages import Message


class DiscreetChannel:
    """Passes everything on; reasons and receipts, which are stored and shown, are masked.

    Args:
        masked: Takes known secrets out of a text.
    """

    def __init__(self, channel: RemoteChannel, *, masked: Callable[[str], str]) -> None:
        self._channel = channel
        self._masked = masked

    @property
    def name(self) -> str:
        """The word rules use."""
        return self._channel.name

    @property
    def traits(self) -> ChannelTraits:
        """How it is to be treated."""
        return self._channel.traits

    async def missing(self) -> str:
        """Return in words what the trader has to give before it can send; empty where nothing is."""
        with self._discreetly():
            return await self._channel.missing()

    async def send(self, message: Message) -> Receipt:
        """Make one attempt.

        Raises:
            Undeliverable: it was not delivered.
        """
        with self._discreetly():
            receipt = await self._channel.send(message)
        return replace(receipt, detail=self._masked(receipt.detail))

    async def close(self) -> None:
        """Let go of connections."""
        await self._channel.close()

    @contextmanager
    def _discreetly(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            # Raised on as it is, with other words: its kind says what becomes of the message.
            error.args = tuple(self._masked(word) if isinstance(word, str) else word for word in error.args)
            if isinstance(error, Undeliverable):
                error.reason = self._masked(error.reason)
            raise
