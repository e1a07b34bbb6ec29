"""A sealed process reaches pages through the proxy of its host, with the usual libraries, and in no other way."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.egress import OPEN, echo, page_server, site
from support.sealing import WITHOUT_USER_NAMESPACES
from workerhost.code.sealing.landlock import FIRST_WITH_TCP, landlock_version
from workerhost.runtime.egress.proxy import EgressProxy

SEALED = """
import concurrent.futures, http.client, json, os, socket, sys, threading, urllib.error, urllib.request
from pathlib import Path

import httpx

from workerhost.code.sealing import seal as module
from workerhost.code.sealing.reach import what_python_reads

path, folder, page, echo, lacks = sys.argv[1:]

def refuse(*arguments):
    raise OSError("not here")

for name in lacks.split(","):
    setattr(module, name, refuse)
os.environ["NO_PROXY"] = "127.0.0.1"
limits = module.Limits(memory=4 << 30, file_size=1 << 20, files=1 << 20, open_files=1024, processes=256)
sealed = module.seal(limits, what_python_reads(), Path(folder), way_out=Path(path))
said = {"namespaces": sealed.namespaces, "landlock": sealed.landlock, "network": sealed.network}

def attempt(name, function):
    try:
        said[name] = function()
    except Exception as error:
        said[name] = f"{type(error).__name__}: {error}"

def tunnel():
    proxy = os.environ["https_proxy"].rpartition(":")[2]
    connection = http.client.HTTPConnection("127.0.0.1", int(proxy), timeout=10)
    connection.set_tunnel("127.0.0.1", int(echo))
    connection.connect()
    connection.sock.sendall(b"x" * 1000000)
    received = 0
    while received < 1000000:
        received += len(connection.sock.recv(65536))
    connection.close()
    return received

def many():
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        return len([*pool.map(lambda _: urllib.request.urlopen(url, timeout=30).read(), range(200))])

def refused():
    try:
        urllib.request.urlopen("http://10.0.0.1/", timeout=10)
    except urllib.error.HTTPError as error:
        return error.read().decode()

def listening():
    socket.create_server(("127.0.0.1", 0)).close()
    return "listened"

url = f"http://127.0.0.1:{page}/cake"
attempt("urllib", lambda: json.load(urllib.request.urlopen(url, timeout=10))["path"])
attempt("httpx", lambda: httpx.get(url).json()["path"])
attempt("tunnel", tunnel)
attempt("many", many)
attempt("refused", refused)
attempt("httpx_refused", lambda: httpx.get("https://10.0.0.1/"))
attempt("direct", lambda: socket.create_connection(("127.0.0.1", int(page)), 5).close())
attempt("listening", listening)
said["threads"] = sorted(thread.name for thread in threading.enumerate() if not thread.daemon)
left_open = socket.create_connection(("127.0.0.1", int(os.environ["http_proxy"].rpartition(":")[2]))).detach()
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def sites() -> Iterator[tuple[str, str]]:
    """The ports of a page and of an echo."""
    with page_server() as page, site(echo) as other:
        yield str(page), str(other)


@pytest.fixture
def proxy_path(tmp_path: Path) -> Iterator[Path]:
    proxy = EgressProxy()
    proxy.start()
    proxy.open_for("shop", tmp_path / "proxy", OPEN)
    yield tmp_path / "proxy"
    proxy.stop()


def run_sealed(path: Path, sites: tuple[str, str], *wrapper: str, lacks: str = "nothing") -> dict[str, Any]:
    """Let a process seal itself and try things, and return what it says; `lacks` are functions that do not work."""
    folder = path.with_name("folder")
    folder.mkdir()
    command = (*wrapper, sys.executable, "-W", "error", "-c", SEALED, str(path), str(folder), *sites, lacks)
    ended = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    said: dict[str, Any] = json.loads(ended.stdout)
    assert said["urllib"] == said["httpx"] == "/cake"
    assert said["tunnel"] == 1_000_000
    assert said["many"] == 200
    assert said["refused"] == "10.0.0.1:80 is refused: its address is not a public one\n"
    assert "10.0.0.1:443 is refused: its address is not a public one" in said["httpx_refused"]
    assert said["threads"] == ["MainThread"]
    return said


def test_a_sealed_process_reaches_pages_through_the_proxy_and_in_no_other_way(
    proxy_path: Path, sites: tuple[str, str]
) -> None:
    said = run_sealed(proxy_path, sites)
    assert (said["namespaces"], said["landlock"], said["network"]) == (True, landlock_version(), True)
    assert "Error" in said["direct"]


def test_its_own_network_is_enough_where_the_kernel_has_no_landlock(proxy_path: Path, sites: tuple[str, str]) -> None:
    said = run_sealed(proxy_path, sites, lacks="restrict")
    assert (said["namespaces"], said["landlock"], said["network"]) == (True, 0, True)
    assert "ConnectionRefusedError" in said["direct"]


def test_landlock_keeps_it_in_where_the_kernel_gives_no_namespaces(proxy_path: Path, sites: tuple[str, str]) -> None:
    said = run_sealed(proxy_path, sites, *WITHOUT_USER_NAMESPACES)
    keeps = landlock_version() >= FIRST_WITH_TCP
    assert (said["namespaces"], said["landlock"], said["network"]) == (False, landlock_version(), keeps)
    assert ("PermissionError" in str(said["direct"])) == keeps
    assert ("PermissionError" in str(said["listening"])) == keeps


def test_a_process_that_nothing_keeps_in_says_so(proxy_path: Path, sites: tuple[str, str]) -> None:
    said = run_sealed(proxy_path, sites, lacks="leave_network,restrict")
    assert (said["namespaces"], said["landlock"], said["network"]) == (False, 0, False)
    assert said["direct"] is None
