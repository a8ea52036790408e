"""A database of advisories on this machine, which speaks OSV's protocol over a real socket."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


def advisory(package: str, version: str, *, name: str, alias: str) -> dict[str, Any]:
    """An advisory as OSV answers it."""
    return {
        "id": name,
        "aliases": [alias],
        "summary": "it gives way",
        "details": "it gives way",
        "published": "2024-01-01T00:00:00Z",
        "modified": "2024-01-01T00:00:00Z",
        "affected": [
            {
                "package": {"name": package, "ecosystem": "PyPI"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99"}]}],
                "versions": [version],
            }
        ],
    }


@contextmanager
def advisory_server(known: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield its address and the list of what it is asked, name and version each."""
    asked: list[tuple[str, str]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = question["package"]["name"]
            asked.append((name, question["version"]))
            body = json.dumps({"vulns": known[name]} if name in known else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
        finally:
            server.shutdown()
            thread.join()
