"""Sets Secret Manager up for a person: tries a set-up, and copies what is kept elsewhere into it."""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from tradeassist_desktop.domain.access import Act, Gate
from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditResult, AuditTrail
from tradeassist_desktop.domain.errors import BadInput, Fault, TradeAssistError
from tradeassist_desktop.domain.secret import SECRET_NAMES, KeeperError
from tradeassist_desktop.domain.secret_setup import SetupStep, StepResult
from tradeassist_desktop.domain.setting import checked
from tradeassist_desktop.domain.settings import setting
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.secret_manager.failures import NAME
from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace
from tradeassist_desktop.secrets.secret_manager.setup_check import SIGN_IN, check_setup
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.credentials.credential import Credential
from tradeassist_desktop.services.credentials.looking import WHO
from tradeassist_desktop.services.credentials.mending import mending_line
from tradeassist_desktop.services.rotation.words import title
from tradeassist_desktop.services.settings import Settings

PROJECT: Final = "secrets.gcp.project"
LOCATION: Final = "secrets.gcp.location"
CREDENTIALS: Final = "secrets.gcp.credentials"
ORDER: Final = "secrets.order"
LABELS: Final = {PROJECT: "Project", LOCATION: "Region", CREDENTIALS: "Key file"}
"""What a person gives, as the form names it."""


@dataclass(frozen=True, slots=True)
class CheckedStep:
    """One step of a check, and a line for a terminal that mends what it found; empty for none."""

    step: SetupStep
    line: str = ""


@dataclass(frozen=True, slots=True)
class Copied:
    """What came of one secret that was to be copied, in words."""

    name: str
    is_kept: bool
    words: str


class GoogleCloud:
    """What the guided set-up does. Nothing here blocks; what is cancelled leaves things as they are."""

    def __init__(
        self,
        *,
        secrets: SecretStore,
        settings: Settings,
        trail: AuditTrail,
        access: Gate,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._secrets = secrets
        self._settings = settings
        self._trail = trail
        self._access = access
        self._clock = clock
        self._rng = rng

    @property
    def is_set(self) -> bool:
        """Whether a project is saved."""
        return bool(self._settings.text(PROJECT))

    def loses(self, credential: Credential) -> bool:
        """Return whether to remove it may take it out of Secret Manager, where others read it too."""
        return credential.source == NAME or (self.is_set and NAME in self._settings.names(ORDER))

    def typed(self, draft: Mapping[str, str]) -> dict[str, str]:
        """Return what was typed as the settings would have it.

        Raises:
            BadInput: a setting cannot be so; each fault's place is as of ``LABELS``.
        """
        faults: list[Fault] = []
        values: dict[str, str] = {}
        for key, text in draft.items():
            try:
                values[key] = str(checked(setting(key), text.strip()))
            except BadInput as error:
                faults += [Fault(place=LABELS[key], message=fault.message) for fault in error.faults]
        if faults:
            raise BadInput(faults)
        return values

    async def check(
        self, draft: Mapping[str, str], on_step: Callable[[CheckedStep], None], *, writes: bool = False
    ) -> bool:
        """Try a set-up before it is saved, telling of each step as it is done; return whether all is well.

        Args:
            draft: By setting; what is not in it is as it is saved.
            writes: Also keep a secret that is none, read it back, and delete it.

        Raises:
            BadInput: as of ``typed``.
        """
        self._access.require(Act.CREDENTIALS)
        values = self.typed(draft)
        place = SecretManagerPlace.of(lambda key: values.get(key, self._settings.text(key)))
        account, failed = "", ""
        try:
            checking = check_setup(
                place,
                clock=self._clock,
                rng=self._rng,
                project_where=f"in the field {LABELS[PROJECT]}",
                writes=writes,
            )
            async with aclosing(checking) as steps:
                async for step in steps:
                    if step.title == SIGN_IN and "@" in step.words and step.result is StepResult.OK:
                        account = step.words
                    if step.result is StepResult.FAILED:
                        failed = failed or f"{step.title}: {step.words}"
                    line = mending_line(
                        step, project=place.project, account=account, uses_file=bool(place.credentials)
                    )
                    on_step(CheckedStep(step, line))
        except asyncio.CancelledError:
            self._record("cancelled", is_good=False)
            raise
        self._record(failed or f"project {place.project}: all is well", is_good=not failed)
        return not failed

    async def copy(self, on_copied: Callable[[Copied], None]) -> tuple[Copied, ...]:
        """Write each secret there is into Secret Manager, and read it back; tell of each as it is done.

        Where it is kept now it stays. What fails is told of, and the next one is tried.

        Raises:
            TradeAssistError: no project is saved.
        """
        self._access.require(Act.CREDENTIALS)
        if not self.is_set:
            raise TradeAssistError("Save a project first: there is nowhere to copy them to.")
        done: list[Copied] = []
        for name in SECRET_NAMES:
            copied = await self._copied(name)
            if copied is not None:
                done.append(copied)
                on_copied(copied)
        return tuple(done)

    async def _copied(self, name: str) -> Copied | None:
        try:
            before = await self._secrets.read(name, who=WHO)
            if before is None:
                return None
            kept = await self._secrets.copy(name, to=NAME, who=WHO)
        except KeeperError as error:
            return Copied(name, False, f"{title(name)}: {error}")
        if kept is None:
            return Copied(name, False, f"{title(name)}: Secret Manager keeps nothing now.")
        version = f" as version {kept.version.version}" if kept.version.version else ""
        if before.source == NAME:
            return Copied(name, True, f"{title(name)}: is there already{version}.")
        return Copied(name, True, f"{title(name)}: kept{version}, and read back.")

    def _record(self, words: str, *, is_good: bool) -> None:
        self._trail.record(
            AuditEntry(
                at_ns=self._clock.now_ns(),
                who=WHO,
                act=AuditAct.TEST,
                what=NAME,
                result=AuditResult.OK if is_good else AuditResult.FAILED,
                detail=words[:500],
            )
        )
