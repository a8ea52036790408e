"""A notification daemon that takes each notification at once and shows none: what a desk's own part takes.

``notification_daemon.py FILE``: FILE gets a line a notification, the UTC nanoseconds when its call came.
"""

import asyncio
import itertools
import sys
import time
from pathlib import Path
from typing import TextIO

from dbus_fast import BusType, Message, MessageType, RequestNameReply
from dbus_fast.aio import MessageBus

NAME = "org.freedesktop.Notifications"


async def serve(came: TextIO) -> None:
    """Answer until ended, and note each call."""
    numbers = itertools.count(1)

    def answer(call: Message) -> Message | None:
        if call.message_type is not MessageType.METHOD_CALL or call.interface != NAME:
            return None
        if call.member == "Notify":
            came.write(f"{time.time_ns()}\n")
            return Message.new_method_return(call, "u", [next(numbers)])
        if call.member == "GetServerInformation":
            return Message.new_method_return(call, "ssss", ["benchmark", "tests", "1", "1.2"])
        return Message.new_method_return(call)

    bus = await MessageBus(bus_type=BusType.SESSION).connect()
    bus.add_message_handler(answer)
    assert await bus.request_name(NAME) is RequestNameReply.PRIMARY_OWNER
    await bus.wait_for_disconnect()


if __name__ == "__main__":
    with Path(sys.argv[1]).open("w", buffering=1) as file:
        asyncio.run(serve(file))
