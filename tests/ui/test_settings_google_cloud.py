"""The Settings dock's page Google Cloud: the guided set-up over the stand-in, and who is asked first."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QListWidget, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.secret_manager.faults import DENIED, HANG
from tests.secret_manager.server import SecretManagerServer, key_file, secret_manager
from tests.secret_manager.trust import trusted_authority
from tests.secret_manager.vault import PROJECT
from tradeassist_desktop.domain.audit import AuditAct, AuditResult
from tradeassist_desktop.domain.events import AccessChanged
from tradeassist_desktop.domain.secret import SMTP
from tradeassist_desktop.runtime.breakers.breaker import Breaker
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.secrets.secret_manager.failures import NAME, SECRET_MANAGER_BREAKER
from tradeassist_desktop.secrets.secret_manager.keeper import SecretManagerKeeper
from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace
from tradeassist_desktop.secrets.secret_manager.setup_check import STEPS
from tradeassist_desktop.ui.main_window import MainWindow
from tradeassist_desktop.ui.panels.settings import SettingsPanel
from tradeassist_desktop.ui.widgets.controls import Choice
from tradeassist_desktop.ui.widgets.settings.google_cloud import GoogleCloudPage
from tradeassist_desktop.ui.widgets.settings.keeper_order import meaning_of

ORDER = "secrets.order"
LOGIN = {"user": "desk", "password": "a-word-nobody-knows"}


def find(window: MainWindow, kind: type, name: str) -> Any:
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def click(window: MainWindow, qtbot: QtBot, name: str) -> None:
    qtbot.mouseClick(find(window, QPushButton, name), Qt.MouseButton.LeftButton)


def said(window: MainWindow, name: str = "cloudSaid") -> str:
    return str(find(window, QLabel, name).text())


@pytest.fixture
def server(desk: Any) -> Iterator[SecretManagerServer]:
    """A Secret Manager, before there is a window; the desk's store asks the keyring, then it."""
    with secret_manager(trusted_authority()) as server:
        desk.settings.values["secrets.gcp.endpoint"] = server.endpoint
        keeper = SecretManagerKeeper(
            place=lambda: SecretManagerPlace.of(desk.settings.text),
            breaker=Breaker(
                name=NAME, config=SECRET_MANAGER_BREAKER, clock=SystemClock(), rng=random.Random(7)
            ),
            clock=SystemClock(),
        )
        desk.use_keeper(desk.keyring, keeper)
        yield server
        server.recover()


@pytest.fixture
async def page(server: SecretManagerServer, window: MainWindow, desk: Any) -> Any:
    """The page in front, gone to by its tab; the store's connections end with it."""
    window.show_dock("settings")
    find(window, QToolButton, "settingsGoogleCloudTab").click()
    panel = window.panel("settings")
    assert isinstance(panel, SettingsPanel)
    page = panel.show_page("settingsGoogleCloud")
    assert isinstance(page, GoogleCloudPage)
    yield page
    await desk.secret_store.close()


def enter(window: MainWindow, qtbot: QtBot, project: str) -> None:
    line = find(window, QLineEdit, "cloudProject")
    line.selectAll()
    qtbot.keyClicks(line, project)


def use_key_file(page: GoogleCloudPage, window: MainWindow, file: Path) -> None:
    choice = find(window, Choice, "cloudWho")
    choice.setCurrentIndex(1)
    choice.activated.emit(1)
    page.take_file(file)


async def test_a_check_shows_each_step_before_anything_is_saved(
    page: GoogleCloudPage,
    window: MainWindow,
    server: SecretManagerServer,
    qtbot: QtBot,
    until: Callable[..., Any],
    desk: Any,
    tmp_path: Path,
) -> None:
    enter(window, qtbot, PROJECT)
    use_key_file(page, window, key_file(server, tmp_path))

    click(window, qtbot, "cloudCheck")

    await until(lambda: said(window) == "All is well: save it.", timeout=20.0)
    assert [words.partition(":")[0] for words in page.steps.in_words] == list(STEPS)
    assert desk.settings.text("secrets.gcp.project") == ""
    tests = [(each.what, each.result) for each in desk.acts.entries if each.act is AuditAct.TEST]
    assert tests == [("secret manager", AuditResult.OK)]


