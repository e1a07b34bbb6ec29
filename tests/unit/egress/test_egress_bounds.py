"""What one project takes of the proxy has bounds, and the others have their turn."""

import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from support.egress import OPEN, WAIT_SECONDS, Start, call, echo, get, site, tunnel
from workerhost.testing import eventually


def test_a_connection_too_many_is_told_so_and_the_next_project_is_not_concerned(
    start: Start, path: Path, tmp_path: Path, page: int
) -> None:
    proxy = start(connections=5)
    proxy.open_for("other", tmp_path / "other", OPEN)
    with site(echo) as port, ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(tunnel(path, f"127.0.0.1:{port}")[0])
        answer = get(path, f"http://127.0.0.1:{page}/")
        assert (answer.status, answer.body) == (503, "the project has 5 connections open, which is the most\n")
        assert get(tmp_path / "other", f"http://127.0.0.1:{page}/").status == 200
    eventually(lambda: get(path, f"http://127.0.0.1:{page}/").status == 200)


def test_connections_without_end_wait_in_the_kernel(start: Start, path: Path, tmp_path: Path, page: int) -> None:
    proxy = start(connections=5, connections_to_refuse=2, head_seconds=60, accepts_a_second=1e6)
    proxy.open_for("other", tmp_path / "other", OPEN)
    with ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(call(path))
        eventually(lambda: proxy._places.taken == 7)
        for _ in range(20):  # each gives the other project many turns
            assert get(tmp_path / "other", f"http://127.0.0.1:{page}/").status == 200
        assert proxy._places.taken <= 8
    eventually(lambda: get(path, f"http://127.0.0.1:{page}/").status == 200)


def test_all_projects_together_leave_files_for_the_host(start: Start, path: Path, tmp_path: Path) -> None:
    proxy = start(share_of_files=1e-9)  # one connection
    proxy.open_for("other", tmp_path / "other", OPEN)
    with site(echo) as port, tunnel(path, f"127.0.0.1:{port}")[0]:
        answer = get(tmp_path / "other", f"http://127.0.0.1:{port}/")
    assert (answer.status, answer.body) == (
        503,
        "the host has as many connections open for projects as it may; try again\n",
    )


@pytest.mark.parametrize("is_target_slow", [True, False])
def test_who_does_not_read_stops_who_sends_and_costs_no_memory(
    start: Start, path: Path, *, is_target_slow: bool
) -> None:
    start()
    sent = 0
    may_end = threading.Event()

    def pump(connection: socket.socket) -> None:
        nonlocal sent
        with suppress(OSError):
            while not may_end.is_set() and sent < 1 << 30:
                sent += connection.send(bytes(65536))

    def serve(connection: socket.socket) -> None:
        if is_target_slow:
            may_end.wait(WAIT_SECONDS)
        else:
            pump(connection)

    def has_stalled() -> bool:
        before = sent
        time.sleep(0.3)  # is what is measured: nothing moves in this time
        return 0 < before == sent

    with site(serve) as port, tunnel(path, f"127.0.0.1:{port}")[0] as client:
        sender = threading.Thread(target=pump, args=(client,))
        if is_target_slow:
            sender.start()
        eventually(has_stalled)
        may_end.set()
        client.shutdown(socket.SHUT_RDWR)
        if is_target_slow:
            sender.join()
    assert sent < 32 * 1024**2  # what the kernel keeps for two sockets, at most


PUMP = """
import socket, sys, threading

listener = socket.create_server(("127.0.0.1", 0))
client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
client.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n" % listener.getsockname()[1])
target, _ = listener.accept()

def drain():
    while target.recv(1 << 20):
        pass

threading.Thread(target=drain, daemon=True).start()
for number in range(1 << 17):  # 8 GB
    client.sendall(bytes(65536))
    if number == 100:
        print("pumping", flush=True)
"""


def test_a_connection_that_never_rests_leaves_others_their_turn(
    start: Start, path: Path, tmp_path: Path, page: int
) -> None:
    start().open_for("other", tmp_path / "other", OPEN)
    with subprocess.Popen(
        [sys.executable, "-c", PUMP, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as pump:
        assert pump.stdout is not None
        assert pump.stdout.readline() == b"pumping\n"
        for _ in range(5):
            assert get(tmp_path / "other", f"http://127.0.0.1:{page}/").status == 200
        assert pump.poll() is None
        pump.kill()
