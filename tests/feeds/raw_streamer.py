"""A websocket server that writes bytes as they are, from a thread: no library sends such frames."""

import base64
import contextlib
import hashlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT: Final = 1
CONTINUATION: Final = 0


def raw_frame(
    payload: bytes, *, opcode: int = TEXT, is_last: bool = True, is_compressed: bool = False
) -> bytes:
    """Return one frame as a server sends it: unmasked."""
    first = opcode | (0x80 if is_last else 0) | (0x40 if is_compressed else 0)
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 1 << 16:
        return bytes((first, 126)) + struct.pack("!H", size) + payload
    return bytes((first, 127)) + struct.pack("!Q", size) + payload


class RawStreamer:
    """Accepts, shakes hands, then leaves each connection to ``script`` until it returns."""

    def __init__(
        self, *, script: Callable[["RawStreamer", socket.socket], None], extensions: str = ""
    ) -> None:
        self._script = script
        self._extensions = extensions
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self._listener.getsockname()[1]}/ws"
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.connects = 0
        self.sent_bytes = 0

    def send(self, line: socket.socket, content: bytes) -> None:
        """Send all of it; waits while the other side does not read."""
        line.sendall(content)
        self.sent_bytes += len(content)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        # A plain close() would not wake a thread that waits in accept() or in sendall().
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._thread.join(timeout=5)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.connects += 1
            self._open.append(line)
            with contextlib.suppress(OSError):
                self._shake_hands(line)
                self._script(self, line)
            line.close()

    def _shake_hands(self, line: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = line.recv(4096)
            if not piece:
                raise ConnectionResetError
            head += piece
        rows = [row for row in head.split(b"\r\n") if row.lower().startswith(b"sec-websocket-key")]
        key = rows[0].split(b":", 1)[1].strip()
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()
        answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        answer += f"Sec-WebSocket-Accept: {accept}\r\n"
        if self._extensions:
            answer += f"Sec-WebSocket-Extensions: {self._extensions}\r\n"
        line.sendall(f"{answer}\r\n".encode())


@contextmanager
def raw_streamer(
    script: Callable[[RawStreamer, socket.socket], None], *, extensions: str = ""
) -> Iterator[RawStreamer]:
    """Run a server whose connections are left to ``script``."""
    server = RawStreamer(script=script, extensions=extensions)
    server.start()
    try:
        yield server
    finally:
        server.stop()
