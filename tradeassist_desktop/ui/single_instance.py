"""A second start brings the first one's window to the front instead of fighting for the database."""

import hashlib
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_WAIT_MS: Final = 2000


def _socket_name(data_folder: Path) -> str:
    return "tradeassist-" + hashlib.sha256(str(data_folder).encode()).hexdigest()[:16]


def ask_first_to_show(data_folder: Path) -> bool:
    """Ask the instance that holds ``data_folder`` to show its window; return whether it heard."""
    socket = QLocalSocket()
    socket.connectToServer(_socket_name(data_folder))
    if not socket.waitForConnected(_WAIT_MS):
        return False
    # The connection itself is the request; the first instance hangs up when it has seen it.
    socket.waitForDisconnected(_WAIT_MS)
    return True


class ShowRequests(QObject):
    """Listens for second starts; only the holder of the folder's lock may create one."""

    asked = Signal()

    def __init__(self, *, data_folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        name = _socket_name(data_folder)
        # A killed instance leaves its socket file; the lock already says that nobody uses it.
        QLocalServer.removeServer(name)
        self.is_listening = self._server.listen(name)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _on_connection(self) -> None:
        while (connection := self._server.nextPendingConnection()) is not None:
            connection.disconnected.connect(connection.deleteLater)
            connection.disconnectFromServer()
            self.asked.emit()
