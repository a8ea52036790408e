"""The sheet that sets one-time codes up: a picture for an authenticator app, and the same as text."""

from io import BytesIO
from typing import Final

import segno
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tradeassist_desktop.services.access.desk_lock import DeskLock
from tradeassist_desktop.services.access.one_time_codes import address, grouped, new_key
from tradeassist_desktop.ui.clipboard import copy_for_a_while
from tradeassist_desktop.ui.theme import code_font
from tradeassist_desktop.ui.widgets.lock.pin_line import code_line, words
from tradeassist_desktop.ui.widgets.lock.sheets import LINE_PX, LockSheet, ShownOnce

_SAID: Final = (
    "Read the picture with an authenticator app, or type the key below into it. "
    "Then enter the code it shows, to prove that it works."
)
_RECOVERY: Final = (
    "Each of these opens the desk once in place of a code, should the authenticator be lost. "
    "They are shown here once; keep them on paper."
)
_MODULE_PX: Final = 4


class CodesSheet(LockSheet):
    """The key is made with the sheet, and kept only once its first code was right."""

    def __init__(self, *, lock: DeskLock, parent: QWidget) -> None:
        role = lock.app_lock.seat.role
        super().__init__(
            name="oneTimeCodes", title=f"One-time codes of the {role}", verb="Turn on", parent=parent
        )
        self._keys = lock.keys
        self._window = parent
        self._key = new_key()
        told = words(self, _SAID, tone="second")
        told.setMinimumWidth(LINE_PX)
        told.setMinimumHeight(told.heightForWidth(LINE_PX))
        picture = QLabel(self)
        picture.setTextFormat(Qt.TextFormat.PlainText)
        picture.setObjectName("codesPicture")
        picture.setAccessibleName("Picture for an authenticator app; the key below says the same")
        picture.setPixmap(_qr(address(self._key, account=str(role))))
        text = words(self, _in_two_lines(grouped(self._key)), name="codesKey")
        text.setFont(code_font(14))
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        copied = QPushButton("Copy the key for 30 s", self)
        copied.setObjectName("codesCopy")
        copied.setProperty("kind", "link")
        copied.setAutoDefault(False)
        copied.clicked.connect(lambda: copy_for_a_while(self._key, owner=parent))
        self._code = code_line("codesFirst", "The code it shows", parent=self)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(text)
        right.addWidget(copied, alignment=Qt.AlignmentFlag.AlignLeft)
        right.addStretch(1)
        right.addWidget(self._code)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(picture)
        row.addLayout(right, 1)
        self.column.addWidget(told)
        self.column.addLayout(row)
        self.close_column()
        self._code.setFocus()

    async def do(self) -> None:
        """Turn them on."""
        recovery = await self._keys.use_codes(self._key, self._code.text())
        self.accept()
        ShownOnce(
            name="recoveryCodes", title="Recovery codes", said=_RECOVERY, texts=recovery, parent=self._window
        ).open()


def _in_two_lines(key: str) -> str:
    """Break a key in its middle: by itself a line does not end before a figure, and might be too long."""
    groups = key.split("-")
    half = len(groups) // 2
    return f"{'-'.join(groups[:half])}-\n{'-'.join(groups[half:])}"


def _qr(text: str) -> QPixmap:
    # Black on white in every theme: that is what cameras expect.
    picture = BytesIO()
    segno.make(text, error="m").save(picture, kind="png", scale=_MODULE_PX, border=4)
    made = QPixmap()
    made.loadFromData(picture.getvalue(), "PNG")
    return made
