"""What a remote channel declares of itself, and what it is made of."""

import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from tradeassist_desktop.channels.tls import usual_tls
from tradeassist_desktop.domain.channels import Channel, Illustrator
from tradeassist_desktop.runtime.clock import Clock


class ChannelSettings(Protocol):
    """The settings in force; asked at each attempt, so that a change holds at once."""

    def flag(self, key: str) -> bool:
        """Return a yes/no setting."""
        ...

    def number(self, key: str) -> float:
        """Return a numeric setting."""
        ...

    def text(self, key: str) -> str:
        """Return a text setting."""
        ...

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list setting."""
        ...


SecretReader = Callable[[str], Awaitable[Mapping[str, str] | None]]
"""Returns a secret's fields, or ``None`` where nobody keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelContext:
    """What remote channels are made of.

    Args:
        read_secret: Asked at each attempt.
        mask: Told further texts that no log may show, such as the parts of an address.
        masked: Takes all such texts out of one that is shown or stored.
        is_dev: Whether endpoints may be redirected to this machine.
        illustrator: Draws a picture of an alert; ``None`` where nothing can draw.
        tls: Makes what the certificates of servers are checked against; slow, called in a thread.
    """

    settings: ChannelSettings
    read_secret: SecretReader
    clock: Clock
    mask: Callable[[Iterable[str]], None]
    masked: Callable[[str], str] = str
    is_dev: bool = False
    illustrator: Illustrator | None = None
    tls: Callable[[], ssl.SSLContext] = usual_tls


class RemoteChannel(Channel, Protocol):
    """A channel to another machine. It does nothing until its first message."""

    async def missing(self) -> str:
        """Return in words what the trader has to give before it can send; empty where nothing is."""
        ...

    async def close(self) -> None:
        """Let go of connections; nothing is sent afterwards."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelField:
    """One thing a trader gives a channel: the setting ``key``, or the field ``key`` of a ``secret``.

    Args:
        label: As the form names it, and messages about it too.
        hint: What to enter, in a sentence.
        secret: The secret's name; empty for a setting.
        is_hidden: Whether it is typed unseen. Secrets are never shown again, hidden or not.
        is_optional: Whether the channel works without.
        check: Returns in words what is wrong with a text entered for a secret; empty for nothing.
    """

    key: str
    label: str
    hint: str
    secret: str = ""
    is_hidden: bool = False
    is_optional: bool = False
    check: Callable[[str], str] = lambda text: ""

    @property
    def id(self) -> str:
        """What tells it from the other fields of its channel."""
        return f"{self.secret}/{self.key}" if self.secret else self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind:
    """One entry of ``CHANNELS``.

    Args:
        name: The word rules and settings use.
        title: For people.
        fields: What its form asks for, in order.
        breaker: Which preset of breaker guards it.
    """

    name: str
    title: str
    fields: tuple[ChannelField, ...]
    breaker: str
    build: Callable[[ChannelContext], RemoteChannel]
