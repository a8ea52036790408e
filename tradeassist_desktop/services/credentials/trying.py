"""Tries a credential: where it is used, or else by reading it anew."""

from collections.abc import Mapping

from tradeassist_desktop.channels.kind import ChannelKind
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.secret import SLACK_BOT, SLACK_WEBHOOK
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.channel_setup import ChannelSetup
from tradeassist_desktop.services.credentials.looking import WHO
from tradeassist_desktop.services.settings import Settings
from tradeassist_desktop.services.sign_in.sign_in import SignIn


class NotYet(TradeAssistError):
    """Nothing was tried: something else has to be given first."""


class Trying:
    """Says in words how it went, and whether well.

    Args:
        kinds: The channels' table: it says which secret is whose.
        sign_in: Of the venue that wants one; ``None`` where none does.
    """

    def __init__(
        self,
        *,
        secrets: SecretStore,
        settings: Settings,
        channel_setup: ChannelSetup,
        kinds: Mapping[str, ChannelKind],
        sign_in: SignIn | None,
    ) -> None:
        self._secrets = secrets
        self._settings = settings
        self._channel_setup = channel_setup
        self._channels = {field.secret: kind.name for kind in kinds.values() for field in kind.fields}
        self._sign_in = sign_in

    def channel_of(self, name: str) -> str:
        """Return the channel whose form has it; empty for none."""
        return self._channels.get(name, "")

    async def tried(self, name: str) -> tuple[bool, str]:
        """Return whether it went well, and how in words.

        Raises:
            NotYet: its channel is not set up.
            TradeAssistError: it did not, as the text says.
            KeeperError: nobody could be asked for it.
        """
        channel = self.channel_of(name)
        if channel and not await self._is_idle(name):
            tested = await self._channel_setup.test(channel)
            known_as = self._channel_setup.title(channel)
            is_named = tested.words.startswith(known_as)
            words = tested.words if is_named else f"{known_as}: {tested.words}"
            if not tested.is_set_up:
                raise NotYet(f"Cannot be tested yet: {words}")
            return tested.is_delivered, words
        if self._sign_in is not None and not channel:
            return True, await self._sign_in.check()
        return await self._read_anew(name, is_of_channel=bool(channel))

    async def _is_idle(self, name: str) -> bool:
        """Return whether its channel goes another way now, so that a message would say nothing of it."""
        mode = self._settings.text("slack.mode")
        if name == SLACK_BOT:
            return mode == "webhook"
        if name != SLACK_WEBHOOK or mode == "webhook":
            return False
        return mode == "bot" or await self._secrets.read(SLACK_BOT, who=WHO) is not None

    async def _read_anew(self, name: str, *, is_of_channel: bool) -> tuple[bool, str]:
        kept = await self._secrets.read(name, who=WHO, anew=True)
        if kept is None:
            return False, "It is not there any more."
        if kept.offline_since_ns is not None:
            return False, f"The {kept.source} does not answer; a copy stands in."
        if is_of_channel:
            untried = "Slack goes the other way now (slack.mode), so nothing was sent with it."
        else:
            untried = "Whether Schwab takes it shows once it is the data feed."
        return True, f"Read anew from the {kept.source}. {untried}"
