"""``tradeassist``: reads the command line, starts a command, turns errors into one clear line."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from tradeassist_desktop import __version__, logs, paths
from tradeassist_desktop.cli.secret_arguments import refuse_secrets
from tradeassist_desktop.domain.access import Role
from tradeassist_desktop.domain.errors import BadInput, TradeAssistError, UsageError

log = logging.getLogger(__name__)

_INTERRUPTED: Final = 130


def _add_run(commands: Any) -> None:
    from tradeassist_desktop.cli import run

    run.add_parser(commands)


def _add_backtest(commands: Any) -> None:
    from tradeassist_desktop.cli import backtest

    backtest.add_parser(commands)


def _add_simulator(commands: Any) -> None:
    from tradeassist_desktop.cli import simulator

    simulator.add_parser(commands)


def _add_rules(commands: Any) -> None:
    from tradeassist_desktop.cli import rules

    rules.add_parser(commands)


def _add_settings(commands: Any) -> None:
    from tradeassist_desktop.cli import settings

    settings.add_parser(commands)


def _add_sign_in(commands: Any) -> None:
    from tradeassist_desktop.cli import sign_in

    sign_in.add_parser(commands)


def _add_recordings(commands: Any) -> None:
    from tradeassist_desktop.cli import recordings

    recordings.add_parser(commands)


def _add_channels(commands: Any) -> None:
    from tradeassist_desktop.cli import channels

    channels.add_parser(commands)


def _add_lock(commands: Any) -> None:
    from tradeassist_desktop.cli import lock

    lock.add_parser(commands)


def _add_audit(commands: Any) -> None:
    from tradeassist_desktop.cli import audit

    audit.add_parser(commands)


def _add_secrets(commands: Any) -> None:
    from tradeassist_desktop.cli import secrets

    secrets.add_parser(commands)


# Each command's module is imported only when it is the one asked for: the window is first on screen.
COMMANDS: Final[dict[str, Callable[[Any], None]]] = {
    "run": _add_run,
    "backtest": _add_backtest,
    "rules": _add_rules,
    "simulator": _add_simulator,
    "settings": _add_settings,
    "sign-in": _add_sign_in,
    "recordings": _add_recordings,
    "channels": _add_channels,
    "lock": _add_lock,
    "audit": _add_audit,
    "secrets": _add_secrets,
}


class _OneLineParser(argparse.ArgumentParser):
    """Refuses wrong arguments in one line, as every other refusal; usage is what ``--help`` is for."""

    def error(self, message: str) -> NoReturn:
        # Of what nobody expected only names: the value after a misspelt one may be anything.
        expected, is_unknown, unknown = message.partition("unrecognized arguments: ")
        if is_unknown:
            names = [word.partition("=")[0] for word in unknown.split() if word.startswith("-")]
            message = f"{expected}{is_unknown}{' '.join(names) or 'more than it takes'}"
        raise UsageError(f"{message}; see {self.prog} --help")


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``tradeassist`` with these arguments; return the exit status.

    0 done; 1 it could not be done here; 2 wrong arguments or a bad file; 130 interrupted.
    """
    places: paths.Paths | None = None
    environment = dict(os.environ)
    if argv is None:
        _harden(sys.argv[1:])
    # One for all of the run: what a command has learnt is masked in what is said of its failure too.
    mask = logs.SecretMask()
    mask.learn(environment.get(name, "") for name in _secret_variables())
    words = list(sys.argv[1:] if argv is None else argv)
    # Known before the rest is read: what is wrong with the rest is a log line too.
    as_json = "--log-json" in words
    logs.start(file=None, as_json=as_json, mask=mask)
    try:
        refuse_secrets(words)
        arguments = _read(words, environment, mask)
        if arguments.data_dir is not None:
            _refuse_bad_folder(arguments.data_dir)
        places = paths.resolve(arguments.data_dir)
        if arguments.is_dev:
            log.warning("dev mode: endpoints may be redirected")
        return int(arguments.run(arguments))
    except (BadInput, UsageError) as error:
        _tell(error, as_json=as_json, mask=mask)
        return 2
    except TradeAssistError as error:
        _tell(error, as_json=as_json, mask=mask)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        return 1
    except Exception:
        # The last boundary: the user gets a sentence, the log file gets the traceback.
        log_file = logs.file_in_use() or _log_file(places, as_json=as_json, mask=mask)
        log.exception("unexpected error")
        where = f"; {log_file} has the details" if log_file else ""
        if not as_json:
            print(f"tradeassist: something went wrong in the program itself{where}", file=sys.stderr)
        return 1
    finally:
        logging.shutdown()


