"""Project processes reach pages and tunnels through the proxy, and no longer than it is open for them."""

import json
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from support.egress import OPEN, ask, call, echo, get, site, tunnel
from workerhost.errors import HostStoppingError
from workerhost.runtime.egress.proxy import EgressProxy


def test_a_page_is_fetched_and_what_concerns_one_connection_alone_stays_behind(
    proxy: EgressProxy, path: Path, page: int
) -> None:
    proxy.open_for("shop", path, OPEN)
    dropped = "Connection: X-Mine, close\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nProxy-Authorization: x\r\nTE: trailers\r\n"
    answer = ask(
        path, f"GET http://127.0.0.1:{page}/a%20b?c=d&e#f HTTP/1.1\r\nHost: other\r\nX-Kept: 1\r\n{dropped}\r\n"
    )
    assert answer.status == 200
    asked = json.loads(answer.body)
    assert asked["path"] == "/a%20b?c=d&e"
    assert asked["headers"] == {"Host": f"127.0.0.1:{page}", "X-Kept": "1", "Connection": "close"}
    assert answer.headers["X-Page"] == "yes"
    assert "X-Private" not in answer.headers


@pytest.mark.parametrize(
    "body", ["Content-Length: 6\r\n\r\nbottle", "Transfer-Encoding: chunked\r\n\r\n3\r\nbot\r\n3\r\ntle\r\n0\r\n\r\n"]
)
def test_a_body_arrives_whole(proxy: EgressProxy, path: Path, page: int, body: str) -> None:
    proxy.open_for("shop", path, OPEN)
    answer = ask(path, f"POST http://127.0.0.1:{page} HTTP/1.1\r\nHost: x\r\n{body}")
    assert json.loads(answer.body)["body"] == "bottle"
    assert json.loads(answer.body)["path"] == "/"


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "abc"),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", "until the end"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", ""),
        (b"HTTP/1.1 404 Nothing Here\r\nContent-Length: 2\r\n\r\nno and more", "no"),
    ],
)
def test_an_answer_comes_back_however_its_end_is_marked(proxy: EgressProxy, path: Path, sent: bytes, body: str) -> None:
    proxy.open_for("shop", path, OPEN)

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(sent)

    with site(serve) as port:
        answer = get(path, f"http://127.0.0.1:{port}/")
    assert (answer.status, answer.body) == (int(sent.split()[-3 if b"204" in sent else 1]), body)


def test_a_client_of_an_old_version_is_answered_in_its_own_way(proxy: EgressProxy, path: Path) -> None:
    proxy.open_for("shop", path, OPEN)

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.sendall(b"3\r\nabc\r\n0\r\n\r\n")

    with site(serve) as port, call(path) as client:
        client.sendall(f"GET http://127.0.0.1:{port}/ HTTP/1.0\r\n\r\n".encode())
        received = b""
        while data := client.recv(65536):
            received += data
    assert received == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc"


def test_a_tunnel_carries_what_both_sides_send_until_both_end(proxy: EgressProxy, path: Path) -> None:
    proxy.open_for("shop", path, OPEN)
    large = os.urandom(3_000_000)
    with site(echo) as port:
        client, answer = tunnel(path, f"127.0.0.1:{port}")
        assert answer.status == 200
        with client:

            def send() -> None:
                client.sendall(large)
                client.shutdown(socket.SHUT_WR)

            sending = threading.Thread(target=send)
            sending.start()
            received = b""
            while data := client.recv(65536):
                received += data
            sending.join()
    assert received == large


def test_what_is_sent_before_the_tunnel_is_there_is_not_lost(proxy: EgressProxy, path: Path) -> None:
    proxy.open_for("shop", path, OPEN)
    with site(echo) as port, call(path) as client:
        client.sendall(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: x\r\n\r\nearly".encode())
        received = b""
        while not received.endswith(b"\r\n\r\nearly"):
            received += client.recv(1)
        assert received.startswith(b"HTTP/1.1 200 ")


def test_only_its_user_may_connect_and_nothing_is_left_when_it_is_closed(proxy: EgressProxy, path: Path) -> None:
    opening = proxy.open_for("shop", path, OPEN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    assert path.stat().st_uid == os.getuid()
    opening.close()
    opening.close()
    assert not path.exists()
    proxy.open_for("shop", path, OPEN)  # the path is free again
    with pytest.raises(OSError, match="in use"):
        proxy.open_for("shop", path, OPEN)
    with pytest.raises(OSError, match="too long"):
        proxy.open_for("shop", path.with_name("x" * 120), OPEN)


def test_starting_and_stopping_are_fine_at_any_time(path: Path, page: int) -> None:
    proxy = EgressProxy()
    proxy.stop()
    with pytest.raises(HostStoppingError):
        proxy.open_for("shop", path, OPEN)
    for _ in range(2):
        proxy.start()
        proxy.start()
        opening = proxy.open_for("shop", path, OPEN)
        assert get(path, f"http://127.0.0.1:{page}/").status == 200
        with tunnel(path, f"127.0.0.1:{page}")[0] as client:
            proxy.stop()
            assert client.recv(1) == b""
        proxy.stop()
        opening.close()
        assert not path.exists()
    assert "egress-proxy" not in [thread.name for thread in threading.enumerate()]


def test_closing_ends_the_connections_of_that_process_alone(proxy: EgressProxy, tmp_path: Path) -> None:
    with site(echo) as port:
        opening = proxy.open_for("shop", tmp_path / "one", OPEN)
        proxy.open_for("shop", tmp_path / "other", OPEN)
        one, _ = tunnel(tmp_path / "one", f"127.0.0.1:{port}")
        other, _ = tunnel(tmp_path / "other", f"127.0.0.1:{port}")
        with one, other:
            opening.close()
            assert one.recv(1) == b""
            other.sendall(b"on")
            assert other.recv(2) == b"on"
