"""Tooltips show what was typed or received as it is, and never as markup."""

from typing import overload

from PySide6.QtGui import Qt


@overload
def plain_tip(words: str) -> str: ...
@overload
def plain_tip(words: str | None) -> str | None: ...
def plain_tip(words: str | None) -> str | None:
    """Return a tooltip's text so that Qt shows every letter of it.

    Qt takes what looks like HTML for HTML, in tooltips always: a rule that is named
    ``<img src='…'>`` would load that file.
    """
    if words is None or not Qt.mightBeRichText(words):
        return words
    return Qt.convertFromPlainText(words)
