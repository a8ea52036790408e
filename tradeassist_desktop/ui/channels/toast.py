"""The toast: a card in a corner of the screen, in front of everything, stealing no focus."""

from typing import Final

from PySide6.QtGui import QGuiApplication

from tradeassist_desktop.domain.channels import ChannelTraits, ChannelUnavailable, Receipt
from tradeassist_desktop.domain.messages import Message
from tradeassist_desktop.ui.widgets.toasts import ToastStack


class ToastChannel:
    """Puts messages on the stack."""

    name: Final = "toast"
    # Never expires: what was to be shown before a crash is shown after it, marked as late.
    traits: Final = ChannelTraits(is_transient=True)

    def __init__(self, *, stack: ToastStack) -> None:
        self.stack = stack

    async def send(self, message: Message) -> Receipt:
        """Show the message.

        Raises:
            ChannelUnavailable: there is no screen.
        """
        if not QGuiApplication.screens():
            raise ChannelUnavailable("no screen to show a toast on")
        self.stack.add(message)
        return Receipt()

    def close(self) -> None:
        """Take every toast off the screen."""
        self.stack.close()
