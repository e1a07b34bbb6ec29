"""Something that an activity of a project waits for: a page, since it sees no files of the test."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

OPEN_NETWORKS = (ip_network("127.0.0.0/8"),)
"""What the settings of the service must name, so that projects reach the page."""


class Gate:
    """A page that is there once the gate is open. Safe to use from any thread."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_open = threading.Event()


class _Server(ThreadingHTTPServer):
    gate: Gate

    def handle_error(self, *arguments: object) -> None:
        """Say nothing of clients that hang up."""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        self.send_response(200 if self.server.gate.is_open.is_set() else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@contextlib.contextmanager
def gate() -> Iterator[Gate]:
    """Serve a gate, which is closed."""
    with _Server(("127.0.0.1", 0), _Page) as server:
        server.gate = Gate(f"http://127.0.0.1:{server.server_port}/")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server.gate
        server.shutdown()
        thread.join()
