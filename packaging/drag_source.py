"""A small window out of which a file can be dragged, for pictures of one above the program's window.

Run as ``drag_source.py FILE X Y``: where it stands; it ends soon after the drag.
"""

import sys

from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

SIDE_PX = 24
LINGER_MS = 5_000


class Source(QWidget):
    """Begins the drag as it is pressed."""

    def __init__(self, file: str) -> None:
        super().__init__(None, Qt.WindowType.ToolTip)  # no frame, and no keyboard taken
        self._file = file
        self.resize(SIDE_PX, SIDE_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Carry the file until it is dropped somewhere."""
        carried = QMimeData()
        carried.setUrls([QUrl.fromLocalFile(self._file)])
        drag = QDrag(self)
        drag.setMimeData(carried)
        drag.exec(Qt.DropAction.CopyAction)
        # Where it was dropped, what is in it is asked for only now.
        QTimer.singleShot(LINGER_MS, QApplication.quit)


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    source = Source(sys.argv[1])
    source.move(int(sys.argv[2]), int(sys.argv[3]))
    source.show()
    application.exec()
