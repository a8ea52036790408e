"""``tradeassist secrets list``, ``test`` and ``versions``: what is known of secrets, never a text of one."""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tradeassist_desktop.cli.command_launch import command_launch
from tradeassist_desktop.domain.secret import SECRET_NAMES, KeeperError, SecretVersion

if TYPE_CHECKING:
    from tradeassist_desktop.secrets.store import SecretStore

WHO: Final = "command line"
_NS_PER_S: Final = 1_000_000_000


def add_list(actions: Any) -> None:
    """Add the action to ``tradeassist secrets``."""
    words = "list each secret: who keeps it, its version and age, and since when its keeper is silent"
    description = f"{words}; status 1 where one that may have it could not be asked"
    parser = actions.add_parser("list", help=words, description=description, allow_abbrev=False)
    parser.set_defaults(run=lambda arguments: _run(arguments, _list))


def add_test(actions: Any) -> None:
    """Add the action to ``tradeassist secrets``."""
    words = "ask every keeper for a secret, and tell which has it; status 1 where none has"
    parser = actions.add_parser("test", help=words, description=words, allow_abbrev=False)
    add_name(parser)
    parser.set_defaults(run=lambda arguments: _run(arguments, _test))


def add_versions(actions: Any) -> None:
    """Add the action to ``tradeassist secrets``."""
    words = "list a secret's versions, newest first"
    parser = actions.add_parser("versions", help=words, description=words, allow_abbrev=False)
    add_name(parser)
    parser.set_defaults(run=lambda arguments: _run(arguments, _versions))


def add_name(parser: argparse.ArgumentParser) -> None:
    """Add the argument that says which secret."""
    names = ", ".join(SECRET_NAMES)
    parser.add_argument("secret", choices=SECRET_NAMES, metavar="NAME", help=f"one of: {names}")


def _run(
    arguments: argparse.Namespace, work: Callable[["SecretStore", argparse.Namespace], Awaitable[int]]
) -> int:
    async def in_the_store() -> int:
        from tradeassist_desktop.app.secret_desk import secret_desk

        async with secret_desk(launch, is_claimed=False) as store:
            return await work(store, arguments)

    launch = command_launch(arguments)
    return asyncio.run(in_the_store())


async def _list(store: "SecretStore", arguments: argparse.Namespace) -> int:
    rows = [("NAME", "KEPT BY", "VERSION", "AGE", "OFFLINE")]
    failures: dict[str, str] = {}
    for name in SECRET_NAMES:
        try:
            rows.append(await _row(store, name))
        except KeeperError as error:
            failures.setdefault(str(error), error.keeper)
            rows.append((name, f"not known: {error.keeper}", "", "", ""))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip())
    if store.copies is not None and store.copies.trouble:
        print(f"\nCopies: {store.copies.trouble}.")
    for failure, keeper in failures.items():
        print(f"\nThe {keeper} could not be asked: {failure}.")
    return 1 if failures else 0


async def _row(store: "SecretStore", name: str) -> tuple[str, str, str, str, str]:
    found = await store.read(name, who=WHO)
    if found is None:
        return name, "nobody", "", "", ""
    version = found.version
    if version.version and version.created_ns is None and found.offline_since_ns is None:
        version = await _dated(store, name, version)
    offline = "" if found.offline_since_ns is None else f"since {_when(found.offline_since_ns)}"
    if found.stands_until_ns is not None:
        offline += f", a copy answers until {_when(found.stands_until_ns)}"
    age = "" if version.created_ns is None else _age(version.created_ns)
    return name, found.source, version.version, age, offline


async def _dated(store: "SecretStore", name: str, version: SecretVersion) -> SecretVersion:
    try:
        _, versions = await store.versions(name, who=WHO)
    except KeeperError:  # the age alone is not worth more
        return version
    return next((each for each in versions if each.version == version.version), version)


async def _test(store: "SecretStore", arguments: argparse.Namespace) -> int:
    sightings = await store.seek(arguments.secret, who=WHO)
    first = next((each for each in sightings if each.fields), None)
    for each in sightings:
        if each.failure:
            words = f"no answer: {each.failure}"
        elif each.fields:
            version = f"version {each.version.version}, " if each.version and each.version.version else ""
            words = f"has it ({version}{', '.join(each.fields)})"
        else:
            words = each.absence or "has none"
        print(f"{each.keeper:15} {words}{'; it is taken from here' if each is first else ''}")
    return 0 if first is not None else 1


async def _versions(store: "SecretStore", arguments: argparse.Namespace) -> int:
    keeper, versions = await store.versions(arguments.secret, who=WHO)
    if not versions:
        print(f"Nobody keeps {arguments.secret}.")
        return 1
    print(f"Kept by the {keeper}:")
    for each in versions:
        created = "" if each.created_ns is None else f"  {_when(each.created_ns)}"
        print(f"{each.version or '(without versions)':8} {each.state}{created}")
    return 0


def _when(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns / _NS_PER_S, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def _age(since_ns: int) -> str:
    seconds = max(0, (time.time_ns() - since_ns) // _NS_PER_S)
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