async def test_a_missing_permission_has_a_line_to_copy(
    page: GoogleCloudPage,
    window: MainWindow,
    server: SecretManagerServer,
    qtbot: QtBot,
    until: Callable[..., Any],
    tmp_path: Path,
) -> None:
    server.fail(DENIED, method="AccessSecretVersion")
    enter(window, qtbot, PROJECT)
    use_key_file(page, window, key_file(server, tmp_path))
    click(window, qtbot, "cloudCheck")
    await until(lambda: said(window) == "It does not work yet.", timeout=20.0)

    click(window, qtbot, "cloudCopyLine")

    assert QGuiApplication.clipboard().text().startswith(f"gcloud projects add-iam-policy-binding {PROJECT}")
    failed = next(words for words in page.steps.in_words if words.startswith("Read secrets"))
    assert "permission secretmanager.versions.access is missing" in failed


async def test_what_cannot_be_a_project_is_said_below_its_field(
    page: GoogleCloudPage, window: MainWindow, qtbot: QtBot, until: Callable[..., Any]
) -> None:
    enter(window, qtbot, "No Such Project!")

    click(window, qtbot, "cloudCheck")

    fault = find(window, QLabel, "fault_secrets.gcp.project")
    await until(lambda: bool(fault.text()))
    assert page.steps.in_words == []


async def test_save_keeps_the_settings_and_undo_takes_them_back(
    page: GoogleCloudPage, window: MainWindow, qtbot: QtBot, until: Callable[..., Any], desk: Any
) -> None:
    enter(window, qtbot, PROJECT)
    click(window, qtbot, "cloudSave")
    await until(lambda: desk.settings.text("secrets.gcp.project") == PROJECT)

    find(window, QToolButton, "undoSetting").click()

    await until(lambda: desk.settings.text("secrets.gcp.project") == "")
    await until(lambda: find(window, QLineEdit, "cloudProject").text() == "")


async def test_a_check_that_hangs_is_cancelled_at_once(
    page: GoogleCloudPage,
    window: MainWindow,
    server: SecretManagerServer,
    qtbot: QtBot,
    until: Callable[..., Any],
    tmp_path: Path,
) -> None:
    server.fail(HANG)
    enter(window, qtbot, PROJECT)
    use_key_file(page, window, key_file(server, tmp_path))
    click(window, qtbot, "cloudCheck")
    await until(lambda: server.calls, timeout=20.0)

    click(window, qtbot, "cloudCancel")

    await until(lambda: said(window) == "Cancelled.")
    assert find(window, QPushButton, "cloudCheck").isEnabled()


async def test_closing_the_dock_cancels_a_check(
    page: GoogleCloudPage,
    window: MainWindow,
    server: SecretManagerServer,
    qtbot: QtBot,
    until: Callable[..., Any],
    tmp_path: Path,
) -> None:
    server.fail(HANG)
    enter(window, qtbot, PROJECT)
    use_key_file(page, window, key_file(server, tmp_path))
    click(window, qtbot, "cloudCheck")
    await until(lambda: server.calls, timeout=20.0)

    window.dock("settings").close()

    await until(lambda: said(window) == "Cancelled.")


async def test_credentials_are_copied_there_and_it_is_said_what_was_kept(
    page: GoogleCloudPage,
    window: MainWindow,
    server: SecretManagerServer,
    qtbot: QtBot,
    until: Callable[..., Any],
    desk: Any,
    tmp_path: Path,
) -> None:
    await desk.secret_store.write(SMTP, LOGIN, who="channel form")
    could_before = find(window, QPushButton, "cloudCopy").isEnabled()
    enter(window, qtbot, PROJECT)
    use_key_file(page, window, key_file(server, tmp_path))
    click(window, qtbot, "cloudSave")
    await until(find(window, QPushButton, "cloudCopy").isEnabled)

    click(window, qtbot, "cloudCopy")

    await until(lambda: "in Secret Manager now" in said(window, "cloudCopySaid"), timeout=20.0)
    assert not could_before
    assert said(window, "cloudCopySaid") == "1 of 1 credential in Secret Manager now."
    assert said(window, "cloudCopied") == "Mail password: kept as version 1, and read back."
    assert desk.keyring.kept[SMTP] == LOGIN


