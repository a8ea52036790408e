"""Every credential with all that is known of it, and what a person does with one."""

import asyncio
from collections.abc import Callable

from tradeassist_desktop.domain.access import Act, Gate
from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditResult, AuditTrail
from tradeassist_desktop.domain.errors import TradeAssistError
from tradeassist_desktop.domain.events import CredentialsSeen
from tradeassist_desktop.domain.rotation import CACHE_KEY, RotationStanding, RotationStep
from tradeassist_desktop.domain.secret import (
    NOBODY,
    SCHWAB_APP,
    SCHWAB_TOKEN,
    KeeperError,
    KeptSecret,
    Secret,
    SecretVersion,
    VersionState,
)
from tradeassist_desktop.domain.sign_in import SignInState
from tradeassist_desktop.runtime.bus import Bus
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.secrets.store import SecretStore
from tradeassist_desktop.services.audit.book import AuditBook
from tradeassist_desktop.services.credentials.credential import (
    CREDENTIALS,
    SCHWAB,
    Checked,
    Credential,
    Deed,
    Removed,
)
from tradeassist_desktop.services.credentials.deeds import barred
from tradeassist_desktop.services.credentials.looking import LOOKERS, WHO, Look, Looking, since_ns
from tradeassist_desktop.services.credentials.saving import saved
from tradeassist_desktop.services.credentials.trying import NotYet, Trying
from tradeassist_desktop.services.rotation.rotation import RotationService
from tradeassist_desktop.services.rotation.words import title
from tradeassist_desktop.services.sign_in.sign_in import SignIn
from tradeassist_desktop.storage.faults import StorageFailed


