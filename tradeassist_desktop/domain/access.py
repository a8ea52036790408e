"""Who may do what at a desk that several people can reach: roles, acts, and one table of both."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Protocol

from tradeassist_desktop.domain.errors import TradeAssistError


class Role(StrEnum):
    """Who sits at the desk, as far as it knows; the most trusted last."""

    VIEWER = "viewer"
    TRADER = "trader"
    ADMIN = "admin"


class Act(StrEnum):
    """What somebody at the desk can want to do; the text goes on from "may"."""

    APPEARANCE = "change the window's colours"
    ACKNOWLEDGE = "acknowledge alerts"
    SILENCE = "snooze, mute and pause alerts"
    ARM = "switch rules on and off"
    EDIT_RULES = "add, change and remove rules"
    ADJUST = "carry rules over rolls and splits"
    WATCHLIST = "change the watchlist"
    RECONNECT = "reconnect feeds and services"
    RESEND = "send alerts again or discard them, and send tests"
    RECORD = "record sessions and delete recordings"
    REPLAY = "replay recordings"
    SIGN_IN = "sign in to the venue"
    QUIT = "quit the program"
    CHANGE_OWN_PIN = "change the PIN and codes of this role"
    NOTIFICATION_SETTINGS = "say where and when alerts are sent"
    SETTINGS = "change settings"
    CREDENTIALS = "change and remove credentials"
    ROTATE = "rotate credentials"
    READ_AUDIT = "read the audit log"
    EXPORT_AUDIT = "export the audit log"
    ACCEPT_AUDIT = "accept an audit log that was changed"
    MANAGE_LOCK = "change the app lock, its roles and their PINs"


_EVERYBODY: Final = frozenset(Role)
_TRADERS: Final = frozenset({Role.TRADER, Role.ADMIN})
_ADMINS: Final = frozenset({Role.ADMIN})

ALLOWED: Final[Mapping[Act, frozenset[Role]]] = {
    Act.APPEARANCE: _EVERYBODY,
    Act.ACKNOWLEDGE: _TRADERS,
    Act.SILENCE: _TRADERS,
    Act.ARM: _TRADERS,
    Act.EDIT_RULES: _TRADERS,
    Act.ADJUST: _TRADERS,
    Act.WATCHLIST: _TRADERS,
    Act.RECONNECT: _TRADERS,
    Act.RESEND: _TRADERS,
    Act.RECORD: _TRADERS,
    Act.REPLAY: _TRADERS,
    Act.SIGN_IN: _TRADERS,
    Act.QUIT: _TRADERS,
    Act.CHANGE_OWN_PIN: _TRADERS,
    Act.NOTIFICATION_SETTINGS: _TRADERS,
    Act.SETTINGS: _ADMINS,
    Act.CREDENTIALS: _ADMINS,
    Act.ROTATE: _ADMINS,
    Act.READ_AUDIT: _ADMINS,
    Act.EXPORT_AUDIT: _ADMINS,
    Act.ACCEPT_AUDIT: _ADMINS,
    Act.MANAGE_LOCK: _ADMINS,
}
"""What each role may do. Looking is not in it: whoever sees the window sees what is in it."""

_NOTIFICATION_SETTINGS: Final = ("notify", "quiet", "repeat", "escalate", "toast", "tray", "sound", "tone")


def setting_act(key: str) -> Act:
    """Return what it is to change a setting."""
    family = key.partition(".")[0]
    if family == "appearance":
        return Act.APPEARANCE
    if family == "lock":
        return Act.MANAGE_LOCK
    if key == "recording.schedule":
        return Act.RECORD
    return Act.NOTIFICATION_SETTINGS if family in _NOTIFICATION_SETTINGS else Act.SETTINGS


def may_in_words(act: Act) -> str:
    """Return who may: ``a trader or an admin``, ``only an admin``."""
    allowed = ALLOWED[act]
    names = [("an " if role is Role.ADMIN else "a ") + role.value for role in Role if role in allowed]
    return f"only {names[0]}" if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


class Denied(TradeAssistError):
    """Whoever is at the desk may not do that; nothing was changed.

    Args:
        role: Who is at the desk.
        is_locked: Whether the desk is locked, so that it is a viewer's for want of anybody.
    """

    def __init__(self, act: Act, role: Role, *, is_locked: bool) -> None:
        self.act = act
        if is_locked:
            words = f"The desk is locked. Unlock it to {act.value}: {may_in_words(act)} may."
        else:
            words = (
                f"As {role.value} you may not {act.value}: {may_in_words(act)} may. "
                "The status bar has the menu that changes roles."
            )
        super().__init__(words)


class Gate(Protocol):
    """Asked before anything is changed for a person."""

    def may(self, act: Act) -> bool:
        """Return whether who is at the desk may do it; asks only, and writes nothing down."""
        ...

    def require(self, act: Act) -> None:
        """Return where they may; else write it down and raise.

        Raises:
            Denied: they may not.
        """
        ...


class OpenGate:
    """Lets everything pass: no lock is set up, or nobody is there to be kept out (headless)."""

    def may(self, act: Act) -> bool:
        """Return ``True``."""
        return True

    def require(self, act: Act) -> None:
        """Return."""


OPEN: Final = OpenGate()
