"""Settings of this run: what was set where, checked, kept in one JSON file."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tradeassist_desktop.domain.access import OPEN, Gate, setting_act
from tradeassist_desktop.domain.errors import BadInput, Fault, TradeAssistError
from tradeassist_desktop.domain.events import SettingChanged
from tradeassist_desktop.domain.setting import Setting, checked, from_text
from tradeassist_desktop.domain.settings import SETTINGS, setting
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.services.whole_file import write_whole

log = logging.getLogger(__name__)

_LOOK_S: Final = 2.0
_MOST_BYTES: Final = 1_000_000

Value = bool | int | float | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as ``tradeassist settings`` lists it; ``source`` says who gave the value."""

    spec: Setting
    value: Value
    source: str


class Settings:
    """The settings of this run: ``--set`` before the file, the file before the environment, then defaults.

    Args:
        file: Where changes are kept; need not exist.
        overrides: ``KEY=VALUE`` texts of the command line, for this run only.
        environment: The process's environment.
        is_dev: Whether settings that redirect the program are allowed.
        bus: Told of each change.
        access: Asked before a person's change.

    Raises:
        BadInput: an override or the file holds something no setting can be.
    """

    def __init__(
        self,
        *,
        file: Path,
        overrides: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
        is_dev: bool = False,
        bus: Bus | None = None,
        access: Gate = OPEN,
    ) -> None:
        self._file = file
        self._access = access
        self._bus = bus
        self._is_dev = is_dev
        self._overrides = self._read_overrides(overrides)
        self._seen = self._stamp()
        self._mistake: BadInput | None = None
        self._kept = self._read_file()
        self._environment = self._read_environment(environment or {})

    def get(self, key: str) -> Value:
        """Return the value in force."""
        return self._row(setting(key)).value

    def flag(self, key: str) -> bool:
        """Return a yes/no setting."""
        return bool(self.get(key))

    def number(self, key: str) -> float:
        """Return a numeric setting."""
        value = self.get(key)
        assert isinstance(value, int | float)
        return value

    def text(self, key: str) -> str:
        """Return a text setting."""
        return str(self.get(key))

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list setting."""
        value = self.get(key)
        assert isinstance(value, tuple)
        return value

    async def set(self, key: str, value: Value) -> None:
        """Keep a new value; it holds at once, even where ``--set`` gave another for this run.

        Raises:
            Denied: who is at the desk may not.
            BadInput: the setting cannot have it.
            TradeAssistError: it could not be written; it holds for this run all the same.
        """
        self._access.require(setting_act(key))
        spec = setting(key)
        self._refuse_redirection(spec)
        value = checked(spec, value)
        self.refresh()  # what was written into the file meanwhile is not to be written over
        self._kept[key] = value
        self._overrides.pop(key, None)
        try:
            self._write()
        finally:
            if self._bus is not None:
                self._bus.publish(SettingChanged(key=key))

    def refresh(self) -> None:
        """Take up what somebody else has written into the file; one with a mistake changes nothing."""
        stamp = self._stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        before = self._kept
        try:
            self._kept = self._read_file()
        except BadInput as mistake:
            self._mistake = mistake
            log.warning("settings file not taken", extra={"reason": str(mistake)})
            return
        except TradeAssistError as error:
            log.warning("settings file not taken", extra={"reason": str(error)})
            return
        self._mistake = None
        changed = sorted(
            key for key in before.keys() | self._kept.keys() if before.get(key) != self._kept.get(key)
        )
        if changed:
            log.info("settings file changed", extra={"keys": changed})
        if self._bus is not None:
            for key in changed:
                self._bus.publish(SettingChanged(key=key))

    async def follow(self, clock: Clock) -> None:
        """Take up changes of the file until cancelled."""
        while True:
            await clock.sleep(_LOOK_S)
            self.refresh()

    def rows(self) -> tuple[SettingRow, ...]:
        """Return every setting with its value and where that comes from."""
        return tuple(self._row(spec) for spec in SETTINGS)

    def _row(self, spec: Setting) -> SettingRow:
        for source, values in (
            ("--set", self._overrides),
            ("file", self._kept),
            (f"environment {spec.environment}", self._environment),
        ):
            if spec.key in values:
                return SettingRow(spec=spec, value=values[spec.key], source=source)
        return SettingRow(spec=spec, value=spec.default, source="default")

    def _read_overrides(self, texts: tuple[str, ...]) -> dict[str, Value]:
        values: dict[str, Value] = {}
        faults: list[Fault] = []
        for text in texts:
            key, equals, value = text.partition("=")
            try:
                if not equals:
                    raise BadInput([Fault(place=text, message="expected KEY=VALUE")])
                spec = setting(key.strip())
                self._refuse_redirection(spec)
                if spec.is_file_only:
                    raise BadInput([Fault(place=spec.key, message="is not taken from the command line")])
                values[spec.key] = from_text(spec, value)
            except BadInput as error:
                faults.extend(error.faults)
        if faults:
            raise BadInput([Fault(place=f"--set {fault.place}", message=fault.message) for fault in faults])
        return values

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read_file(self) -> dict[str, Value]:
        try:
            with self._file.open("rb") as opened:
                content = opened.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise TradeAssistError(
                f"The settings file {self._file} cannot be read: {error.strerror}."
            ) from None
        try:
            if len(content) > _MOST_BYTES:
                raise ValueError(f"has more than {_MOST_BYTES:,} bytes")
            document = json.loads(content)
        except RecursionError:
            raise BadInput([Fault(place=str(self._file), message="is no settings file: too deep")]) from None
        except ValueError as error:
            raise BadInput([Fault(place=str(self._file), message=f"is not JSON: {error}")]) from None
        if not isinstance(document, dict):
            raise BadInput([Fault(place=str(self._file), message="expected an object of settings")])
        values: dict[str, Value] = {}
        faults: list[Fault] = []
        for key, value in document.items():
            try:
                spec = setting(key)
                self._refuse_redirection(spec)
                values[key] = checked(spec, value)
            except BadInput as error:
                faults.extend(error.faults)
        if faults:
            raise BadInput(
                [Fault(place=f"{self._file}: {fault.place}", message=fault.message) for fault in faults]
            )
        return values

    def _read_environment(self, environment: Mapping[str, str]) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for spec in SETTINGS:
            text = environment.get(spec.environment or "", "")
            if text:  # an empty variable counts as absent
                values[spec.key] = from_text(spec, text)
        return values

    def _refuse_redirection(self, spec: Setting) -> None:
        if spec.is_dev_only and not self._is_dev:
            raise BadInput(
                [Fault(place=spec.key, message="redirects the program and is taken only with --dev")]
            )

    def _write(self) -> None:
        if self._mistake is not None:
            raise TradeAssistError(
                "The setting holds until you quit; it is not kept, since the settings file has a mistake: "
                f"{self._mistake}"
            )
        text = json.dumps(self._kept, indent=2, sort_keys=True) + "\n"
        try:
            write_whole(self._file, text.encode())
            self._seen = self._stamp()
        except OSError as error:
            raise TradeAssistError(
                f"The setting holds until you quit; it cannot be written to {self._file}: {error.strerror}."
            ) from None
