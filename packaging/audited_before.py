"""A year of entries in the audit log, for pictures of a desk that has been in use."""

import random
import time
from pathlib import Path
from typing import Final

from tradeassist_desktop.domain.audit import AuditAct, AuditEntry, AuditResult
from tradeassist_desktop.storage.audit_store import AuditStore
from tradeassist_desktop.storage.database import Database

_ENTRIES: Final = 100_000
_APART_NS: Final = 310_000_000_000
_AT_ONCE: Final = 2_000
_READ: Final = AuditAct.READ
_KINDS: Final = (
    (40, ("slack channel", _READ, "slack.bot", "4", "memory", AuditResult.OK, "")),
    (12, ("slack channel", _READ, "slack.bot", "4", "secret manager", AuditResult.OK, "")),
    (12, ("schwab sign-in", _READ, "schwab.token", "", "keyring", AuditResult.OK, "")),
    (8, ("e-mail channel", _READ, "smtp", "", "keyring", AuditResult.OK, "")),
    (4, ("webhook channel", _READ, "webhook.hmac", "", "", AuditResult.ABSENT, "")),
    (6, ("schwab sign-in", AuditAct.WRITE, "schwab.token", "", "keyring", AuditResult.OK, "")),
    (
        2,
        (
            "rotation",
            AuditAct.ROTATE,
            "slack.bot",
            "5",
            "secret manager",
            AuditResult.OK,
            "retired version 4",
        ),
    ),
    (
        2,
        (
            "slack channel",
            _READ,
            "slack.bot",
            "",
            "secret manager",
            AuditResult.FAILED,
            "no answer from Secret Manager within 3 s; the last answer stands in for it",
        ),
    ),
    (
        1,
        (
            "rotation",
            AuditAct.ROTATE,
            "slack.bot",
            "",
            "secret manager",
            AuditResult.REFUSED,
            "permission secretmanager.versions.add is missing on slack-bot",
        ),
    ),
    (1, ("trader", AuditAct.DENIED, "change settings", "", "", AuditResult.REFUSED, "")),
    (1, ("admin", AuditAct.UNLOCK, "desk", "", "", AuditResult.OK, "")),
)


async def record(file: Path) -> None:
    """Put them into a new database."""
    chance = random.Random(5)
    database = Database(path=file)
    await database.start()
    store = AuditStore(transactions=database)
    began_ns = time.time_ns() - (_ENTRIES + 1) * _APART_NS
    kinds = chance.choices([kind for _, kind in _KINDS], [share for share, _ in _KINDS], k=_ENTRIES)
    for first in range(0, _ENTRIES, _AT_ONCE):
        await store.append(
            [
                _entry(
                    kinds[number], began_ns + number * _APART_NS + chance.randrange(_APART_NS // 2), chance
                )
                for number in range(first, first + _AT_ONCE)
            ]
        )
    await database.stop()


def _entry(
    kind: tuple[str, AuditAct, str, str, str, AuditResult, str], at_ns: int, chance: random.Random
) -> AuditEntry:
    who, act, what, version, source, result, detail = kind
    return AuditEntry(
        at_ns=at_ns + chance.randrange(_APART_NS // 2),
        who=who,
        act=act,
        what=what,
        version=version,
        source=source,
        result=result,
        detail=detail,
        count=chance.randrange(2, 90) if source == "memory" else 1,
    )
