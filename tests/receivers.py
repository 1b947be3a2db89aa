"""Servers of the tests that take notices, as a webhook does."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from conftest import Checkout

Posts = list[tuple[str, dict[str, str]]]


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[int]:
    """A server in a thread of its own; gives its port."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]  # type: ignore[index]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def posting() -> Iterator[tuple[int, Posts]]:
    """A port, and what was posted there: path and document."""
    told: Posts = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # that of the library
            told.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:  # type: ignore[override]
            pass

    with serving(HTTPServer(("127.0.0.1", 0), Receiver)) as port:
        yield port, told


def configured(checkout: Checkout, *receivers: str) -> None:
    """Let the configuration of a checkout name receivers: lines of YAML."""
    path = checkout.root / "config" / "data_sources.yml"
    entry = "notify:\n  to:\n" + "".join(f"    - {receiver}\n" for receiver in receivers)
    path.write_text(path.read_text(encoding="utf-8") + "\n" + entry, encoding="utf-8")
