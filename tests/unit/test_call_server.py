"""The server of calls by itself: what an application or a client may do to it."""

import asyncio
import json
import threading
import tracemalloc
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse

import pytest

from workerhost.api.serving.call_server import CallServer
from workerhost.api.serving.call_threads import CallThreads
from workerhost.api.serving.environ import WHEN_GONE
from workerhost.api.serving.limits import ConnectionLimits
from workerhost.api.serving.request_reader import Progress, RequestReader

ANSWER_SECONDS = 5


async def ask(application: Any, paths: Iterable[str]) -> list[tuple[bytes, Any]]:
    """Serve the application with one place for calls, ask for each path in turn, and return status lines and JSON."""
    server = CallServer(application, CallThreads(1, 0), ConnectionLimits(), is_one_of_many=False)
    listener = await asyncio.get_running_loop().create_server(server.connect, "127.0.0.1", 0)
    answers = []
    async with listener:
        for path in paths:
            reader, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            head, _, body = (await asyncio.wait_for(reader.read(), ANSWER_SECONDS)).partition(b"\r\n\r\n")
            answers.append((head.splitlines()[0], json.loads(body)))
            writer.close()
            await writer.wait_closed()
    return answers


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), asyncio.CancelledError()])
def test_no_exception_of_a_call_costs_its_place(error: BaseException) -> None:
    def application(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        if environ["PATH_INFO"] == "/fails":
            raise error
        start_response("200 OK", [("Content-Length", "4")])
        return [b"true"]

    failed, again, answered = asyncio.run(ask(application, ["/fails", "/fails", "/"]))
    assert failed[0] == again[0] == b"HTTP/1.1 500 Internal Server Error"
    assert (failed[1]["success"], failed[1]["code"]) == (False, "internal_error")
    assert len(failed[1]["requestId"]) == 32
    assert failed[1]["requestId"] != again[1]["requestId"]
    assert answered == (b"HTTP/1.1 200 OK", True)


def test_calls_that_last_make_room_for_those_that_queue() -> None:
    threads, may_end, answered = CallThreads(2, 2), threading.Event(), threading.Semaphore(0)
    for _ in range(2):
        threads.submit(lambda: may_end.wait(ANSWER_SECONDS) and None)
    for _ in range(3):
        threads.submit(answered.release)
    assert not answered.acquire(timeout=0.1)
    threads.put_long_ones_aside(0)
    assert all(answered.acquire(timeout=ANSWER_SECONDS) for _ in range(3))
    may_end.set()


def test_a_call_waits_where_the_process_may_start_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads, answered = CallThreads(1, 0), threading.Event()

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:  # the machine's own limit would hit the test as well
        patch.setattr(threading.Thread, "start", refuse)
        threads.submit(answered.set)
    threads.put_long_ones_aside(60)
    assert answered.wait(ANSWER_SECONDS)


async def _count_answered_to_one_who_does_not_read(requests: int) -> int:
    answered = 0

    def application(_environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        nonlocal answered
        answered += 1
        start_response("200 OK", [("Content-Length", "30000")])
        return [b"x" * 30_000]

    server = CallServer(application, CallThreads(1, 0), ConnectionLimits(), is_one_of_many=False)
    loop = asyncio.get_running_loop()
    async with await loop.create_server(server.connect, "127.0.0.1", 0) as listener:
        _, writer = await asyncio.open_connection(*listener.sockets[0].getsockname(), limit=1)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * requests)
        before = -1
        while answered > before:
            before = answered
            await asyncio.sleep(0.3)
        server.abort()
        writer.transport.abort()
    return answered


def test_who_does_not_read_answers_is_not_answered_further() -> None:
    assert 0 < asyncio.run(_count_answered_to_one_who_does_not_read(2000)) < 1000


def test_a_body_takes_no_more_memory_for_coming_in_small_chunks() -> None:
    reader = RequestReader()
    reader.receive(b"PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert reader.advance() is Progress.NEEDS_DATA
    tracemalloc.start()
    try:
        for _ in range(50):
            reader.receive(b"2\r\nab\r\n" * 500)
            while reader.advance() is Progress.HAS_MORE:
                pass
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reader.body_bytes == 50_000
    assert taken < 4 * reader.body_bytes


@pytest.mark.parametrize("next_request", [b"", b"GET /next HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"])
def test_a_client_that_leaves_a_stream_is_noticed_at_once_and_one_that_asks_on_is_answered(next_request: bytes) -> None:
    has_left, may_end = threading.Event(), threading.Event()

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/next":
            start_response("200 OK", [("Content-Length", "4")])
            return [b"next"]
        environ[WHEN_GONE](has_left.set)
        start_response("200 OK", [])
        return (
            b"a piece" if number == 0 else b"" for number in range(2) if number == 0 or may_end.wait(ANSWER_SECONDS)
        )

    async def watch() -> bytes:
        server = CallServer(application, CallThreads(1, 0), ConnectionLimits(), is_one_of_many=False)
        listener = await asyncio.get_running_loop().create_server(server.connect, "127.0.0.1", 0)
        async with listener:
            reader, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
            writer.write(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await asyncio.wait_for(reader.readuntil(b"a piece"), ANSWER_SECONDS)
            if next_request:
                writer.write(next_request)
                await asyncio.sleep(0)
                may_end.set()
                answer = await asyncio.wait_for(reader.read(), ANSWER_SECONDS)
                writer.close()
                await writer.wait_closed()
                return answer
            writer.close()
            await asyncio.to_thread(has_left.wait, ANSWER_SECONDS)
            may_end.set()
            return b""

    answered = asyncio.run(watch())
    assert answered.endswith(b"next") == bool(next_request)
    assert has_left.is_set() == (not next_request)
