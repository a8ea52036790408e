"""Sets channels up for the trader: what each needs, keeping it, and sending a test."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from tradeassist_desktop.channels.kind import ChannelField, ChannelKind, RemoteChannel
from tradeassist_desktop.domain.access import OPEN, Act, Gate
from tradeassist_desktop.domain.alerts import AlertStatus, Priority
from tradeassist_desktop.domain.channel_names import CHANNEL_TITLES
from tradeassist_desktop.domain.channels import Channel, ChannelUnavailable, Receipt, Undeliverable
from tradeassist_desktop.domain.errors import BadInput, Fault, TradeAssistError
from tradeassist_desktop.domain.events import ChannelSetUp
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.domain.secret import NOBODY, KeeperError, KeptSecret
from tradeassist_desktop.domain.setting import from_text
from tradeassist_desktop.domain.settings import setting
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.channel_secrets import ChannelSecrets
from tradeassist_desktop.services.settings import Settings, Value

log = logging.getLogger(__name__)

_LONGEST_SECRET: Final = 8_000
_WHO: Final = "channel form"
_NO_PLACE: Final = "there is no keyring that would keep it"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldNow:
    """One field of a channel's form.

    Args:
        text: A setting's value as a person types it; always empty for a secret.
        source: Who has the secret (``keyring``, ``environment``, ``memory``); empty for none.
        trouble: Why nobody knows whether there is such a secret; empty where that is known.
        choices: What a setting may be, where only some texts are.
        is_flag: Whether it is a yes/no setting; its text is ``yes`` or ``no``.
    """

    field: ChannelField
    text: str = ""
    source: str = ""
    trouble: str = ""
    choices: tuple[str, ...] = ()
    is_flag: bool = False


@dataclass(frozen=True, slots=True)
class Tested:
    """How a test went. ``is_set_up`` is false where something has to be given first."""

    is_delivered: bool
    words: str
    is_set_up: bool = True


class ChannelSetup:
    """What a form about channels asks and does; it needs to know no channel by name.

    Args:
        channels: All of this desk, those of this machine too.
        kinds: The table of those to other machines.
        send_test: Sends a message through the channel of that name at once, past all that waits.
    """

    def __init__(
        self,
        *,
        channels: Mapping[str, Channel],
        kinds: Mapping[str, ChannelKind],
        send_test: Callable[[str, Message], Awaitable[Receipt]],
        settings: Settings,
        secrets: ChannelSecrets,
        bus: Bus,
        clock: Clock,
        access: Gate = OPEN,
    ) -> None:
        self._access = access
        self._channels = dict(channels)
        self._kinds = dict(kinds)
        self._send_test = send_test
        self._settings = settings
        self._secrets = secrets
        self._bus = bus
        self._clock = clock
        self._testing: dict[str, asyncio.Lock] = {}
        self._tests = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The channels of this desk, in the order of ``CHANNEL_TITLES``."""
        known = [name for name in CHANNEL_TITLES if name in self._channels]
        return (*known, *(name for name in self._channels if name not in known))

    def title(self, channel: str) -> str:
        """Return a channel's name for people."""
        kind = self._kinds.get(channel)
        if kind is not None:
            return kind.title
        return CHANNEL_TITLES.get(channel, channel).removeprefix("the ").capitalize()

    def has_form(self, channel: str) -> bool:
        """Return whether a channel wants anything of its trader; those of this machine do not."""
        return channel in self._kinds

    def setting_keys(self, channel: str) -> tuple[str, ...]:
        """Return the settings in a channel's form."""
        fields = self._kinds[channel].fields if channel in self._kinds else ()
        return tuple(field.key for field in fields if not field.secret)

    async def fields(self, channel: str) -> tuple[FieldNow, ...]:
        """Return what the channel's form shows, in order; nothing for a channel of this machine."""
        kind = self._kinds.get(channel)
        return () if kind is None else tuple([await self._now(field) for field in kind.fields])

    async def missing(self, channel: str) -> str:
        """Return in words what has to be given before the channel can send; empty where nothing is."""
        found = self._channels.get(channel)
        if found is None:
            return f"there is no {CHANNEL_TITLES.get(channel, channel)} in this run"
        if channel not in self._kinds:
            return ""
        remote: RemoteChannel = found  # type: ignore[assignment]  # those of the table all are
        try:
            return await remote.missing()
        except Undeliverable as error:
            return error.reason

    async def save(self, channel: str, entered: Mapping[str, str], *, anew: Collection[str] = ()) -> str:
        """Keep what was entered, all or nothing; return in words where. It holds at once.

        Args:
            entered: By the field's ``id``, only of those that were changed. Empty takes a secret out,
                and a setting back to what it is by default.
            anew: Secrets that were entered as a whole, since nobody could say what there is (``trouble``).

        Raises:
            BadInput: something cannot be; each fault's place is the field's label.
            TradeAssistError: a setting could not be written, and holds for this run all the same; or who
                keeps a secret lets nothing be changed.
            Undeliverable: the keyring does not answer, and a secret was entered in part.
        """
        self._access.require(Act.CREDENTIALS)
        fields = {field.id: field for field in self._kinds[channel].fields}
        values = _checked({fields[id_]: text.strip() for id_, text in entered.items()})
        secrets: dict[str, dict[str, str]] = {}
        for field, value in values.items():
            if field.secret:
                if field.secret not in secrets:
                    # What else is kept with it, such as when it runs out, was true of the old one.
                    given = {each.key for each in fields.values() if each.secret == field.secret}
                    kept_now = await self._texts(field.secret, is_needed=field.secret not in anew)
                    secrets[field.secret] = {key: text for key, text in kept_now.items() if key in given}
                secrets[field.secret][field.key] = str(value)
        written = list[KeptSecret]()
        try:
            for name, texts in secrets.items():
                kept = {key: text for key, text in texts.items() if text}
                if (now_kept := await self._write(name, kept)) is not None:
                    written.append(now_kept)
            for field, value in values.items():
                if not field.secret and value != self._settings.get(field.key):
                    await self._settings.set(field.key, value)
        finally:
            self._bus.publish(ChannelSetUp(channel=channel))
        places = {each.source for each in written}
        if NOBODY in places:
            waits = {each.waits_for for each in written if each.waits_for}
            failures = dict.fromkeys(failure for each in written for failure in each.failures)
            later = "".join(f" The {each} has it once it is open." for each in sorted(waits))
            return f"Kept until the program ends: {'; '.join(failures) or _NO_PLACE}.{later}"
        return "Kept." if not places else f"Kept; secrets are in the {' and '.join(sorted(places))}."

    async def remove(self, channel: str) -> str:
        """Take out all that was given to a channel; return in words what is left of it elsewhere.

        Raises:
            TradeAssistError: as of ``save``.
        """
        self._access.require(Act.CREDENTIALS)
        fields = self._kinds[channel].fields
        try:
            for secret in dict.fromkeys(field.secret for field in fields if field.secret):
                await self._write(secret, {})
            for field in fields:
                if not field.secret:
                    await self._settings.set(field.key, setting(field.key).default)
        finally:
            self._bus.publish(ChannelSetUp(channel=channel))
        self._secrets.forget()  # what the keyring had stood before what others have
        now_given = await self.fields(channel)
        unknown = next((now.trouble for now in now_given if now.trouble), "")
        if unknown:
            return f"Taken out; whether another still gives it is not known: {unknown}."
        left = [now for now in now_given if now.source]
        if not left:
            return "Taken out."
        labels = dict.fromkeys(now.field.label for now in left)
        sources = dict.fromkeys(now.source for now in left)
        return f"Taken out; but the {' and '.join(sources)} still gives: {', '.join(labels)}."

    async def test(self, channel: str, like: Message | None = None) -> Tested:
        """Send a test at once, past all that waits; return how it went, in words.

        Args:
            like: What it says, and how loudly; without it, that the channel reaches its trader.
        """
        self._access.require(Act.RESEND)
        if channel not in self._channels:
            return Tested(False, await self.missing(channel), is_set_up=False)
        async with self._testing.setdefault(channel, asyncio.Lock()):
            self._secrets.forget()  # another program may have written them
            try:
                receipt = await self._send_test(channel, self._message(channel, like))
            except ChannelUnavailable as error:
                return Tested(False, error.reason, is_set_up=False)
            except Undeliverable as error:
                return Tested(False, error.reason)
            except TimeoutError as error:
                return Tested(False, str(error) or "no answer")
            except Exception as error:  # a broken channel must not break the form
                log.exception("test of a channel failed", extra={"channel": channel})
                return Tested(False, f"it broke: {type(error).__name__}; the log has more")
        return Tested(True, f"Delivered: {receipt.detail}" if receipt.detail else "Delivered.")

    async def _texts(self, secret: str, *, is_needed: bool) -> dict[str, str]:
        try:
            found = await self._secrets.find(secret, who=_WHO)
        except Undeliverable:
            if is_needed:
                raise
            return {}
        return {} if found is None else dict(found.secret)

    async def _write(self, secret: str, texts: Mapping[str, str]) -> KeptSecret | None:
        try:
            return await self._secrets.write(secret, texts, who=_WHO)
        except KeeperError as error:
            raise TradeAssistError(f"{secret}: {error}") from None

    async def _now(self, field: ChannelField) -> FieldNow:
        if field.secret:
            try:
                found = await self._secrets.find(field.secret, who=_WHO)
            except Undeliverable as error:
                return FieldNow(field=field, trouble=error.reason)
            has_it = found is not None and bool(found.secret.get(field.key))
            return FieldNow(field=field, source=found.source if found is not None and has_it else "")
        spec, value = setting(field.key), self._settings.get(field.key)
        return FieldNow(
            field=field,
            text=_typed(value),
            choices=spec.choices,
            is_flag=isinstance(spec.default, bool),
        )

    def _message(self, channel: str, like: Message | None) -> Message:
        now_ns = self._clock.now_ns()
        self._tests += 1
        # Never twice the same: a receiver that drops repeats would drop the next test.
        id_ = f"test-{now_ns}-{self._tests}"
        key = f"{id_}-{channel}-0"
        if like is not None:
            return replace(like, alert_id=id_, idempotency_key=key, is_test=True)
        return Message(
            alert_id=id_,
            rule_uid="",
            title="TradeAssist reaches you here",
            body="You asked for this test; nothing has happened in the market.",
            symbol="",
            priority=Priority.NORMAL,
            status=AlertStatus.FIRED,
            event_ns=now_ns,
            value=None,
            idempotency_key=key,
            is_test=True,
        )


def _checked(entered: Mapping[ChannelField, str]) -> dict[ChannelField, Value]:
    values: dict[ChannelField, Value] = {}
    faults: list[Fault] = []
    for field, text in entered.items():
        if field.secret:
            wrong = field.check(text) if text else ""
            if len(text) > _LONGEST_SECRET:
                wrong = f"is longer than {_LONGEST_SECRET} characters"
            if wrong:
                faults.append(Fault(place=field.label, message=wrong))
            values[field] = text
            continue
        spec = setting(field.key)
        try:
            values[field] = from_text(spec, text) if text else spec.default
        except BadInput as error:
            faults += [Fault(place=field.label, message=fault.message) for fault in error.faults]
    if faults:
        raise BadInput(faults)
    return values


def _typed(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
