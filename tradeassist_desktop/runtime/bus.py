"""Tells whoever likes to know; nothing that must happen hangs on it."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

log = logging.getLogger(__name__)

E = TypeVar("E")


class Bus:
    """Hands each published event to its type's handlers, at once, in order of subscription.

    One thread only. An event published by a handler is handed on before ``publish`` of the
    first returns. Types match exactly: a subscription does not get subclasses.
    """

    def __init__(self) -> None:
        self._handlers: dict[type[Any], tuple[_Subscription, ...]] = {}

    def subscribe(self, event_type: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        """Call ``handler`` with each event of that type; call the result to end that.

        Ending twice is harmless. A handler ended while an event is handed round does not get it
        any more; one added meanwhile gets the next.
        """
        subscription = _Subscription(handler)
        self._handlers[event_type] = (*self._handlers.get(event_type, ()), subscription)

        def unsubscribe() -> None:
            subscription.is_ended = True
            left = tuple(other for other in self._handlers.get(event_type, ()) if other is not subscription)
            self._handlers[event_type] = left

        return unsubscribe

    def publish(self, event: object) -> None:
        """Hand the event round; a handler that raises is logged and alters nothing."""
        for subscription in self._handlers.get(type(event), ()):
            if subscription.is_ended:
                continue
            try:
                subscription.handler(event)
            except Exception:  # one bad guest must not end the party
                log.exception("bus handler failed", extra={"event": type(event).__name__})


class _Subscription:
    __slots__ = ("handler", "is_ended")

    def __init__(self, handler: Callable[[Any], None]) -> None:
        self.handler = handler
        self.is_ended = False
