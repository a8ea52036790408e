"""The Settings dock's page Credentials: what is known of each, and what a click on a button does."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QScrollArea, QTableView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes import MemoryKeeper
from tradeassist_desktop.domain.audit import AuditAct, AuditEntry
from tradeassist_desktop.domain.events import AccessChanged
from tradeassist_desktop.domain.rotation import RotationStanding, WhoRotates
from tradeassist_desktop.domain.secret import (
    NOBODY,
    SCHWAB_TOKEN,
    SLACK_BOT,
    SMTP,
    WEBHOOK,
    KeeperSilent,
    SecretVersion,
    VersionState,
)
from tradeassist_desktop.services.credentials.credential import Checked, Credential
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.panels.settings import SettingsPanel
from tradeassist_desktop.ui.widgets.gauge import Level
from tradeassist_desktop.ui.widgets.settings.credential_words import Column, facts, stands
from tradeassist_desktop.ui.widgets.settings.credentials import CredentialsPage

HOUR_NS = 3_600 * 10**9
LOGIN = {"user": "desk", "password": "a-word-nobody-knows"}


def find(window: MainWindow, kind: type, name: str) -> Any:
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def button(window: MainWindow, name: str) -> QPushButton:
    return find(window, QPushButton, name)  # type: ignore[no-any-return]


def said(window: MainWindow, name: str = "credentialSaid") -> str:
    return str(find(window, QLabel, name).text())


def told(window: MainWindow) -> list[str]:
    """What stands in the status bar."""
    return [label.text() for label in window.statusBar().findChildren(QLabel)]


def cell(window: MainWindow, title: str, column: Column) -> str:
    rows = find(window, QTableView, "credentialTable").model()
    titles = [rows.index(row, 0).data() for row in range(rows.rowCount())]
    return str(rows.index(titles.index(title), column).data())


def page_of(window: MainWindow) -> CredentialsPage:
    panel = window.panel("settings")
    assert isinstance(panel, SettingsPanel)
    page = panel.show_page("settingsCredentials")
    assert isinstance(page, CredentialsPage)
    return page


@pytest.fixture
async def seen(window: MainWindow, desk: Any, until: Callable[..., Any]) -> CredentialsPage:
    """The page in front, with a mail password in the keyring, chosen."""
    desk.keyring.kept[SMTP] = dict(LOGIN)
    window.show_dock("settings")
    await until(lambda: cell(window, "Mail password", Column.STATE) == "kept")
    page = page_of(window)
    page.choose(SMTP)
    return page


async def test_the_dock_is_not_there_until_it_is_asked_for_by_its_key(
    window: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    was_there = window.dock("settings").isVisible()

    qtbot.keyClick(window, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)

    await until(lambda: cell(window, "Mail password", Column.STATE) == "not given")
    assert (was_there, window.dock("settings").isVisible()) == (False, True)


async def test_rows_are_there_at_once_and_fill_in(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    desk.keyring.kept[SMTP] = dict(LOGIN)
    desk.keyring.is_open.clear()
    window.show_dock("settings")
    await until(lambda: desk.keyring.reads)
    before = cell(window, "Mail password", Column.STATE)

    desk.keyring.is_open.set()

    await until(lambda: cell(window, "Mail password", Column.STATE) == "kept")
    assert before == "asking…"
    assert cell(window, "Mail password", Column.KEPT_BY) == "keyring"
    assert cell(window, "Slack bot token", Column.STATE) == "not given"


async def test_what_is_entered_meanwhile_shows(
    seen: CredentialsPage, window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    await desk.secret_store.write(SLACK_BOT, {"token": "xoxb-1"}, who="channel form")

    await until(lambda: cell(window, "Slack bot token", Column.STATE) == "kept")


async def test_age_last_use_and_what_is_due_stand_in_the_row(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    now_ns = desk.clock.ns
    desk.keyring.kept[SMTP] = dict(LOGIN)
    desk.rotation.given[SMTP] = RotationStanding(
        name=SMTP,
        who=WhoRotates.PERSON,
        policy="90d",
        since_ns=now_ns - 48 * HOUR_NS,
        due_ns=now_ns + 5 * HOUR_NS,
        rotated_ns=now_ns - 48 * HOUR_NS,
        hint="Make a new password where your mail is.",
    )
    used = AuditEntry(at_ns=now_ns - HOUR_NS, who="smtp channel", act=AuditAct.READ, what=SMTP)
    await desk.audit_store.append([used])
    window.show_dock("settings")
    await until(lambda: cell(window, "Mail password", Column.USED) == "1 h ago")
    await until(lambda: cell(window, "Mail password", Column.STATE) == "kept")

    page_of(window).choose(SMTP)

    row = [cell(window, "Mail password", column) for column in (Column.AGE, Column.ROTATED, Column.DUE)]
    assert row == ["2 d", "2 d ago", "in 5 h"]
    words = [
        label.text() for label in find(window, CredentialsPage, "settingsCredentials").findChildren(QLabel)
    ]
    assert "1 h ago, by the smtp channel" in words
    assert "every 90 days" in words
    assert said(window, "credentialWhy") == "Make a new password where your mail is."
    assert not button(window, "credentialRotate").isEnabled()


async def test_a_keeper_that_fails_is_told_in_its_words(
    window: MainWindow, desk: Any, until: Callable[..., Any]
) -> None:
    desk.keyring.failure = KeeperSilent("the keyring is locked", keeper="keyring")

    window.show_dock("settings")

    await until(lambda: cell(window, "Mail password", Column.STATE) == "the keyring is locked")


async def test_what_cannot_be_tested_yet_is_said_without_alarm(
    seen: CredentialsPage, window: MainWindow, qtbot: QtBot, until: Callable[..., Any], desk: Any
) -> None:
    qtbot.mouseClick(button(window, "credentialTest"), Qt.MouseButton.LeftButton)

    await until(lambda: "not set up" in said(window))
    assert said(window) == "Cannot be tested yet: E-mail is not set up: Server, From, To must be given"
    assert find(window, QLabel, "credentialSaid").property("tone") == "second"
    assert cell(window, "Mail password", Column.STATE) == "kept"
    assert [each.what for each in desk.acts.entries if each.act is AuditAct.TEST] == [SMTP]


def test_what_failed_its_test_says_so_in_the_row() -> None:
    tried = Credential(name=SMTP, title="Mail password", is_seen=True, is_present=True, source="keyring")

    failed = stands(replace(tried, checked=Checked(at_ns=0, is_good=False, words="no answer")), 0)

    assert failed == (Level.BAD, "failed its test")


def test_what_nobody_keeps_says_who_has_another() -> None:
    typed = Credential(name=SMTP, title="Mail password", is_seen=True, is_present=True, source=NOBODY)

    alone, before = stands(typed, 0), stands(replace(typed, hides="keyring"), 0)
    waiting = stands(replace(typed, waits_for="keyring"), 0)

    assert alone == (Level.WARN, "until you quit: nobody keeps it")
    assert waiting == (Level.WARN, "in memory until the keyring is open")
    assert before == (Level.WARN, "until you quit: the keyring has another")


def test_a_copy_that_stands_in_says_for_how_long_yet() -> None:
    copy = Credential(name=SMTP, title="Mail", is_seen=True, is_present=True, source="secret manager")
    now_ns, hour_ns = 1_700_000_000 * 10**9, 3_600 * 10**9

    told = dict(facts(replace(copy, offline_since_ns=now_ns, stands_until_ns=now_ns + 22 * hour_ns), now_ns))

    assert told["Kept by"] == "Secret Manager (a copy)"
    assert told["Copy ends"].startswith("in 22 h, ")


async def test_what_was_removed_comes_back_with_undo(
    seen: CredentialsPage, window: MainWindow, qtbot: QtBot, until: Callable[..., Any], desk: Any
) -> None:
    qtbot.mouseClick(button(window, "credentialRemove"), Qt.MouseButton.LeftButton)
    await until(lambda: cell(window, "Mail password", Column.STATE) == "not given")
    was_gone = SMTP not in desk.keyring.kept

    qtbot.mouseClick(find(window, QPushButton, "undoButton"), Qt.MouseButton.LeftButton)

    await until(lambda: cell(window, "Mail password", Column.STATE) == "kept")
    assert was_gone
    assert desk.keyring.kept[SMTP] == LOGIN


async def test_the_key_of_undo_takes_a_removal_back_in_this_dock_too(
    seen: CredentialsPage, window: MainWindow, qtbot: QtBot, until: Callable[..., Any], desk: Any
) -> None:
    qtbot.mouseClick(button(window, "credentialRemove"), Qt.MouseButton.LeftButton)
    await until(lambda: SMTP not in desk.keyring.kept)
    await until(find(window, QPushButton, "undoButton").isVisible)

    table = find(window, QTableView, "credentialTable")
    qtbot.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    await until(lambda: SMTP in desk.keyring.kept)


async def test_an_undo_that_is_over_is_said_to_be_and_its_key_says_so_too(
    seen: CredentialsPage, window: MainWindow, qtbot: QtBot, until: Callable[..., Any], desk: Any
) -> None:
    qtbot.mouseClick(button(window, "credentialRemove"), Qt.MouseButton.LeftButton)
    await until(find(window, QPushButton, "undoButton").isVisible)
    notice = find(window, QWidget, "noticeBar")
    qtbot.mouseClick(notice.findChild(QToolButton), Qt.MouseButton.LeftButton)
    after_its_end = told(window)

    qtbot.keyClick(
        find(window, QTableView, "credentialTable"), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier
    )

    assert "Mail password can be put back no more: enter it anew where it is wanted" in after_its_end
    assert "There is nothing to undo now." in told(window)
    assert SMTP not in desk.keyring.kept


async def test_keep_now_gives_what_is_in_memory_only_to_the_keyring_and_says_why_it_cannot_yet(
    window: MainWindow, qtbot: QtBot, until: Callable[..., Any], desk: Any
) -> None:
    desk.keyring.write_failure = KeeperSilent("the keyring is locked: unlock it", keeper="keyring")
    await desk.secret_store.write(SMTP, LOGIN, who="channel form")
    window.show_dock("settings")
    await until(lambda: cell(window, "Mail password", Column.KEPT_BY) == "memory only")
    page_of(window).choose(SMTP)

    pane = find(window, QScrollArea, "credentialPane")
    assert pane.widget().minimumSizeHint().width() <= pane.viewport().width()

    qtbot.mouseClick(button(window, "credentialKeep"), Qt.MouseButton.LeftButton)
    await until(lambda: "locked" in said(window))
    in_vain = said(window), cell(window, "Mail password", Column.STATE)
    desk.keyring.write_failure = None
    qtbot.mouseClick(button(window, "credentialKeep"), Qt.MouseButton.LeftButton)

    await until(lambda: cell(window, "Mail password", Column.KEPT_BY) == "keyring")
    assert in_vain == (
        "Mail password is still in memory only: the keyring is locked: unlock it.",
        "in memory until the keyring is open",
    )
    assert said(window) == "It is in the keyring now."
    assert button(window, "credentialKeep").isHidden()
    assert desk.keyring.kept[SMTP] == LOGIN


async def test_change_leads_to_the_channels_form(
    seen: CredentialsPage, window: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    qtbot.mouseClick(button(window, "credentialChange"), Qt.MouseButton.LeftButton)

    await until(lambda: window.findChild(QLineEdit, "field_smtp/password") is not None)
    assert window.dock("notifications").isVisible()


async def test_rotate_shows_its_steps(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    await desk.secret_store.write(SLACK_BOT, {"token": "xoxb-1"}, who="channel form")
    desk.rotation.given[SLACK_BOT] = RotationStanding(
        name=SLACK_BOT, who=WhoRotates.PROGRAM, policy="before 2h"
    )
    window.show_dock("settings")
    await until(lambda: cell(window, "Slack bot token", Column.STATE) == "kept")
    page_of(window).choose(SLACK_BOT)

    qtbot.mouseClick(button(window, "credentialRotate"), Qt.MouseButton.LeftButton)
    await until(lambda: said(window) == "Trying the new one…")
    desk.rotation.may_go_on.set()

    await until(lambda: said(window) == "Replaced; the new one is in use.")


async def test_a_reminder_is_put_off_for_a_week_where_one_is_due(
    seen: CredentialsPage, window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    snooze = button(window, "credentialSnooze")
    was_visible = snooze.isVisible()
    desk.rotation.given[SMTP] = RotationStanding(
        name=SMTP, who=WhoRotates.PERSON, policy="90d", due_ns=desk.clock.ns - HOUR_NS
    )
    seen.refresh()
    is_visible = snooze.isVisible()

    qtbot.mouseClick(snooze, Qt.MouseButton.LeftButton)

    await until(lambda: not snooze.isVisible())
    assert (was_visible, is_visible) == (False, True)
    assert desk.rotation.given[SMTP].snoozed_until_ns == desk.clock.ns + 7 * 24 * HOUR_NS
    assert "You are reminded of the Mail password again in a week" in told(window)
    assert "Reminded again" in [label.text() for label in seen.detail.findChildren(QLabel)]


async def test_what_cannot_be_entered_here_says_why(
    window: MainWindow, desk: Any, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    window.show_dock("settings")
    await until(lambda: cell(window, "Schwab sign-in", Column.STATE) == "not given")
    page_of(window).choose(SCHWAB_TOKEN)

    assert not button(window, "credentialChange").isEnabled()
    assert "Schwab is not the data feed" in said(window, "credentialWhy")


@pytest.fixture
def gate(desk: Any) -> Any:
    """Who may pass is decided by it, before there is a window."""
    desk.access = desk.audit_gate
    return desk.audit_gate


async def test_who_may_not_sees_buttons_that_say_who_may(
    gate: Any, seen: CredentialsPage, window: MainWindow, desk: Any
) -> None:
    remove = button(window, "credentialRemove")
    was_enabled = remove.isEnabled()

    gate.is_admin = False
    desk.bus.publish(AccessChanged())

    assert was_enabled
    assert not remove.isEnabled()
    assert "may change and remove credentials" in remove.toolTip()


async def test_a_denial_is_told_in_the_status_bar(
    gate: Any, seen: CredentialsPage, window: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    gate.is_admin = False  # and the window has not heard of it yet

    qtbot.mouseClick(button(window, "credentialRemove"), Qt.MouseButton.LeftButton)

    words = "As trader you may not change and remove credentials"
    labels = window.statusBar().findChildren(QLabel)
    await until(lambda: any(words in label.text() for label in labels))
    assert said(window) == ""


class Versioned(MemoryKeeper):
    """Has two versions of everything."""

    def __init__(self) -> None:
        super().__init__("secret manager")
        self.version = "2"
        self.states = {"1": VersionState.ENABLED, "2": VersionState.ENABLED}

    async def versions(self, name: str) -> tuple[SecretVersion, ...]:
        return tuple(SecretVersion(version=each, state=self.states[each]) for each in ("2", "1"))

    async def set_state(self, name: str, version: SecretVersion, state: VersionState) -> SecretVersion | None:
        self.states[version.version] = state
        return version


@pytest.fixture
def keeper(desk: Any) -> Versioned:
    """Asked in the keyring's place, before there is a window."""
    keeper = Versioned()
    keeper.kept[WEBHOOK] = {"url": "https://example.com/a"}
    desk.use_keeper(keeper)
    return keeper


