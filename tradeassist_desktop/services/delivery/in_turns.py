"""Doing many small things without holding up the loop."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

T = TypeVar("T")

A_TURN: Final = 100


async def in_turns(things: Iterable[T], do: Callable[[T], object]) -> None:
    """Do something with each, a hundred in a turn of the loop. Cancelled, it does the rest at once."""
    left = iter(things)
    try:
        for count, thing in enumerate(left, start=1):
            do(thing)
            if count % A_TURN == 0:
                await asyncio.sleep(0)
    except asyncio.CancelledError:
        for thing in left:
            do(thing)
        raise
