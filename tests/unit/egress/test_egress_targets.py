"""Whatever a target does, the client learns of it, and the proxy goes on."""

import asyncio
import gc
import socket
import threading
from http.client import IncompleteRead
from ipaddress import ip_address
from pathlib import Path

import pytest

from support.egress import (
    OPEN,
    PUBLIC,
    WAIT_SECONDS,
    Internet,
    Start,
    call,
    drain,
    get,
    read_answer,
    site,
    tunnel,
    wait_for_end,
)
from workerhost.runtime.egress.addresses import Address
from workerhost.runtime.egress.limits import EgressLimits
from workerhost.runtime.egress.policy import NetworkPolicy
from workerhost.runtime.egress.proxy import EgressProxy
from workerhost.testing import eventually


def test_a_target_learns_that_the_client_has_left(start: Start, path: Path) -> None:
    proxy = start()
    has_request, has_ended = threading.Event(), threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        has_request.set()
        assert connection.recv(65536) == b""
        has_ended.set()

    with site(serve) as port:
        for first in ("GET http://127.0.0.1:{}/", "CONNECT 127.0.0.1:{}"):
            with call(path) as client:
                client.sendall(
                    f"{first.format(port)} HTTP/1.1\r\nHost: x\r\n\r\nmore"[: None if "C" in first else -4].encode()
                )
                assert has_request.wait(WAIT_SECONDS)
            assert has_ended.wait(WAIT_SECONDS)
            has_request.clear()
            has_ended.clear()
        eventually(lambda: proxy._places.taken == 0)


@pytest.mark.parametrize("sent", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nX", b"HTTP/1.1 101 Switch\r\n\r\n"])
def test_a_target_that_hangs_up_or_answers_nonsense_is_named(start: Start, path: Path, sent: bytes) -> None:
    start()

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(sent)

    with site(serve) as port:
        answer = get(path, f"http://127.0.0.1:{port}/")
    assert (answer.status, answer.body) == (502, f"127.0.0.1:{port} did not answer as a web server does\n")


def test_the_head_of_an_answer_has_an_end(start: Start, path: Path) -> None:
    start(head_bytes=4096)

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X: " + b"x" * 1000 + b"\r\n")

    with site(serve) as port:
        assert get(path, f"http://127.0.0.1:{port}/").status == 502


def test_a_target_that_hangs_up_in_the_middle_of_its_answer_is_noticed(start: Start, path: Path) -> None:
    start()

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")

    with site(serve) as port, pytest.raises((IncompleteRead, ConnectionResetError)):
        get(path, f"http://127.0.0.1:{port}/")


def test_an_answer_that_comes_before_the_end_of_the_body_is_read(start: Start, path: Path) -> None:
    start()

    def serve(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno\n")

    with site(serve) as port, call(path) as client:
        client.sendall(f"POST http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx".encode())
        assert read_answer(client).status == 413


def test_a_target_that_is_silent_is_given_up(start: Start, path: Path) -> None:
    start(idle_seconds=0.2)
    with site(drain) as port:
        answer = get(path, f"http://127.0.0.1:{port}/")
        assert (answer.status, answer.body) == (502, f"127.0.0.1:{port} neither answered nor read for 0.2 s\n")
        with tunnel(path, f"127.0.0.1:{port}")[0] as client:
            wait_for_end(client)


def test_a_tunnel_that_one_side_has_left_ends_sooner(start: Start, path: Path) -> None:
    start(half_closed_seconds=0.2)
    may_end = threading.Event()

    def serve(connection: socket.socket) -> None:
        drain(connection)
        may_end.wait()

    with site(serve) as port, tunnel(path, f"127.0.0.1:{port}")[0] as client:
        client.shutdown(socket.SHUT_WR)
        try:
            wait_for_end(client)
        finally:
            may_end.set()


def test_names_that_are_never_resolved_hold_up_their_own_project_alone(path: Path, tmp_path: Path, page: int) -> None:
    async def resolve(name: str) -> list[Address]:
        if name == "slow.example":
            await asyncio.Event().wait()
        return [ip_address(PUBLIC)]

    proxy = EgressProxy(resolve, Internet(page), EgressLimits(lookup_seconds=0.2, lookups=2, linger_seconds=0.2))
    proxy.start()
    proxy.open_for("shop", path, NetworkPolicy(hosts=None))
    proxy.open_for("other", tmp_path / "other", NetworkPolicy(hosts=None))
    for name in ("slow.example", "slow.example", "fast.example"):  # the first two hold both places for good
        answer = get(path, f"http://{name}/")
        assert (answer.status, answer.body) == (502, f"{name} was not resolved within 0.2 s\n")
    assert get(tmp_path / "other", "http://fast.example/").status == 200
    proxy.stop()


def test_a_name_that_is_still_resolved_does_not_keep_the_proxy_from_ending(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    has_begun = threading.Event()

    async def resolve(name: str) -> list[Address]:
        has_begun.set()
        await asyncio.Event().wait()
        return []

    proxy = EgressProxy(resolve)
    proxy.start()
    opening = proxy.open_for("shop", path, NetworkPolicy(hosts=None))
    with call(path) as client:
        client.sendall(b"GET http://slow.example/ HTTP/1.1\r\nHost: x\r\n\r\n")
        assert has_begun.wait(WAIT_SECONDS)
        opening.close()
        wait_for_end(client)
    proxy.stop()
    gc.collect()  # where asyncio says what was left behind
    assert caplog.records == []


def test_an_address_that_does_not_answer_is_given_up(path: Path) -> None:
    async def never(address: Address, port: int) -> socket.socket:
        await asyncio.Event().wait()
        raise AssertionError

    proxy = EgressProxy(connector=never, limits=EgressLimits(connect_seconds=0.1))
    proxy.start()
    proxy.open_for("shop", path, OPEN)
    answer = get(path, "http://127.0.0.1:1/")
    assert (answer.status, answer.body) == (502, "127.0.0.1:1 does not answer within 0.1 s\n")
    with call(path) as client:
        client.sendall(b"GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: x\r\n\r\n")
        proxy.stop()  # while it connects
        wait_for_end(client)
