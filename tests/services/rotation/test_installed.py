"""Rotators of users: packages as pip installs them, whatever they do."""

import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rotator_package import WORKING, install_rotator
from tests.services.rotation.desk import DAY_S, OLD, keyring_with, rotation_desk
from tradeassist_desktop.domain.rotation import RotationFailed
from tradeassist_desktop.domain.secret import SMTP, Secret
from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.rotation.installed import InstalledRotator

Install = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """``install(body)`` installs a package whose ``Rotator`` has that body; returns its rotator's name."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    sys.path.insert(0, str(folder))
    names: list[str] = []

    def install(body: str, **how: str) -> str:
        names.append(f"rotator_package_{len(names)}")
        return install_rotator(folder, module=names[-1], methods=body, **how)

    yield install
    sys.path.remove(str(folder))
    for module in names:
        sys.modules.pop(module, None)


def broken(method: str, body: str) -> str:
    """Return a rotator one method of which does something else."""
    lines = "\n".join(f"        {line}" for line in textwrap.dedent(body).strip().splitlines())
    return WORKING.replace("pass", "return None") + f"\n    async def {method}(self, secret):\n{lines}\n"


def rotator(name: str, *, limit_s: float = 30.0) -> InstalledRotator:
    return InstalledRotator(name=name, clock=SystemClock(), limit_s=limit_s)


async def test_a_setting_names_an_installed_rotator_and_the_scheduler_uses_it(
    tmp_path: Path, install: Install
) -> None:
    name = install(WORKING, name="mypackage")
    given = {"rotate.smtp": f"every 30d with {name}"}
    async with rotation_desk(tmp_path, keepers=[keyring_with()], given=given) as desk:
        await desk.after(30 * DAY_S + 60)
        await desk.wait_for(SMTP)

        assert await desk.text_of() == "first-password-renewed"


async def test_it_may_be_an_instance_too(install: Install) -> None:
    name = install(WORKING, end="made = Rotator()", target="made")

    assert await rotator(name).make(Secret(OLD)) == {"user": "desk", "password": "first-password-renewed"}


@pytest.mark.parametrize(
    ("method", "body", "words", "retry"),
    [
        pytest.param(
            "make", "raise ValueError(secret['password'])", "broke in “make”: ValueError", True, id="raises"
        ),
        pytest.param(
            "make", "return None", "returned NoneType, and no mapping of texts", False, id="nothing"
        ),
        pytest.param("make", "return {'password': 5}", "returned dict, and no mapping", False, id="number"),
        pytest.param(
            "make", "raise SystemExit(3)", "broke in “make”: SystemExit", True, id="ends the program"
        ),
        pytest.param(
            "make", "raise KeyboardInterrupt", "broke in “make”: KeyboardInterrupt", True, id="interrupt"
        ),
        pytest.param(
            "verify", "raise AssertionError", "broke in “verify”: AssertionError", False, id="does not work"
        ),
        pytest.param(
            "verify",
            "from tradeassist_desktop.domain.rotation import RotationFailed\n"
            "raise RotationFailed('no answer for ' + secret['password'], retry=True)",
            "no answer for •••",
            True,
            id="says why, and too much",
        ),
        pytest.param(
            "retire", "1 / 0", "broke in “retire”: ZeroDivisionError", True, id="cannot end the old one"
        ),
    ],
)
async def test_what_goes_wrong_in_one_is_said_without_the_secret(
    install: Install, caplog: pytest.LogCaptureFixture, method: str, body: str, words: str, retry: bool
) -> None:
    made = rotator(install(broken(method, body)))

    with pytest.raises(RotationFailed, match=words) as failure:
        await getattr(made, method)(Secret(OLD))

    assert failure.value.retry is retry
    assert OLD["password"] not in str(failure.value) + caplog.text


async def test_one_that_blocks_neither_stops_the_desk_nor_is_called_twice(install: Install) -> None:
    name = install(
        broken("make", "import rotator_gate\nrotator_gate.opened.wait(30)\nreturn secret"),
    )
    gate = type(sys)("rotator_gate")
    gate.opened = threading.Event()
    sys.modules["rotator_gate"] = gate
    made = rotator(name, limit_s=0.2)
    try:
        with pytest.raises(RotationFailed, match=r"did not end “make” within 0\.2 s") as first:
            await made.make(Secret(OLD))
        with pytest.raises(RotationFailed, match="has not ended its last call yet") as second:
            await made.make(Secret(OLD))
    finally:
        gate.opened.set()
        del sys.modules["rotator_gate"]

    assert first.value.retry
    assert second.value.retry


@pytest.mark.parametrize(
    ("body", "top", "words"),
    [
        pytest.param("x = 1", "", "has no “make, verify, retire”", id="no methods"),
        pytest.param(
            WORKING, "import no_such_module", "broke in “make”: ModuleNotFoundError", id="import fails"
        ),
        pytest.param(
            WORKING, "raise SystemExit", "broke in “make”: SystemExit", id="import ends the program"
        ),
    ],
)
async def test_one_that_cannot_be_loaded_is_said_to_be(
    install: Install, body: str, top: str, words: str
) -> None:
    with pytest.raises(RotationFailed, match=words):
        await rotator(install(body, top=top)).make(Secret(OLD))


async def test_one_that_is_not_installed_is_named(tmp_path: Path) -> None:
    given = {"rotate.smtp": "30d with nowhere"}
    async with rotation_desk(tmp_path, keepers=[keyring_with()], given=given, runs=False) as desk:
        outcome = await desk.service.rotate_now(SMTP)

        assert not outcome.is_done
        assert outcome.words.startswith("no package with a rotator “nowhere”")
        assert await desk.text_of() == "first-password"


async def test_two_packages_with_one_name_are_refused(install: Install) -> None:
    install(WORKING, name="mine")
    install(WORKING, name="mine")

    with pytest.raises(RotationFailed, match="several packages have a rotator “mine”"):
        await rotator("mine").make(Secret(OLD))


async def test_nothing_is_imported_that_no_setting_names(tmp_path: Path, install: Install) -> None:
    install(WORKING, name="unnamed")
    async with rotation_desk(tmp_path, keepers=[keyring_with()]) as desk:
        await desk.after(400 * DAY_S)

    assert not [module for module in sys.modules if module.startswith("rotator_package_")]
