"""What tests of the proxy have around them: sites on the loopback address, names that lead to them, and clients."""

import contextlib
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from support.web import web_server
from workerhost.runtime.egress.addresses import Address
from workerhost.runtime.egress.limits import EgressLimits
from workerhost.runtime.egress.policy import NetworkPolicy
from workerhost.runtime.egress.proxy import EgressProxy
from workerhost.runtime.egress.targets import connect

WAIT_SECONDS = 10
LOOPBACK = (ip_network("127.0.0.0/8"),)
PUBLIC = "93.184.215.14"
OPEN = NetworkPolicy(hosts=None, open_networks=LOOPBACK)
"""What lets a test reach the sites of the loopback address by their address."""


class _Page(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = {"path": self.path, "headers": dict(self.headers.items()), "body": self._body().decode()}
        content = json.dumps(asked).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Page", "yes")
        self.send_header("Connection", "X-Private")
        self.send_header("X-Private", "yes")
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815  the name that the server looks for

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body

    def log_message(self, *arguments: object) -> None:
        pass


@contextlib.contextmanager
def page_server() -> Iterator[int]:
    """A web server on 127.0.0.1; its port."""
    with web_server(_Page) as server:
        yield server.server_port


@contextlib.contextmanager
def site(serve: Callable[[socket.socket], object]) -> Iterator[int]:
    """A server on 127.0.0.1 that does the same with each connection, and then closes it; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=work, args=(connection,), daemon=True).start()

        def work(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                connection.settimeout(WAIT_SECONDS)
                serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def echo(connection: socket.socket) -> None:
    """Send back what comes, until it ends."""
    while data := connection.recv(65536):
        connection.sendall(data)


def drain(connection: socket.socket) -> None:
    """Read until the other side ends."""
    while connection.recv(65536):
        pass


@dataclass
class Names:
    """A resolver: each name has answers, one for each time that it is asked for; the last one stays."""

    answers: dict[str, list[list[str]]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, name: str) -> Iterable[Address]:
        self.asked.append(name)
        answers = self.answers[name]
        return [ip_address(each) for each in (answers.pop(0) if len(answers) > 1 else answers[0])]


@dataclass
class Internet:
    """A connector that leads every public address to a port of the loopback address, and notes what was asked of it."""

    port: int = 0
    reached: list[str] = field(default_factory=list)

    async def __call__(self, address: Address, port: int) -> socket.socket:
        self.reached.append(str(address))
        if address.is_loopback:
            return await connect(address, port)
        if not self.port:
            raise ConnectionRefusedError(111, "Connection refused")
        return await connect(ip_address("127.0.0.1"), self.port)


@dataclass(frozen=True)
class Answer:
    status: int
    reason: str
    headers: dict[str, str]
    body: str


def call(path: Path) -> socket.socket:
    """Return a connection to the proxy."""
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))  # which waits for its turn where many call; with a time limit it would not
    client.settimeout(WAIT_SECONDS)
    return client


def read_answer(client: socket.socket, method: str = "GET") -> Answer:
    with HTTPResponse(client, method=method) as response:
        response.begin()
        body = b"" if method == "CONNECT" and response.status == 200 else response.read()
        return Answer(response.status, response.reason, dict(response.getheaders()), body.decode())


def ask(path: Path, request: str | bytes) -> Answer:
    """Send a request as it is, and return the answer."""
    data = request.encode() if isinstance(request, str) else request
    with call(path) as client:
        client.sendall(data)
        return read_answer(client, data.partition(b" ")[0].decode("latin-1"))


def get(path: Path, url: str) -> Answer:
    return ask(path, f"GET {url} HTTP/1.1\r\nHost: ignored\r\n\r\n")


def tunnel(path: Path, authority: str) -> tuple[socket.socket, Answer]:
    """Ask for a tunnel, and return its connection and the answer."""
    client = call(path)
    client.sendall(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode())
    return client, read_answer(client, "CONNECT")


def wait_for_end(client: socket.socket) -> None:
    """Read until the proxy has ended the connection."""
    with contextlib.suppress(ConnectionResetError):
        drain(client)


Start = Callable[..., EgressProxy]
"""Starts a proxy, with some limits of its own, that is open for one project."""


@contextlib.contextmanager
def starter(path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Start]:
    """What starts proxies, and stops them at the end; none may have made a mistake."""
    with contextlib.ExitStack() as stack:

        def start(**limits: float) -> EgressProxy:
            proxy = EgressProxy(limits=EgressLimits(**{"linger_seconds": 0.2, **limits}))
            proxy.start()
            stack.callback(proxy.stop)
            proxy.open_for("shop", path, OPEN)
            return proxy

        with caplog.at_level(logging.WARNING):
            yield start
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
