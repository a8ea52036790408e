"""Credentials for people: how each stands in a word, and what is known of it in lines."""

from enum import IntEnum
from typing import Final

from tradeassist_desktop.domain.market import NS_PER_SECOND
from tradeassist_desktop.domain.rotation import CACHE_KEY
from tradeassist_desktop.domain.secret import NOBODY
from tradeassist_desktop.services.credentials.credential import Credential
from tradeassist_desktop.services.rotation.words import STEP_WORDS
from tradeassist_desktop.ui import text
from tradeassist_desktop.ui.models.text_rows import TextRow
from tradeassist_desktop.ui.widgets.gauge import Level


class Column(IntEnum):
    """Columns of the table, left to right."""

    CREDENTIAL = 0
    STATE = 1
    KEPT_BY = 2
    AGE = 3
    RUNS_OUT = 4
    USED = 5
    ROTATED = 6
    DUE = 7


TITLES: Final = {
    Column.CREDENTIAL: "Credential",
    Column.STATE: "State",
    Column.KEPT_BY: "Kept by",
    Column.AGE: "Age",
    Column.RUNS_OUT: "Runs out",
    Column.USED: "Last used",
    Column.ROTATED: "Last rotated",
    Column.DUE: "Next due",
}
_SOON_NS: Final = 48 * 3_600 * NS_PER_SECOND
_ASKING: Final = "asking…"
_NONE: Final = ""


def row_of(credential: Credential, now_ns: int) -> TextRow:
    """Return a credential's row."""
    level, state = stands(credential, now_ns)
    is_there = credential.is_present
    return TextRow(
        key=credential.name,
        cells=(
            credential.title,
            state,
            kept_by(credential) if is_there else _NONE,
            _age(credential.since_ns, now_ns) if is_there else _NONE,
            _until(credential.expires_ns, now_ns) if is_there else _NONE,
            _ago(credential.used_ns, now_ns),
            _ago(credential.rotated_ns, now_ns),
            _until(credential.due_ns, now_ns) if is_there else _NONE,
        ),
        tooltip=in_lines(credential, now_ns),
        tone="quiet" if level is Level.QUIET else "",
        mark=level,
    )


def stands(credential: Credential, now_ns: int) -> tuple[Level, str]:
    """Return how it stands, in a word or a few."""
    if credential.is_asking or not credential.is_seen:
        return Level.QUIET, _ASKING
    if not credential.is_present and credential.name == CACHE_KEY:
        return (Level.WARN, credential.failure) if credential.failure else (Level.QUIET, "no copies are kept")
    if not credential.is_present:
        return (Level.BAD, credential.failure) if credential.failure else (Level.QUIET, "not given")
    if credential.step.is_under_way:
        return (
            Level.WARN,
            f"rotating: {STEP_WORDS[credential.step][0].lower()}{STEP_WORDS[credential.step][1:]}",
        )
    if credential.failure:
        return Level.BAD, credential.failure
    if credential.expires_ns is not None and credential.expires_ns <= now_ns:
        return Level.BAD, "has run out"
    if credential.checked is not None and credential.checked.has_failed:
        return Level.BAD, "failed its test"
    return _standing_well(credential, now_ns)


def _standing_well(credential: Credential, now_ns: int) -> tuple[Level, str]:
    if credential.offline_since_ns is not None:
        since = text.clock_time(credential.offline_since_ns, now_ns=now_ns)
        return Level.WARN, f"a copy, offline since {since}"
    if credential.source == NOBODY:
        return Level.WARN, _in_memory(credential)
    if credential.expires_ns is not None and credential.expires_ns - now_ns < _SOON_NS:
        return Level.WARN, f"runs out in {text.age(credential.expires_ns - now_ns)}"
    if credential.due_ns is not None and credential.due_ns <= now_ns:
        return Level.WARN, "is to be replaced"
    return Level.GOOD, "works" if credential.checked is not None and credential.checked.was_tried else "kept"


def _in_memory(credential: Credential) -> str:
    if credential.hides:
        return f"until you quit: the {place(credential.hides)} has another"
    if credential.waits_for:
        return f"in memory until the {place(credential.waits_for)} is open"
    return "until you quit: nobody keeps it"


