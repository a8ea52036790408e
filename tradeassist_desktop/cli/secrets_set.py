"""``tradeassist secrets set``, ``remove``, ``enable``, ``disable`` and ``destroy``: changes of secrets."""

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from tradeassist_desktop.cli.command_launch import command_launch, folder_alone
from tradeassist_desktop.cli.secrets_list import WHO, add_name
from tradeassist_desktop.domain.access import Act
from tradeassist_desktop.domain.errors import BadInput, Fault, TradeAssistError
from tradeassist_desktop.domain.secret import NOBODY, SCHWAB_APP, SCHWAB_TOKEN, SecretVersion, VersionState
from tradeassist_desktop.secrets.environment import VARIABLES

if TYPE_CHECKING:
    from tradeassist_desktop.app import Launch
    from tradeassist_desktop.secrets.store import SecretStore

_STATES: Final[Mapping[str, VersionState]] = {
    "enable": VersionState.ENABLED,
    "disable": VersionState.DISABLED,
    "destroy": VersionState.DESTROYED,
}
_NO_PLACE: Final = "this computer has no keyring to keep secrets in, and no Secret Manager is set up"
_STATE_WORDS: Final[Mapping[str, str]] = {
    "enable": "let a version be read again",
    "disable": "let a version be read no longer, until it is enabled",
    "destroy": "destroy a version for ever",
}


def add_set(actions: Any) -> None:
    """Add the action to ``tradeassist secrets``."""
    words = "keep a secret: its texts are asked for unseen, or read from standard input, a line each"
    parser = actions.add_parser("set", help=words, description=words, allow_abbrev=False)
    add_name(parser)
    parser.set_defaults(run=_set)


def add_remove(actions: Any) -> None:
    """Add the action to ``tradeassist secrets``."""
    words = "take a secret out wherever it is kept, with all its versions"
    parser = actions.add_parser("remove", help=words, description=words, allow_abbrev=False)
    add_name(parser)
    _add_yes(parser)
    parser.set_defaults(run=_remove)


def add_states(actions: Any) -> None:
    """Add the actions to ``tradeassist secrets``."""
    for act, words in _STATE_WORDS.items():
        parser = actions.add_parser(act, help=words, description=words, allow_abbrev=False)
        add_name(parser)
        parser.add_argument("version", metavar="VERSION", help="as `tradeassist secrets versions` lists it")
        if act == "destroy":
            _add_yes(parser)
        parser.set_defaults(act=act, run=_set_state)


def _add_yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask first")


@contextmanager
def _allowed(launch: "Launch", arguments: argparse.Namespace) -> Iterator[None]:
    """Hold the folder, once whoever types this has shown that they may change credentials."""

    async def ask() -> None:
        from tradeassist_desktop.app.command_gate import command_gate
        from tradeassist_desktop.cli.unlock import asker

        async with command_gate(launch, Act.CREDENTIALS, ask=asker(arguments), is_claimed=True):
            pass

    with folder_alone(launch):
        asyncio.run(ask())
        yield


def _run(launch: "Launch", work: Callable[["SecretStore"], Awaitable[int]]) -> int:
    async def in_the_store() -> int:
        from tradeassist_desktop.app.secret_desk import secret_desk

        async with secret_desk(launch, is_claimed=True) as store:
            return await work(store)

    return asyncio.run(in_the_store())


def _set(arguments: argparse.Namespace) -> int:
    name, launch = arguments.secret, command_launch(arguments)

    async def work(store: "SecretStore") -> int:
        kept = await store.write(name, texts, who=WHO)
        if kept.source == NOBODY:
            raise TradeAssistError(f"could not be kept: {'; '.join(kept.failures) or _NO_PLACE}")
        version = f", version {kept.version.version}" if kept.version.version else ""
        print(f"Kept in the {kept.source}{version}.")
        first = next((each for each in await store.seek(name, who=WHO) if each.fields), None)
        if first is not None and first.keeper != kept.source:
            print(f"But it is taken from the {first.keeper}, which is asked first (secrets.order).")
            return 1
        return 0

    with _allowed(launch, arguments):
        # Not within the loop, which would keep Ctrl+C from ending a question.
        texts = _asked_for(name)
        return _run(launch, work)