class Credentials:
    """Joins what the store, rotation, the audit log and the sign-in know. Looking waits for nobody.

    Args:
        sign_in: Of the venue that wants one; ``None`` where none does.
        on_changed: Told the name of each secret that is another now, or gone.
    """

    def __init__(
        self,
        *,
        secrets: SecretStore,
        rotation: RotationService,
        audit: AuditBook,
        trail: AuditTrail,
        trying: Trying,
        sign_in: SignIn | None,
        on_changed: Callable[[str], None],
        access: Gate,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._secrets = secrets
        self._rotation = rotation
        self._audit = audit
        self._trail = trail
        self._trying = trying
        self._sign_in = sign_in
        self._on_changed = on_changed
        self._access = access
        self._bus = bus
        self._clock = clock
        self._looking = Looking(secrets=secrets, on_seen=self._tell)
        self._uses: dict[str, AuditEntry] = {}
        self._checks: dict[str, Checked] = {}

    # --- looking

    def all(self) -> tuple[Credential, ...]:
        """Return every credential as far as it is known now."""
        standings = {each.name: each for each in self._rotation.standings()}
        return tuple(self._credential(name, standings.get(name)) for name in CREDENTIALS)

    async def look(self, *names: str) -> None:
        """Look at these, or at all; each is told of as its keeper has answered."""
        wanted = [name for name in names or CREDENTIALS if name != CACHE_KEY]
        await asyncio.gather(self._look_up_uses(), *(self._looking.look(name) for name in wanted))

    async def versions(self, name: str) -> tuple[str, tuple[SecretVersion, ...]]:
        """Return who keeps a credential and its versions, newest first; none where it has no versions.

        Raises:
            TradeAssistError: its keeper could not be asked.
        """
        try:
            source, found = await self._secrets.versions(name, who=WHO)
        except KeeperError as error:
            raise TradeAssistError(f"{title(name)}: {error}") from None
        return source, tuple(each for each in found if each.version)

    def doubt(self, name: str) -> None:
        """Take the last test of a credential for nothing: it is another now."""
        self._checks.pop(name, None)

    # --- what a person does

    async def test(self, name: str) -> Checked:
        """Try a credential where it is used, or else read it anew; return how it went."""
        self._access.require(Act.RESEND)
        self._refuse(name, Deed.TEST)
        is_good, was_tried = False, True
        try:
            is_good, words = await self._trying.tried(name)
        except NotYet as error:
            was_tried, words = False, str(error)
        except (TradeAssistError, KeeperError) as error:
            words = str(error)
        checked = Checked(self._clock.now_ns(), is_good, words, was_tried)
        self._checks[name] = checked
        result = AuditResult.FAILED if checked.has_failed else AuditResult.ABSENT
        if is_good:
            result = AuditResult.OK
        self._trail.record(
            AuditEntry(
                at_ns=checked.at_ns, who=WHO, act=AuditAct.TEST, what=name, result=result, detail=words[:500]
            )
        )
        self._tell()
        return checked

    async def remove(self, name: str) -> Removed:
        """Take a credential out wherever it is kept; what comes back can put it in again.

        Raises:
            TradeAssistError: it cannot be taken out, or not from where it is read.
        """
        self._access.require(Act.CREDENTIALS)
        self._refuse(name, Deed.REMOVE)
        kept = await self._read_anew(name)
        if kept is None:
            raise TradeAssistError(f"{title(name)}: there is none any more.")
        failure: KeeperError | None = None
        try:
            await self._secrets.delete(name, who=WHO)
        except KeeperError as error:
            failure = error
        left = await self._read_left(name)
        if failure is not None and left is not None and left.source == kept.source:
            raise TradeAssistError(f"{title(name)}: {failure}; it may be gone from the others.") from None
        await self._changed(name)
        words = f"{title(name)} removed"
        if failure is not None:
            words += f", but not everywhere: {failure}"
        elif left is not None:
            words += f" from the {kept.source}; the {left.source} still gives one"
        return Removed(name, words, "" if left is None else left.source, kept.secret)

    async def restore(self, removed: Removed) -> None:
        """Put back what was taken out.

        Raises:
            TradeAssistError: another was given meanwhile, which stays; or it cannot be kept.
        """
        self._access.require(Act.CREDENTIALS)
        name = removed.name
        now = await self._read_anew(name)
        if now is not None and now.source != removed.left:
            raise TradeAssistError(f"{title(name)}: another was given meanwhile, and stays.")
        try:
            kept = await self._secrets.write(name, removed.secret, who=WHO)
        except KeeperError as error:
            raise TradeAssistError(f"{title(name)}: {error}") from None
        await self._changed(name)
        if kept.source == NOBODY:
            raise TradeAssistError(f"{title(name)} is back, but nobody keeps it: it holds until you quit.")

    async def keep(self, name: str) -> str:
        """Give what is in memory only to who can keep it, as ``saved``; return in words where it is."""
        self._access.require(Act.CREDENTIALS)
        self._refuse(name, Deed.KEEP)
        try:
            done = await saved(self._secrets, name)
        finally:
            await self._looking.look(name)
        if done.is_another:
            await self._changed(name)
        return done.words

    async def set_version(
        self, name: str, version: SecretVersion, state: VersionState, *, source: str
    ) -> None:
        """Enable, disable or, for good, destroy a version that ``source`` keeps.

        Raises:
            TradeAssistError: its keeper could not, or another changed it meanwhile.
        """
        self._access.require(Act.CREDENTIALS)
        try:
            await self._secrets.set_state(name, version, state, source=source, who=WHO)
        except KeeperError as error:
            raise TradeAssistError(f"{title(name)}: {error}") from None
        await self._changed(name)

    # --- within

    def _credential(self, name: str, standing: RotationStanding | None) -> Credential:
        look = self._looking.last(name)
        if name == CACHE_KEY:
            look = self._look_at_key(standing)
        seen = look or Look()
        kept, use = seen.kept, self._uses.get(name)
        return Credential(
            name=name,
            title=title(name),
            is_seen=look is not None,
            is_asking=self._looking.is_asking(name),
            is_present=kept is not None,
            source="" if kept is None else kept.source,
            waits_for="" if kept is None else kept.waits_for,
            hides="" if kept is None else kept.hides,
            offline_since_ns=None if kept is None else kept.offline_since_ns,
            stands_until_ns=None if kept is None else kept.stands_until_ns,
            version="" if kept is None else kept.version.version,
            since_ns=since_ns(kept, standing),
            expires_ns=self._expires_ns(name, seen),
            used_ns=None if use is None else use.at_ns,
            used_by="" if use is None else use.who,
            rotated_ns=None if standing is None else standing.rotated_ns,
            policy="" if standing is None else standing.policy,
            due_ns=None if standing is None else standing.due_ns,
            is_reminded_of=standing is not None and standing.is_reminded_of(self._clock.now_ns()),
            snoozed_until_ns=None if standing is None else standing.snoozed_until_ns,
            step=RotationStep.IDLE if standing is None else standing.step,
            failure=seen.trouble
            or self._refusal(name, seen)
            or ("" if standing is None else standing.failure),
            hint="" if standing is None else standing.hint,
            checked=self._checks.get(name),
            channel=self._trying.channel_of(name),
            barred=barred(
                name,
                kept=kept,
                is_seen=look is not None and not seen.trouble,
                has_sign_in=self._sign_in is not None,
                standing=standing,
            ),
        )

    def _expires_ns(self, name: str, seen: Look) -> int | None:
        if name == SCHWAB_TOKEN and self._sign_in is not None:
            return self._sign_in.status.expires_ns or seen.expires_ns
        return seen.expires_ns

    def _refusal(self, name: str, seen: Look) -> str:
        """Return why Schwab does not take a sign-in that is kept; empty where it does."""
        if name != SCHWAB_TOKEN or self._sign_in is None or seen.kept is None:
            return ""
        status = self._sign_in.status
        is_out = status.state in (SignInState.SIGNED_OUT, SignInState.FAILED)
        return status.detail if is_out else ""

    def _look_at_key(self, standing: RotationStanding | None) -> Look:
        copies = self._secrets.copies
        if copies is None or standing is None or not standing.is_present:
            return Look(trouble="" if copies is None else copies.trouble)
        # Nobody reads it by its name: it is the keyring's alone.
        return Look(
            kept=KeptSecret(name=CACHE_KEY, secret=Secret({}), source="keyring"), trouble=copies.trouble
        )

    async def _look_up_uses(self) -> None:
        try:
            found = await self._audit.last(CREDENTIALS, [AuditAct.READ], except_who=LOOKERS)
        except StorageFailed:
            return  # the database tells of that itself
        self._uses = {name: entry for (name, _), entry in found.items()}
        self._tell()

    def _refuse(self, name: str, deed: Deed) -> None:
        why = next(each for each in self.all() if each.name == name).barred.get(deed)
        if why:
            raise TradeAssistError(f"{title(name)}: {why}")

    async def _read_anew(self, name: str) -> KeptSecret | None:
        try:
            return await self._secrets.read(name, who=WHO, anew=True)
        except KeeperError as error:
            raise TradeAssistError(f"{title(name)}: {error}") from None

    async def _read_left(self, name: str) -> KeptSecret | None:
        try:
            return await self._secrets.read(name, who=WHO, anew=True)
        except KeeperError:
            return None

    async def _changed(self, name: str) -> None:
        if name in SCHWAB and self._sign_in is not None:
            await self._sign_in.forget(app=name == SCHWAB_APP)
            await self._sign_in.load()
        self._on_changed(name)
        await self._looking.look(name)

    def _tell(self) -> None:
        self._bus.publish(CredentialsSeen())