def _harden(words: Sequence[str]) -> None:
    """Keep this process, which will hold secrets, from telling them to others than the log's mask."""
    from tradeassist_desktop.runtime.core_dumps import refuse_core_dumps

    has_window = "--headless" not in words and (not words or words[0].startswith("-") or "run" in words)
    refuse_core_dumps(is_on_desktop=has_window)
    logs.quieten_libraries()
    logs.catch_strays()
    # No child is to have them: browser, tone player, backtest workers. Commands are given a copy.
    for name in _secret_variables():
        os.environ.pop(name, None)


def _secret_variables() -> set[str]:
    from tradeassist_desktop.secrets.environment import VARIABLES

    return {name for fields in VARIABLES.values() for name in fields.values()}


def _read(argv: list[str], environment: Mapping[str, str], mask: logs.SecretMask) -> argparse.Namespace:
    options, rest = _global_options().parse_known_args(argv)
    if not rest:
        rest = ["run"]
    parser = _OneLineParser(
        prog="tradeassist",
        description="An alert desk for day traders. Without a command: the desktop.",
        epilog="Options of every command:\n" + _global_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    chosen = [rest[0]] if rest[0] in COMMANDS else list(COMMANDS)
    for name in chosen:
        COMMANDS[name](commands)
    arguments = parser.parse_args(rest)
    for key, value in vars(options).items():
        setattr(arguments, key, value)
    arguments.environment = environment
    arguments.mask = mask
    return arguments


def _global_options() -> argparse.ArgumentParser:
    # Taken out of the command line before the command's own parser sees it, so that they may stand anywhere.
    parser = _OneLineParser(add_help=False, allow_abbrev=False, prog="tradeassist")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="keep everything of this run in DIR")
    parser.add_argument("--log-json", action="store_true", help="log lines as JSON on standard error")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="overrides",
        help="a setting, for this run only",
    )
    parser.add_argument(
        "--dev",
        action="store_true",
        dest="is_dev",
        help="allow settings that redirect the program; a banner says so",
    )
    parser.add_argument(
        "--role",
        choices=[role.value for role in Role],
        metavar="ROLE",
        help="whose PIN it is that opens a locked desk: admin, trader or viewer",
    )
    parser.add_argument(
        "--pin-stdin",
        action="store_true",
        help="read the PIN of a locked desk from standard input, a one-time code in the next line",
    )
    parser.add_argument("--version", action="version", version=f"tradeassist {__version__}")
    return parser


def _global_help() -> str:
    actions = [action for action in _global_options()._actions if action.help]
    names = [" ".join([*action.option_strings, str(action.metavar or "")]).strip() for action in actions]
    return "\n".join(f"  {name:18} {action.help}" for name, action in zip(names, actions, strict=True))


def _refuse_bad_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--data-dir {folder}: is a file, not a folder")


def _log_file(places: paths.Paths | None, *, as_json: bool, mask: logs.SecretMask) -> Path | None:
    # Commands that run no desk keep no log, until something goes wrong in them.
    file = (places or paths.resolve(None)).log
    try:
        logs.start(file=file, as_json=as_json, mask=mask)
    except OSError:
        return None
    return file


def _tell(error: TradeAssistError, *, as_json: bool, mask: logs.SecretMask) -> None:
    for line in str(error).splitlines() or ["refused"]:
        if as_json:
            log.error(line)
            continue
        print(f"tradeassist: {logs.printable(mask(line))}", file=sys.stderr)
