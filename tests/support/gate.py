"""Something that an activity of a project waits for: a page, since it sees no files of the test."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

from support.web import web_server


class Gate:
    """A page that is there once the gate is open. Safe to use from any thread.

    Args:
        url: of the page.
        is_open: set when it is.
    """

    def __init__(self, url: str, is_open: threading.Event) -> None:
        self.url = url
        self.is_open = is_open


@contextlib.contextmanager
def gate() -> Iterator[Gate]:
    """Serve a gate, which is closed."""
    is_open = threading.Event()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if is_open.is_set() else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with web_server(Page) as server:
        yield Gate(f"http://127.0.0.1:{server.server_port}/", is_open)
