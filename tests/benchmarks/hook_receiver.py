"""A receiver of webhooks that writes down when each came: ``hook_receiver.py FILE`` prints its address.

FILE gets a line a request: UTC nanoseconds, and the key it carries.
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def main() -> int:
    """Serve until ended."""
    with Path(sys.argv[1]).open("w", buffering=1) as received:

        class Receiver(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                came_ns = time.time_ns()
                self.rfile.read(int(self.headers["Content-Length"]))
                received.write(f"{came_ns} {self.headers['Idempotency-Key']}\n")
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        print(f"http://127.0.0.1:{server.server_port}/hook", flush=True)
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
