"""HTTP as the service speaks it: slow, large, malformed and waiting requests beside ordinary ones."""

import json
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from support.processes import serve
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import eventually, unique_id

MIB = 1024 * 1024

WAITING = """
from datetime import timedelta
from temporalio import workflow

@workflow.defn
class Waiting:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(timedelta(seconds=60))
"""


@contextmanager
def connection(url: str) -> Iterator[socket.socket]:
    """A connection to the service, with nothing sent on it."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as opened:
        yield opened


def read_answer(opened: socket.socket) -> tuple[int, dict[str, str], Any]:
    """Read one answer: its status, its headers with lower-case names, and its JSON."""
    stream = opened.makefile("rb")
    status = int(stream.readline().split()[1])
    headers: dict[str, str] = {}
    while line := stream.readline().strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return status, headers, json.loads(stream.read(int(headers["content-length"])))


def ask(url: str, request: bytes) -> tuple[int, dict[str, str], Any]:
    """Send bytes on a connection of their own and read the answer."""
    with connection(url) as opened:
        opened.sendall(request)
        return read_answer(opened)


def is_closed(opened: socket.socket) -> bool:
    """Tell whether the service has closed the connection."""
    try:
        return opened.recv(1) == b""
    except ConnectionResetError:
        return True


def chunked(path: str, *chunks: bytes) -> bytes:
    head = f"PUT {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + b"".join(chunks)


def test_a_chunked_body_counts_as_any_other(service_url: str) -> None:
    path = f"/projects/{unique_id('shop')}"
    status, _, _ = ask(service_url, chunked(path, b'8\r\n{"name":\r\n', b'5\r\n "x"}\r\n', b"0\r\n\r\n"))
    assert status == 201
    piece = b"100000\r\n" + b" " * MIB + b"\r\n"
    status, headers, answer = ask(service_url, chunked(path, piece * 5, b"0\r\n\r\n"))
    assert (status, headers["connection"]) == (413, "close")
    assert (answer["code"], answer["error"]) == ("body_too_large", "the body is larger than 4 MiB")


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"nonsense\r\n\r\n", 400, "http_error"),
        (b"GET /health HTTP/1.1\r\n\r\n", 400, "http_error"),
        (b"GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n", 400, "http_error"),
        (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, "address_too_long"),
        (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, "address_too_long"),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 431, "headers_too_large"),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431, "headers_too_large"),
        (chunked("/projects/shop", b"zz\r\n{}\r\n0\r\n\r\n"), 400, "http_error"),
        (chunked("/projects/shop", b"2\r\n{}xx\r\n0\r\n\r\n"), 400, "http_error"),
        (b"PUT /projects/shop HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400, "http_error"),
        (b"PUT /projects/shop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n", 413, "body_too_large"),
    ],
)
def test_what_is_no_proper_request_is_refused_in_the_documented_form(
    service_url: str, request_bytes: bytes, status: int, code: str
) -> None:
    found, headers, answer = ask(service_url, request_bytes)
    assert (found, headers["connection"], headers["content-type"]) == (status, "close", "application/json")
    assert (answer["success"], answer["code"], bool(answer["error"])) == (False, code, True)


def test_slashes_too_many_lead_nowhere_and_no_answer_names_the_host(service_url: str) -> None:
    for path in ("//health", "//evil.example/..", "/projects//x", "/workers//status/x", "/health/"):
        status, headers, answer = ask(service_url, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert (status, answer["code"], "location" in headers) == (404, "not_found", False), path


def test_a_connection_says_whether_it_goes_on(service_url: str) -> None:
    with connection(service_url) as opened:
        for _ in range(3):
            opened.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            status, headers, _ = read_answer(opened)
            assert (status, headers.get("connection")) == (200, None)
        body = b'{"x": 1}'
        opened.sendall(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        status, headers, _ = read_answer(opened)
        assert (status, headers.get("connection")) == (404, None)
        opened.sendall(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\nxx")
        status, headers, _ = read_answer(opened)
        assert (status, headers["connection"]) == (413, "close")
        assert is_closed(opened)
    with connection(service_url) as opened:
        opened.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert read_answer(opened)[1]["connection"] == "close"
        assert is_closed(opened)


def test_a_client_that_asks_first_is_told_to_go_on(service_url: str) -> None:
    head = f"PUT /projects/{unique_id('shop')} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with connection(service_url) as opened:
        opened.sendall(f"{head}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n".encode())
        assert opened.recv(100).startswith(b"HTTP/1.1 100")
        opened.sendall(b"{}")
        assert read_answer(opened)[0] == 201


def test_slow_requests_and_calls_that_wait_hold_up_no_others(temporal: EmbeddedTemporal, tmp_path: Path) -> None:
    with serve(tmp_path, temporal, WORKERHOST_API_HEAD_TIMEOUT="3") as (_, client), ExitStack() as stack:
        client.deploy("slow", "waiting", {"version": "1", "workflowCode": WAITING})
        runs = "/projects/slow/executions"
        client.call("POST", runs, {"workflowType": "Waiting", "workflowId": "slow-one"})
        slow = [stack.enter_context(connection(client.url)) for _ in range(100)]
        for opened in slow:
            opened.sendall(b"G")
        waiting = [threading.Thread(target=client.call, args=["GET", f"{runs}/slow-one?wait=4"]) for _ in range(40)]
        for thread in waiting:
            thread.start()
        _trickle(slow, until=time.monotonic() + 1)
        answered = _seconds(lambda: httpx.get(f"{client.url}/health", trust_env=False).raise_for_status(), 50)
        assert statistics.median(answered) < 1  # it was as long as the slow ones take
        _trickle(slow, until=time.monotonic() + 3)
        for opened in slow:
            status, headers, answer = read_answer(opened)
            assert (status, headers["connection"], answer["code"]) == (408, "close", "request_timeout")
        for thread in waiting:
            thread.join()


def test_a_call_that_waits_beside_too_many_others_is_told_to_come_back(
    temporal: EmbeddedTemporal, tmp_path: Path
) -> None:
    with serve(tmp_path, temporal, WORKERHOST_API_WAITING_CALLS="2") as (_, client):
        client.deploy("busy", "waiting", {"version": "1", "workflowCode": WAITING})
        path = "/projects/busy/executions/busy-one?wait=1"
        client.call("POST", "/projects/busy/executions", {"workflowType": "Waiting", "workflowId": "busy-one"})
        is_seen = threading.Event()

        def wait_again_and_again() -> None:
            while not is_seen.is_set():  # the look for a refusal may have taken the place of this call
                httpx.get(f"{client.url}{path}", trust_env=False, timeout=30)

        waiting = [threading.Thread(target=wait_again_and_again) for _ in range(2)]
        for thread in waiting:
            thread.start()

        def refused() -> httpx.Response | None:
            answer = httpx.get(f"{client.url}{path.replace('=1', '=0.2')}", trust_env=False)
            return answer if answer.status_code != 200 else None

        try:
            answer = eventually(refused)
        finally:
            is_seen.set()
        assert answer is not None
        assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "busy", "1")
        assert client.answers()
        for thread in waiting:
            thread.join()
        # A call gives its place back a moment after its answer is out.
        assert eventually(lambda: refused() is None)


def _trickle(slow: list[socket.socket], until: float) -> None:
    """Send a byte a second on each connection."""
    while time.monotonic() < until:
        for opened in slow:
            try:
                opened.sendall(b"E")
            except OSError:
                return
        time.sleep(0.5)


def _seconds(call: Callable[[], object], count: int) -> list[float]:
    times = []
    for _ in range(count):
        began = time.monotonic()
        call()
        times.append(time.monotonic() - began)
    return times
