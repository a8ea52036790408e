"""A client of org.freedesktop.Notifications: urgency, actions, and which notification was clicked."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

_DESTINATION: Final = "org.freedesktop.Notifications"
_PATH: Final = "/org/freedesktop/Notifications"
_BUS: Final = "org.freedesktop.DBus"
_BUS_PATH: Final = "/org/freedesktop/DBus"


class NotificationsFailed(Exception):
    """The notification daemon, or the way to it, is not there (any more)."""


class Notifications:
    """One connection to the session bus.

    Args:
        application: The name notifications carry.
        on_action: Called with a notification's number and the key of the action clicked.
    """

    def __init__(self, *, application: str, on_action: Callable[[int, str], None]) -> None:
        self._application = application
        self._on_action = on_action
        self._bus: MessageBus | None = None
        self._shown: set[int] = set()

    @property
    def is_connected(self) -> bool:
        """Whether the connection stands."""
        return self._bus is not None and self._bus.connected

    async def connect(self) -> None:
        """Connect, and listen for clicks.

        Raises:
            NotificationsFailed: there is no session bus, or no notification daemon on it.
        """
        self.disconnect()
        try:
            self._bus = await MessageBus(bus_type=BusType.SESSION).connect()
        except Exception as error:  # dbus-fast raises what the socket, the address or the greeting gives
            raise NotificationsFailed(f"no session bus: {error}") from error
        self._bus.add_message_handler(self._on_message)
        await self._call("AddMatch", "s", f"type='signal',interface='{_DESTINATION}'", to_bus=True)
        await self._call("GetServerInformation")

    def disconnect(self) -> None:
        """Close the connection; notifications stay on screen."""
        if self._bus is not None:
            self._bus.remove_message_handler(self._on_message)
            self._bus.disconnect()
        self._bus = None
        self._shown.clear()

    async def notify(
        self,
        title: str,
        body: str,
        *,
        urgency: int,
        actions: Sequence[tuple[str, str]],
        replaces: int | None = None,
    ) -> int:
        """Show a notification; return its number.

        Args:
            replaces: Number of the one whose place it takes, if that is shown still.
            urgency: 0 low, 1 normal, 2 critical (stays until dismissed).
            actions: Keys with what their buttons say; ``default`` is a click on the whole.

        Raises:
            NotificationsFailed: nobody took it.
        """
        flat = [word for pair in actions for word in pair]
        before = replaces if replaces in self._shown else 0
        hints = {"urgency": Variant("y", urgency), "category": Variant("s", "im.received")}
        answer = await self._call(
            "Notify", "susssasa{sv}i", self._application, before, "", title, body, flat, hints, -1
        )
        number = int(answer[0])
        self._shown.add(number)
        return number

    async def withdraw(self, number: int) -> None:
        """Take a notification away, from the screen and from where the desktop lists it.

        One that is closed already, or was shown on a connection before this one, is left alone: its
        number may be another's by now.

        Raises:
            NotificationsFailed: nobody answered.
        """
        if number not in self._shown:
            return
        self._shown.discard(number)
        await self._call("CloseNotification", "u", number)

    async def _call(self, member: str, signature: str = "", *body: Any, to_bus: bool = False) -> list[Any]:
        if self._bus is None:
            raise NotificationsFailed("not connected")
        destination, path = (_BUS, _BUS_PATH) if to_bus else (_DESTINATION, _PATH)
        message = Message(
            destination=destination,
            path=path,
            interface=destination,
            member=member,
            signature=signature,
            body=list(body),
        )
        try:
            answer = await self._bus.call(message)
        except Exception as error:  # a lost connection shows as EOFError, OSError or its own kinds
            self.disconnect()
            raise NotificationsFailed(f"the session bus is gone: {error}") from error
        if answer is None or answer.message_type is MessageType.ERROR:
            reason = "no answer" if answer is None else f"{answer.error_name}"
            raise NotificationsFailed(f"no notification daemon ({reason})")
        return list(answer.body)

    def _on_message(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL or message.interface != _DESTINATION:
            return
        if not message.body or message.body[0] not in self._shown:
            return
        if message.member == "ActionInvoked":
            self._on_action(int(message.body[0]), str(message.body[1]))
        elif message.member == "NotificationClosed":
            self._shown.discard(message.body[0])
