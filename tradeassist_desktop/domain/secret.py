"""Secrets: their names, what one is, and who can keep one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NoReturn, Protocol

SCHWAB_APP: Final = "schwab.app"
"""Fields ``key`` and ``secret``."""

SCHWAB_TOKEN: Final = "schwab.token"
"""Fields ``app_key`` (which app it belongs to), ``refresh_token``, and ``authorized_ns`` (when the
trader signed in, UTC nanoseconds; absent where that is not known)."""

SLACK_BOT: Final = "slack.bot"
"""Field ``token``: of a Slack app's bot. Where the app rotates its tokens also ``refresh_token``,
``client_id``, ``client_secret`` and ``expires_ns`` (UTC nanoseconds)."""

SLACK_WEBHOOK: Final = "slack.webhook"
"""Field ``url``: an incoming webhook of a Slack app; lets in whoever knows it."""

SMTP: Final = "smtp"
"""Fields ``user`` and ``password``."""

WEBHOOK: Final = "webhook.main"
"""Field ``url``: its path often lets in whoever knows it."""

WEBHOOK_HMAC: Final = "webhook.hmac"
"""Field ``key``: what the receiver checks signatures with."""

WEBHOOK_HEADERS: Final = "webhook.headers"
"""Field ``lines``: further headers, ``Name: value``, one a line."""

SECRET_NAMES: Final = (
    SCHWAB_APP,
    SCHWAB_TOKEN,
    SLACK_BOT,
    SLACK_WEBHOOK,
    SMTP,
    WEBHOOK,
    WEBHOOK_HMAC,
    WEBHOOK_HEADERS,
)
"""Every secret the program asks for, in the order people are shown them."""

NOBODY: Final = "memory"
"""The source of what no keeper could keep: it holds until the program ends, or one has a later one."""


class Secret(Mapping[str, str]):
    """A few named texts that show themselves to nobody who does not ask for one by its name.

    ``repr``, ``str`` and ``format`` give dots; it cannot be pickled. Equal to any mapping with the
    same texts.
    """

    __slots__ = ("_texts",)

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = dict(texts)

    def __getitem__(self, field: str) -> str:
        return self._texts[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __repr__(self) -> str:
        return "Secret(•••)"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not written out")


class VersionState(StrEnum):
    """What may be done with a version: as Secret Manager names it."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretVersion:
    """What is known of one version without its texts.

    Args:
        version: As its keeper names it: ``3`` in Secret Manager; keepers without versions say ``""``.
        created_ns: UTC nanoseconds; ``None`` where the keeper does not know.
        etag: For changes that must not overwrite another's; empty where there is none.
    """

    version: str
    state: VersionState = VersionState.ENABLED
    created_ns: int | None = None
    etag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSecret:
    """A secret as somebody keeps it.

    Args:
        name: Such as ``slack.bot``.
        source: Who keeps it: a keeper's name, such as ``keyring``.
        offline_since_ns: Since when its keeper could not be asked, where an old copy answers instead
            (UTC nanoseconds).
        stands_until_ns: Until when that copy may answer, UTC nanoseconds.
        failures: Of what nobody keeps: why those who keep secrets could not, in words. None where there
            is nobody who does.
        waits_for: Of what nobody keeps: the keeper on this computer that gets it once it answers without
            asking a person; empty for none.
        hides: Of what nobody keeps: a keeper with another of that name which is not known to be later.
    """

    name: str
    secret: Secret
    source: str
    version: SecretVersion = SecretVersion(version="")
    offline_since_ns: int | None = None
    stands_until_ns: int | None = None
    failures: tuple[str, ...] = ()
    waits_for: str = ""
    hides: str = ""

    def is_later_than(self, other: "KeptSecret") -> bool:
        """Return whether it was certainly kept after another of its name."""
        kept_ns, before_ns = self.version.created_ns, other.version.created_ns
        return kept_ns is not None and before_ns is not None and kept_ns > before_ns

    def without_texts(self) -> "KeptSecret":
        """Return the same, with no texts: for who only shows what is known of it."""
        return replace(self, secret=Secret({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretSighting:
    """What one keeper says of a secret, without its texts.

    Args:
        fields: The names of its texts that are not empty; none where the keeper has no such secret.
        failure: Why it could not be asked, in words; empty where it answered.
        absence: As of ``SecretKeeper.absence``, where it has no such secret.
    """

    keeper: str
    fields: tuple[str, ...] = ()
    version: SecretVersion | None = None
    failure: str = ""
    absence: str = ""


class KeeperError(Exception):
    """A keeper could not do what it was asked. The message is for the user and holds no secret."""

    def __init__(self, message: str, *, keeper: str) -> None:
        super().__init__(message)
        self.keeper = keeper


class KeeperSilent(KeeperError):
    """It did not answer, or asks for patience: what is remembered may answer in its place."""

    def __init__(self, message: str, *, keeper: str, retry_after_s: float | None = None) -> None:
        super().__init__(message, keeper=keeper)
        self.retry_after_s = retry_after_s


class KeeperRefused(KeeperError):
    """It answered that this program may not: what is remembered is not to outlive its time."""


class KeeperCorrupt(KeeperError):
    """What it has cannot be trusted: a checksum is missing or wrong, or it is no secret of ours."""


class KeeperConflict(KeeperError):
    """Another changed it meanwhile (etag), or it is there already: nothing was changed."""


class SecretKeeper(Protocol):
    """One place where secrets are kept. A secret is a few named texts.

    No method blocks the loop; each ends within about 5 s, except where a keyring asks a person for a
    password (``is_prompt`` is ``False``). Each may raise a ``KeeperError``.
    """

    @property
    def name(self) -> str:
        """What the user knows the place as: ``secret manager``, ``keyring``, ``environment``."""
        ...

    @property
    def is_prompt(self) -> bool:
        """Whether it answers at once: it never asks a person for a password first."""
        ...

    @property
    def is_remote(self) -> bool:
        """Whether it is out of this machine, so that a copy is kept here for when it cannot be asked."""
        ...

    async def read(self, name: str, *, version: str = "") -> KeptSecret | None:
        """Return the newest enabled version, or the one named; ``None`` where this keeper has none."""
        ...

    async def write(self, name: str, secret: Secret) -> SecretVersion | None:
        """Keep a new version; return it, read back, or ``None`` where this keeper keeps nothing."""
        ...

    async def delete(self, name: str) -> bool:
        """Forget a secret with all its versions; return whether there was one this keeper could forget."""
        ...

    async def versions(self, name: str) -> tuple[SecretVersion, ...]:
        """Return the versions, newest first; empty where there are none."""
        ...

    async def set_state(self, name: str, version: SecretVersion, state: VersionState) -> SecretVersion | None:
        """Enable, disable or destroy a version; ``None`` where this keeper has no versions."""
        ...

    async def absence(self) -> str:
        """Return that there is no such place here, in words; empty where there is one."""
        ...

    async def asks_first(self) -> bool:
        """Return whether it would ask a person for a password now before it answers. It asks nobody."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