def kept_by(credential: Credential) -> str:
    """Return who keeps it."""
    source = "memory only" if credential.source == NOBODY else place(credential.source)
    return source if credential.offline_since_ns is None else f"{source} (a copy)"


def place(keeper: str) -> str:
    """Return a keeper's name as people know it."""
    return "Secret Manager" if keeper == "secret manager" else keeper


def facts(credential: Credential, now_ns: int) -> list[tuple[str, str]]:
    """Return what is known of it: what, and how that is."""
    if not credential.is_present:
        return _lately(credential, now_ns)
    version = f", version {credential.version}" if credential.version else ""
    found = [("Kept by", f"{kept_by(credential)}{version}")]
    if credential.offline_since_ns is not None:
        found.append(("Offline since", _moment(credential.offline_since_ns, now_ns)))
    if credential.stands_until_ns is not None:
        left = _until(credential.stands_until_ns, now_ns)
        found.append(("Copy ends", f"{left}, {_moment(credential.stands_until_ns, now_ns)}"))
    if credential.since_ns is not None:
        found.append(
            ("Age", f"{_age(credential.since_ns, now_ns)}, since {_moment(credential.since_ns, now_ns)}")
        )
    if credential.expires_ns is not None:
        left = _until(credential.expires_ns, now_ns)
        found.append(("Runs out", f"{left}, {_moment(credential.expires_ns, now_ns)}"))
    return [*found, *_lately(credential, now_ns), *_planned(credential, now_ns)]


def _lately(credential: Credential, now_ns: int) -> list[tuple[str, str]]:
    found = []
    if credential.used_ns is not None:
        found.append(("Last used", f"{_ago(credential.used_ns, now_ns)}, by the {credential.used_by}"))
    if credential.rotated_ns is not None:
        found.append(("Last rotated", f"{_ago(credential.rotated_ns, now_ns)}"))
    return found


def _planned(credential: Credential, now_ns: int) -> list[tuple[str, str]]:
    found = []
    if credential.policy:
        found.append(("To be replaced", policy_in_words(credential.policy)))
    if credential.due_ns is not None:
        found.append(
            ("Next due", f"{_until(credential.due_ns, now_ns)}, {_moment(credential.due_ns, now_ns)}")
        )
    if credential.snoozed_until_ns is not None and credential.snoozed_until_ns > now_ns:
        until_ns = credential.snoozed_until_ns
        found.append(("Reminded again", f"{_until(until_ns, now_ns)}, {_moment(until_ns, now_ns)}"))
    return found


def in_lines(credential: Credential, now_ns: int) -> str:
    """Return all of it as a few lines, for a tooltip."""
    _, state = stands(credential, now_ns)
    lines = [f"{credential.title}: {state}"]
    return "\n".join([*lines, *(f"{what}: {how}" for what, how in facts(credential, now_ns))])


def policy_in_words(policy: str) -> str:
    """Return a policy as people say it: ``every 90 days``, ``2 h before it runs out``."""
    words, _, rotator = policy.partition(" with ")
    by = f", by {rotator}" if rotator else ""
    if words == "off":
        return "never asked for"
    if words.startswith("before "):
        return f"{_span(words.removeprefix('before '))} before it runs out{by}"
    if words[:1].isdigit():
        return f"every {_span(words)}{by}"
    return f"{words}{by}"


def _span(span: str) -> str:
    count, unit = span[:-1], {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}.get(span[-1:], "")
    if not (count.isdigit() and unit):
        return span
    return f"{count} {unit if count != '1' else unit[:-1]}"


def _moment(at_ns: int, now_ns: int) -> str:
    moment = text.local(at_ns)
    return f"{moment:%H:%M}" if moment.date() == text.local(now_ns).date() else f"{moment:%d %b %Y %H:%M}"


def _age(since_ns: int | None, now_ns: int) -> str:
    return _NONE if since_ns is None else text.age(max(0, now_ns - since_ns))


def _ago(at_ns: int | None, now_ns: int) -> str:
    if at_ns is None:
        return _NONE
    age = text.age(max(0, now_ns - at_ns))
    return "just now" if age == "now" else f"{age} ago"


def _until(at_ns: int | None, now_ns: int) -> str:
    if at_ns is None:
        return _NONE
    return f"in {text.age(at_ns - now_ns)}" if at_ns > now_ns else "now"