def _remove(arguments: argparse.Namespace) -> int:
    name, launch = arguments.secret, command_launch(arguments)

    async def work(store: "SecretStore") -> int:
        is_gone = await store.delete(name, who=WHO)
        print("Taken out." if is_gone else "Nobody keeps it here.")
        left = [each.keeper for each in await store.seek(name, who=WHO) if each.fields]
        if left:
            print(f"But the {' and the '.join(left)} still has it.")
        return 0 if is_gone else 1

    with _allowed(launch, arguments):
        _confirm(f"Take out {name} wherever it is kept, with all its versions?", arguments)
        return _run(launch, work)


def _set_state(arguments: argparse.Namespace) -> int:
    name, number, launch = arguments.secret, arguments.version, command_launch(arguments)

    async def work(store: "SecretStore") -> int:
        keeper, versions = await store.versions(name, who=WHO)
        version = next((each for each in versions if each.version == number), None)
        if version is None:
            raise TradeAssistError(_why_not(name, number, keeper, versions))
        if version.state is VersionState.DESTROYED:
            raise TradeAssistError(f"version {number} of {name} is destroyed already")
        changed = await store.set_state(name, version, _STATES[arguments.act], source=keeper, who=WHO)
        if changed is None:
            raise TradeAssistError(f"the {keeper} has no versions")
        print(f"Version {number} of {name} is {changed.state}.")
        return 0

    with _allowed(launch, arguments):
        if arguments.act == "destroy":
            _confirm(f"Destroy version {number} of {name} for ever?", arguments)
        return _run(launch, work)


def _why_not(name: str, number: str, keeper: str, versions: Sequence[SecretVersion]) -> str:
    if not versions:
        return f"nobody keeps {name}"
    known = ", ".join(each.version for each in versions if each.version)
    if not known:
        return f"{name} is kept in the {keeper}, which keeps no versions"
    return f"{name} has no version {number}; it has {known}"


def _asked_for(name: str) -> dict[str, str]:
    if name == SCHWAB_TOKEN:
        raise TradeAssistError("a sign-in at Schwab is made by `tradeassist sign-in`")
    labels, checks = _fields(name)
    given = _typed(labels) if sys.stdin.isatty() else _piped(labels)
    faults = [
        Fault(place=labels[field], message=words)
        for field, text in given.items()
        if text and (words := checks[field](text))
    ]
    if faults:
        raise BadInput(faults)
    texts = {field: text for field, text in given.items() if text}
    # A half of these is none, as it is in the environment.
    lacking = [label for field, label in labels.items() if field in VARIABLES[name] and field not in texts]
    if lacking:
        raise TradeAssistError(f"nothing is changed: {' and '.join(lacking)} must be given")
    return texts


def _fields(name: str) -> tuple[dict[str, str], dict[str, Callable[[str], str]]]:
    """Return what people know a secret's fields as, and what says what is wrong with a text for one."""
    if name == SCHWAB_APP:
        return {"key": "App key", "secret": "App secret"}, {"key": _is_right, "secret": _is_right}
    from tradeassist_desktop.channels import CHANNELS

    fields = [field for kind in CHANNELS.values() for field in kind.fields if field.secret == name]
    return {field.key: field.label for field in fields}, {field.key: field.check for field in fields}


def _is_right(text: str) -> str:
    return ""


def _typed(labels: Mapping[str, str]) -> dict[str, str]:
    try:
        return {field: getpass.getpass(f"{label}: ").strip() for field, label in labels.items()}
    except EOFError:
        raise TradeAssistError("nothing was kept: answer to the end") from None


def _piped(labels: Mapping[str, str]) -> dict[str, str]:
    text = sys.stdin.read().strip()
    if text.startswith("{"):
        try:
            document = json.loads(text)
        except ValueError:
            raise TradeAssistError("what came by standard input is no JSON object") from None
        strange = sorted(set(document) - set(labels))
        if strange or not all(isinstance(value, str) for value in document.values()):
            raise TradeAssistError(f"expected texts for {', '.join(labels)}")
        return {field: document.get(field, "").strip() for field in labels}
    # The last field takes what is left, which may be several lines; what is not given is empty.
    lines = text.split("\n", len(labels) - 1)
    return {field: line.strip() for field, line in zip_longest(labels, lines, fillvalue="")}


def _confirm(question: str, arguments: argparse.Namespace) -> None:
    if arguments.yes:
        return
    if not sys.stdin.isatty():
        raise TradeAssistError("this cannot be undone: add --yes")
    if input(f"{question} yes or no: ").strip().lower() != "yes":
        raise TradeAssistError("nothing was changed")
