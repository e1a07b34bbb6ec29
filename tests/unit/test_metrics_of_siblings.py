"""The hosts behind a port tell each other their metrics, whatever becomes of one of them."""

import contextlib
import socket
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workerhost.runtime.metrics import siblings
from workerhost.runtime.metrics.host_figures import HostFigures
from workerhost.runtime.metrics.metrics import Metrics
from workerhost.runtime.metrics.shared_text import SharedText
from workerhost.runtime.metrics.siblings import ANSWER_SECONDS, AskedSiblings, SiblingServer, make_folder
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.settings import Settings


def test_a_sibling_that_hangs_costs_a_bounded_wait_and_one_that_is_gone_none(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        large = "x" * 3_000_000
        for host, text in {"lively": large, "quick": "# HELP"}.items():
            server = SiblingServer(tmp_path / f"{host}.sock", lambda text=text: text)  # type: ignore[misc]
            server.start()
            stack.callback(server.stop)
        hanging = stack.enter_context(socket.socket(socket.AF_UNIX))
        hanging.bind(str(tmp_path / "hanging.sock"))
        hanging.listen()
        with socket.socket(socket.AF_UNIX) as gone:
            gone.bind(str(tmp_path / "gone.sock"))
        began = time.monotonic()
        answers = AskedSiblings(tmp_path, "own").answers()
        assert time.monotonic() - began < ANSWER_SECONDS + 1
        assert answers == {"lively": large, "quick": "# HELP", "hanging": None, "gone": None}
        assert not (tmp_path / "gone.sock").exists(), "it is missed once"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["hanging.sock"]


@pytest.mark.parametrize("depth", [0, 20])
def test_the_folder_of_the_sockets_is_private_and_its_path_is_short_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: int
) -> None:
    usual = tmp_path.joinpath(*["folder"] * depth)
    usual.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(tempfile, "tempdir", str(usual))
    folder = make_folder()
    assert folder is not None
    try:
        assert folder.stat().st_mode & 0o777 == 0o700
        server = SiblingServer(folder / f"{'0' * 12}.sock", lambda: "text")
        server.start()
        assert AskedSiblings(folder, "own").answers() == {"0" * 12: "text"}
        server.stop()
    finally:
        folder.rmdir()


def test_a_sibling_that_asks_and_does_not_listen_keeps_no_other_waiting(tmp_path: Path) -> None:
    server = SiblingServer(tmp_path / "host.sock", lambda: "x" * 3_000_000)
    server.start()
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as deaf:
        deaf.connect(str(tmp_path / "host.sock"))
        began = time.monotonic()
        assert AskedSiblings(tmp_path, "own").answers()["host"] is not None
        assert time.monotonic() - began < ANSWER_SECONDS / 2
    server.stop()
    server.stop()
    assert not [each for each in threading.enumerate() if each.name.startswith("metrics-")], "the deaf one has left"


def test_a_sibling_that_sends_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siblings, "MOST_BYTES", 1 << 20)
    server = SiblingServer(tmp_path / "host.sock", lambda: "x" * (3 << 20))
    server.start()
    assert AskedSiblings(tmp_path, "own").answers() == {"host": None}
    server.stop()


def test_fifty_who_ask_at_once_cost_as_much_as_two_and_get_nothing_old() -> None:
    begun, asking = 0, threading.Barrier(50)

    def make() -> str:
        nonlocal begun
        begun += 1
        time.sleep(0.1)  # so long that all others have asked meanwhile
        return str(begun)

    def ask(_number: int) -> str:
        asking.wait()
        return text.get()

    text = SharedText(make)
    with ThreadPoolExecutor(50) as pool:
        found = set(pool.map(ask, range(50)))
    assert found <= {"1", "2", "3"}
    assert text.get() == str(begun)
    assert begun == len(found) + 1


@pytest.mark.parametrize("length", [0, 7, 9])
def test_a_sibling_that_dies_while_it_answers_counts_as_gone(tmp_path: Path, length: int) -> None:
    with socket.socket(socket.AF_UNIX) as dying:
        dying.bind(str(tmp_path / "dying.sock"))
        dying.listen()
        asked = AskedSiblings(tmp_path, "own")
        connection, _ = dying.accept()
        connection.sendall((100).to_bytes(8)[:length] + b"x" * max(0, length - 8))
        connection.close()
        assert asked.answers() == {"dying": None}


def test_a_host_whose_folder_is_gone_goes_on_and_answers_for_itself(
    tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    connection = TemporalConnection({})
    metrics = Metrics(settings, connection, None)
    metrics.join(tmp_path / "gone")
    metrics.start("h", lambda: HostFigures((), {}, 1, 0.0))
    assert 'workerhost_host_up{host="h"} 1\n' in metrics.text()
    assert "no sibling gets the metrics of this host" in caplog.text
    metrics.stop()
    connection.close()
