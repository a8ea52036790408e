"""A TCP proxy that fails as networks do: it stalls, resets, closes, and cuts what passes into slices."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

_CHUNK: Final = 1 << 16


class TcpProxy:
    """Stands between a client and a server on this machine; ``async with tcp_proxy(port)`` runs one.

    ``slice_bytes`` above 0 passes the server's words on in pieces of that size, one a turn of the loop.
    """

    def __init__(self, *, target_port: int) -> None:
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._lines: list[_Line] = []
        self.slice_bytes = 0
        self.connects = 0

    @property
    def port(self) -> int:
        """Where the proxy listens, on 127.0.0.1."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        self.reset()
        assert self._server is not None
        self._server.close()
        for line in self._lines:
            await line.end()
        await self._server.wait_closed()

    def stall(self) -> None:
        """Pass nothing on any more on the lines that are open; neither side is told. New lines work."""
        for line in self._lines:
            line.flows.clear()

    def reset(self) -> None:
        """Cut every line with RST towards the client."""
        for line in self._lines:
            line.reset()

    def close(self) -> None:
        """End every line with a FIN towards the client, without a word of the protocol in it."""
        for line in self._lines:
            line.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connects += 1
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.close()
            return
        line = _Line(proxy=self, near=writer, far=far_writer)
        self._lines.append(line)
        line.pumps = [
            asyncio.create_task(line.pump(reader, far_writer, sliced=False)),
            asyncio.create_task(line.pump(far_reader, writer, sliced=True)),
        ]
        await asyncio.wait(line.pumps, return_when=asyncio.FIRST_COMPLETED)
        if line.flows.is_set():
            await line.end()


class _Line:
    def __init__(self, *, proxy: TcpProxy, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._near = near
        self._far = far
        self.flows = asyncio.Event()
        self.flows.set()
        self.pumps: list[asyncio.Task[None]] = []

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, sliced: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while content := await reader.read(_CHUNK):
                await self.flows.wait()
                size = (self._proxy.slice_bytes if sliced else 0) or len(content)
                for start in range(0, len(content), size):
                    writer.write(content[start : start + size])
                    await writer.drain()
                    if size < len(content):
                        await asyncio.sleep(0)

    def reset(self) -> None:
        raw = self._near.get_extra_info("socket")
        # Lingering for no time at all turns a close into a reset.
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._near.transport.abort()

    def close(self) -> None:
        self._near.close()

    async def end(self) -> None:
        for pump in self.pumps:
            pump.cancel()
        await asyncio.gather(*self.pumps, return_exceptions=True)
        for writer in (self._near, self._far):
            writer.transport.abort()


@asynccontextmanager
async def tcp_proxy(target_port: int) -> AsyncIterator[TcpProxy]:
    """Run a proxy before a server on 127.0.0.1."""
    proxy = TcpProxy(target_port=target_port)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