async def test_an_old_version_is_destroyed_by_a_second_click(
    keeper: Versioned, window: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    window.show_dock("settings")
    await until(lambda: cell(window, "Webhook address", Column.STATE) == "kept")
    page_of(window).choose(WEBHOOK)
    qtbot.mouseClick(button(window, "showVersions"), Qt.MouseButton.LeftButton)
    await until(lambda: window.findChild(QPushButton, "version1Destroy") is not None)

    qtbot.mouseClick(button(window, "version1Destroy"), Qt.MouseButton.LeftButton)
    after_one = keeper.states["1"]
    qtbot.mouseClick(button(window, "version1Destroy"), Qt.MouseButton.LeftButton)

    await until(lambda: keeper.states["1"] is VersionState.DESTROYED)
    assert after_one is VersionState.ENABLED
    await until(lambda: window.findChild(QPushButton, "version1Destroy") is None)


async def test_to_remove_what_others_read_in_secret_manager_takes_a_second_click(
    keeper: Versioned, window: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    window.show_dock("settings")
    await until(lambda: cell(window, "Webhook address", Column.STATE) == "kept")
    page_of(window).choose(WEBHOOK)
    remove = button(window, "credentialRemove")

    qtbot.mouseClick(remove, Qt.MouseButton.LeftButton)
    await until(lambda: remove.width() >= remove.sizeHint().width())
    asked = remove.text(), said(window), WEBHOOK in keeper.kept
    fits = remove.visibleRegion().boundingRect() == remove.rect()
    qtbot.mouseClick(remove, Qt.MouseButton.LeftButton)
    await until(lambda: WEBHOOK not in keeper.kept)
    await until(find(window, QPushButton, "undoButton").isVisible)
    table = find(window, QTableView, "credentialTable")
    qtbot.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    await until(lambda: WEBHOOK in keeper.kept)
    assert (asked[0], asked[2]) == ("Remove for all?", True)
    assert fits
    assert "of Secret Manager with all its versions" in asked[1]
    assert remove.text() == "Remove"


async def test_to_look_at_another_credential_takes_the_question_back(
    keeper: Versioned, window: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    window.show_dock("settings")
    await until(lambda: cell(window, "Webhook address", Column.STATE) == "kept")
    page_of(window).choose(WEBHOOK)
    qtbot.mouseClick(button(window, "credentialRemove"), Qt.MouseButton.LeftButton)

    page_of(window).choose(SMTP)
    page_of(window).choose(WEBHOOK)

    assert (button(window, "credentialRemove").text(), said(window)) == ("Remove", "")


async def test_the_page_can_be_gone_to_by_its_tab(seen: CredentialsPage, window: MainWindow) -> None:
    tab = find(window, QToolButton, "settingsCredentialsTab")

    assert tab.isChecked()
    assert tab.accessibleName() == "Page Credentials"
