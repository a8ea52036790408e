"""Secret Manager as a process of its own: ``python -m tests.secret_manager --folder FOLDER``.

Prints one line of JSON: the endpoint, and the files FOLDER then has. Takes commands on standard input,
one a line, and answers each with a line: ``fail FAULT [METHOD [TIMES]]``, ``slow SECONDS``, ``recover``,
``stop``, ``start``, ``forget`` (its keys), ``put ID TEXT``, ``calls``. Ends with its input.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from tests.channels.authority import Authority
from tests.secret_manager.faults import FAULTS, Fault
from tests.secret_manager.server import SecretManagerServer, key_file, secret_manager
from tests.secret_manager.vault import PROJECT


def _fail(server: SecretManagerServer, fault: str, method: str = "", times: str = "") -> None:
    server.fail(FAULTS[fault], method=method if method != "*" else "", times=int(times) if times else None)


COMMANDS: dict[str, Callable[..., object]] = {
    "fail": _fail,
    "slow": lambda server, seconds: server.fail(Fault(slow_s=float(seconds))),
    "recover": SecretManagerServer.recover,
    "stop": SecretManagerServer.stop,
    "start": SecretManagerServer.start,
    "forget": lambda server: server.accounts.forget(),
    "put": lambda server, secret_id, text: server.vault.put(secret_id, text.rstrip()),
    "calls": lambda server: server.calls,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.secret_manager", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the certificate and the key go")
    parser.add_argument("--location", default="", help="the region it serves; none is the global service")
    parser.add_argument("--fault", choices=sorted(FAULTS), help="fail from the first call on")
    parser.add_argument(
        "--secret", action="append", default=[], metavar="ID=TEXT", help="keep this from the start"
    )
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    authority = Authority(folder=options.folder)
    with secret_manager(authority, location=options.location) as server:
        for secret in options.secret:
            server.vault.put(*secret.split("=", 1))
        if options.fault:
            _fail(server, options.fault)
        began = {
            "endpoint": server.endpoint,
            "port": server.port,
            "project": PROJECT,
            "authority": str(authority.file),
            "key_file": str(key_file(server, options.folder)),
        }
        print(json.dumps(began), flush=True)
        for line in sys.stdin:
            command, *arguments = line.split(maxsplit=2 if line.startswith("put ") else -1)
            print(json.dumps(COMMANDS[command](server, *arguments)), flush=True)


if __name__ == "__main__":
    main()
