"""Copies of remote secrets on this computer, encrypted: for the next start, and for when nobody answers."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from tradeassist_desktop.domain.secret import KeeperError, KeeperSilent, KeptSecret
from tradeassist_desktop.runtime.clock import Clock
from tradeassist_desktop.runtime.deadline import within
from tradeassist_desktop.secrets.cache_key import CacheKeys, KeptCacheKeys, Keyring, new_keys
from tradeassist_desktop.secrets.private_files import PrivateFolder, Unsafe
from tradeassist_desktop.secrets.sealing import Damaged, KeyGone, SealedSecret, labels_of, seal, unseal

log = logging.getLogger(__name__)

_ENDING: Final = ".sealed"
_FINISH_S: Final = 2.0


class SecretCache:
    """One file a secret, sealed with a key that only the keyring has; without one, nothing is kept.

    Whatever is wrong with a file, it counts as absent: what is fetched then is written over it. An older
    file put back in place of a newer one is known by its number, whose floor is beside the key: who can
    write both the folder and the keyring is not kept out. Where only a copy's times differ, an older
    file is merely out of date sooner.

    Args:
        scope: What remote secrets there are, such as a project's; empty for none: then no copy is read or
            kept, and the keyring left alone. A copy made in another scope is not read.
    """

    def __init__(self, *, folder: Path, keyring: Keyring, clock: Clock, scope: Callable[[], str]) -> None:
        self._scope = scope
        self._files = PrivateFolder(folder)
        self._keys = KeptCacheKeys(keyring=keyring, clock=clock)
        self._clock = clock
        self._one_change = asyncio.Lock()
        # Held for no longer than files take: the other may be as long as a keyring waits for a person.
        self._files_change = asyncio.Lock()
        self._jobs: set[asyncio.Task[None]] = set()
        self._turns = itertools.count(1)
        self._wanted: dict[str, int] = {}
        self._absent: set[str] = set()
        self._harms: dict[str, str] = {}
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """Why copies are not kept at present, in words; empty where they are."""
        return self._trouble or self._keys.trouble

    @property
    def has_key(self) -> bool:
        """Whether there is a key, as far as is known: it is looked for with the first copy."""
        return self._keys.known is not None

    async def read(self, name: str) -> SealedSecret | None:
        """Return the copy, or ``None``; never waits for a person who has to unlock the keyring."""
        keys = await self._keys_soon()
        if keys is None or name in self._absent:
            return None
        try:
            return await self._read(name, keys)
        except (Damaged, Unsafe, OSError) as harm:
            self._tell(name, _words(harm))
            return None

    async def _read(self, name: str, keys: CacheKeys) -> SealedSecret | None:
        try:
            return await asyncio.to_thread(self._opened, name, keys)
        except KeyGone:
            self._keys.doubt()
            return await asyncio.to_thread(self._opened, name, await self._keys_soon() or keys)

    def put(self, kept: KeptSecret, *, asked_ns: int, is_ahead: bool = False) -> None:
        """Keep a copy soon, in place of any that is there; one without texts says that there is no secret."""
        if not self._scope():
            return
        turn = self._wanted[kept.name] = next(self._turns)
        self._soon(self._put(kept, asked_ns, is_ahead, turn), kept.name)

    def withhold(self, name: str) -> None:
        """Count it as absent until it is put again; nothing of what is about to be written is kept."""
        self._wanted[name] = next(self._turns)
        self._absent.add(name)

    async def remove(self, name: str) -> None:
        """Forget a copy, and what is about to be written of it; put back, its file is not taken for one."""
        self.withhold(name)
        keys = await self._keys_soon()
        found = None if keys is None else await self._there(name, keys)
        try:
            async with self._files_change:
                await asyncio.to_thread(self._files.remove, _file_of(name))
        except (Unsafe, OSError) as error:
            log.warning("copy of a secret not removed", extra={"secret": name, "reason": _words(error)})
        if found is not None:
            self._soon(self._raise_floor(name, found.number + 1), name)

    async def rotate_key(self) -> None:
        """Make a new key, seal all copies with it, and forget the old one.

        Killed anywhere in between, both keys are there and open what they sealed; the next start or
        rotation goes on from there.

        Raises:
            KeeperSilent: there is no keyring, it does not answer, or the disk fails; the old key goes on.
        """
        async with self._one_change:
            keys = (await self._keys.load() or new_keys()).with_new()
            await self._keys.save(keys)
            await self._finish_renewal(keys)

    async def settled(self) -> None:
        """Wait until all that was put is written; as long as a keyring waits for a person."""
        while self._jobs:
            await _ended(tuple(self._jobs))

    async def close(self) -> None:
        """Let what is being written come to its end, for 2 s."""
        if self._jobs:
            with contextlib.suppress(TimeoutError):
                await within(self._clock, _FINISH_S, self.settled())
        jobs = tuple(self._jobs)
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await self._keys.close()

    # --- keys

    async def _keys_soon(self) -> CacheKeys | None:
        if not self._scope():
            return None
        keys = await self._keys.soon()
        if keys is not None and keys.is_renewing and not self._one_change.locked():
            self._soon(self._renew_on(), "all")
        return keys

    async def _renew_on(self) -> None:
        async with self._one_change:
            try:
                keys = await self._keys.load()
                if keys is not None and keys.is_renewing:
                    await self._finish_renewal(keys)
            except KeeperError as error:
                log.warning("key of the secrets' copies not renewed", extra={"reason": str(error)})

    async def _finish_renewal(self, keys: CacheKeys) -> None:
        try:
            async with self._files_change:
                await asyncio.to_thread(self._seal_all, keys)
        except (Unsafe, Damaged, OSError) as error:
            raise KeeperSilent(f"copies of secrets: {_words(error)}", keeper="disk cache") from None
        await self._keys.save(keys.only_current())

    def _seal_all(self, keys: CacheKeys) -> None:
        for file in self._files.names():
            content = self._files.read(file)
            if not file.endswith(_ENDING) or content is None:
                continue
            try:
                name, key_id = labels_of(content)
                if _file_of(name) != file:
                    raise Damaged("it is another secret's")
                if key_id == keys.current:
                    continue
                sealed = unseal(content, name, keys.keys)
            except Damaged as damage:
                log.warning("copy of a secret removed", extra={"file": file, "reason": str(damage)})
                self._files.remove(file)
                continue
            self._write(sealed, keys)

    # --- files

    async def _put(self, kept: KeptSecret, asked_ns: int, is_ahead: bool, turn: int) -> None:
        async with self._one_change:
            if self._wanted[kept.name] != turn:
                return
            try:
                keys = await self._keys.load()
                if keys is None:
                    keys = new_keys()
                    await self._keys.save(keys)
                found, floor = await self._there(kept.name, keys), keys.floors.get(kept.name, 0)
                before = floor if found is None else found.number
                is_same = found is not None and (found.is_ahead, *_of(found.kept)) == (is_ahead, *_of(kept))
                number = before if is_same else before + 1
                sealed = SealedSecret(
                    kept=kept, asked_ns=asked_ns, scope=self._scope(), number=number, is_ahead=is_ahead
                )
                async with self._files_change:
                    await asyncio.to_thread(self._write_if_wanted, sealed, keys, turn)
                    if self._wanted[kept.name] == turn:
                        self._absent.discard(kept.name)
                    else:  # removed meanwhile, or another comes
                        await asyncio.to_thread(self._files.remove, _file_of(kept.name))
                # After the file: killed in between, the file is above the floor, and good.
                if number != floor:
                    await self._keys.save(keys.with_floor(kept.name, number))
                self._note("")
            except (KeeperError, Unsafe, Damaged, OSError) as error:
                self._note(_words(error))

    async def _raise_floor(self, name: str, number: int) -> None:
        async with self._one_change:
            try:
                keys = await self._keys.load()
                if keys is not None and keys.floors.get(name, 0) < number:
                    await self._keys.save(keys.with_floor(name, number))
            except KeeperError as error:
                self._note(str(error))

    async def _there(self, name: str, keys: CacheKeys) -> SealedSecret | None:
        with contextlib.suppress(Damaged, Unsafe, OSError):
            return await asyncio.to_thread(self._opened, name, keys)
        return None

    def _opened(self, name: str, keys: CacheKeys) -> SealedSecret | None:
        content = self._files.read(_file_of(name))
        if content is None:
            return None
        sealed = unseal(content, name, keys.keys)
        if sealed.scope != self._scope():
            raise Damaged("it is of another project or place")
        if sealed.number < keys.floors.get(name, 0):
            raise Damaged("an older one was put in its place")
        return sealed

    def _write_if_wanted(self, sealed: SealedSecret, keys: CacheKeys, turn: int) -> None:
        """Write a copy, and leave none that is taken out meanwhile: at the end nobody may wait for this."""
        self._write(sealed, keys)
        if self._wanted[sealed.kept.name] != turn:
            self._files.remove(_file_of(sealed.kept.name))

    def _write(self, sealed: SealedSecret, keys: CacheKeys) -> None:
        file = _file_of(sealed.kept.name)
        self._files.write(file, seal(sealed, key_id=keys.current, key=keys.keys[keys.current]))
        content = self._files.read(file)
        if content is None:
            raise Damaged("it was not there after it was written")
        unseal(content, sealed.kept.name, {keys.current: keys.keys[keys.current]})

    def _tell(self, name: str, harm: str) -> None:
        if self._harms.get(name) != harm:
            log.warning("copy of a secret not used", extra={"secret": name, "reason": harm})
        self._harms[name] = harm

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            log.warning("copies of secrets not kept", extra={"reason": trouble})
        self._trouble = trouble

    def _soon(self, work: Coroutine[Any, Any, None], name: str) -> None:
        job = asyncio.create_task(work, name=f"copy of {name}")
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)


def _file_of(name: str) -> str:
    return quote(name, safe="") + _ENDING


def _of(kept: KeptSecret) -> tuple[object, ...]:
    return kept.secret, kept.source, kept.version.version


def _words(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)


async def _ended(tasks: tuple[asyncio.Task[None], ...]) -> None:
    await asyncio.wait(tasks)