async def test_a_key_file_is_chosen_in_a_dialog_that_holds_nothing_up(
    page: GoogleCloudPage, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    use_key_file(page, window, tmp_path / "before.json")
    click(window, qtbot, "cloudChooseFile")
    chooser = find(window, QFileDialog, "cloudKeyFileChooser")

    chooser.fileSelected.emit(str(tmp_path / "key.json"))
    chooser.reject()

    assert find(window, QLineEdit, "cloudKeyFile").text() == str(tmp_path / "key.json")


async def test_keepers_are_put_in_order_by_keys_and_the_meaning_is_told(
    page: GoogleCloudPage, window: MainWindow, qtbot: QtBot, until: Callable[..., Any], desk: Any
) -> None:
    order = find(window, QListWidget, "keeperOrder")
    order.setCurrentRow(1)

    qtbot.keyClick(order, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)

    await until(lambda: desk.settings.names(ORDER) == ("keyring", "secret manager", "environment"))
    assert said(window, "keeperMeaning").startswith("A secret is read from the keyring, else from Secret")


async def test_a_keeper_that_is_not_ticked_is_not_asked(
    page: GoogleCloudPage, window: MainWindow, until: Callable[..., Any], desk: Any
) -> None:
    find(window, QListWidget, "keeperOrder").item(2).setCheckState(Qt.CheckState.Unchecked)

    await until(lambda: desk.settings.names(ORDER) == ("secret manager", "keyring"))
    assert said(window, "keeperMeaning").endswith("Not asked: the environment.")


async def test_every_input_of_the_page_has_a_name_for_screen_readers(page: GoogleCloudPage) -> None:
    inputs = [*page.findChildren(QLineEdit), *page.findChildren(QPushButton), *page.findChildren(QListWidget)]

    assert [each.objectName() for each in inputs if not each.accessibleName()] == []


def test_the_meaning_of_an_order_says_where_what_is_entered_goes() -> None:
    assert meaning_of(()) == "Nobody is asked: no channel, no sign-in and no feed has its credentials."
    assert "holds until you quit" in meaning_of(("environment",))
    assert "is kept in the keyring." in meaning_of(("environment", "keyring"))


@pytest.fixture
def gate(desk: Any) -> Any:
    """Who may pass is decided by it, before there is a window."""
    desk.access = desk.audit_gate
    return desk.audit_gate


async def test_who_may_not_change_settings_can_start_nothing_here(
    gate: Any, page: GoogleCloudPage, window: MainWindow, desk: Any
) -> None:
    gate.is_admin = False
    desk.bus.publish(AccessChanged())

    names = ("cloudCheck", "cloudSave", "cloudCopy", "keeperUp")
    assert not any(find(window, QPushButton, name).isEnabled() for name in names)
    assert not find(window, QWidget, "cloudProject").isEnabled()
    who_may = find(window, QLabel, "cloudWhoMay")
    assert who_may.isVisible()
    assert who_may.text() == "Only an admin may check and change this; what is saved can be read here."


async def test_who_may_do_all_of_it_is_not_told_who_may(page: GoogleCloudPage, window: MainWindow) -> None:
    assert not find(window, QLabel, "cloudWhoMay").isVisible()


async def test_check_and_save_stay_in_sight_in_the_smallest_window(
    page: GoogleCloudPage,
    window: MainWindow,
    server: SecretManagerServer,
    qtbot: QtBot,
    until: Callable[..., Any],
    tmp_path: Path,
) -> None:
    window.resize(1280, 720)
    await until(lambda: window.height() == 720)
    enter(window, qtbot, PROJECT)
    use_key_file(page, window, key_file(server, tmp_path))

    buttons = [find(window, QPushButton, name) for name in ("cloudCheck", "cloudSave")]

    def are_in_sight() -> bool:
        return all(button.visibleRegion().boundingRect() == button.rect() for button in buttons)

    await until(are_in_sight)
    click(window, qtbot, "cloudCheck")
    await until(lambda: said(window) == "All is well: save it.", timeout=20.0)
    await until(are_in_sight)
