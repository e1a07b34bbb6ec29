"""A sealed process has a tree of files of its own: what it may not reach has no name there, sockets neither."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from support.sealing import fresh_process
from workerhost.code.sealing.landlock import landlock_version
from workerhost.code.sealing.survey import survey
from workerhost.words import IsolationKind

HARNESS = """
import socket, subprocess, tempfile
from itertools import count

from workerhost.code.sealing import mounts, seal as module
from workerhost.code.sealing.namespaces import leave_network
from workerhost.code.sealing.reach import what_python_reads

folder = Path(sys.argv[1])

def refuse(*arguments):
    raise OSError(errno.EPERM, "not here")

def connect(path):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)

def seal(readable=(), lacks=()):
    for name in lacks:
        setattr(module, name, refuse)
    limits = module.Limits(memory=4 << 30, file_size=1 << 20, files=1 << 20, open_files=100, processes=100)
    return module.seal(limits, [*what_python_reads(), *readable], folder)

"""

GIVEN = IsolationKind.NAMESPACES in survey().names
"""Where they are not, `test_isolation_survey.py` asks for the sentence that says why."""


def in_process(code: str, *arguments: object) -> Any:
    return fresh_process(HARNESS + code, *map(str, arguments))


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="workerhost-") as name:
        yield Path(name)


@pytest.fixture
def sockets(tmp_path: Path) -> Iterator[list[str]]:
    """Paths at which servers listen: in the folder for temporary files, and in that of the system's services."""
    places = [str(tmp_path)]
    with ExitStack() as stack:
        of_services = "/run" if os.access("/run", os.W_OK) else "/var/tmp"
        places.append(stack.enter_context(tempfile.TemporaryDirectory(prefix="of-a-service-", dir=of_services)))
        paths = [f"{place}/socket" for place in places]
        for path in paths:
            server = stack.enter_context(socket.socket(socket.AF_UNIX))
            server.bind(path)
            server.listen()
        yield paths


@pytest.mark.parametrize("lacks", [[], ["restrict"]])
def test_sockets_that_have_a_path_are_not_connected_to(folder: Path, sockets: list[str], lacks: list[str]) -> None:
    code = f"""
before = [attempt(lambda: connect(path)) for path in sys.argv[2:]]
sealed = seal(lacks={lacks})
tell([before, sealed.mounts, [attempt(lambda: connect(path)) for path in sys.argv[2:]]])
"""
    after = ["ENOENT" if GIVEN else "done"] * 2
    assert in_process(code, folder, *sockets) == [["done", "done"], GIVEN, after]


def test_sockets_in_what_it_may_reach_are_connected_to(folder: Path, sockets: list[str]) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "own"))
        server.listen()
        code = """
seal([Path(sys.argv[2]), folder / "own"])
tell([attempt(lambda: connect(path)) for path in (sys.argv[2], str(folder / "own"), sys.argv[3])])
"""
        said = in_process(code, folder, *sockets)
    assert said == ["done", "done", "ENOENT" if GIVEN else "done"]


@pytest.mark.parametrize("lacks", [[], ["restrict"]])
def test_files_outside_are_not_even_seen(folder: Path, tmp_path: Path, lacks: list[str]) -> None:
    code = f"""
paths = ["/etc/passwd", str(folder), "/etc/fstab", "/etc/shadow", "/run", "/home", "/var", sys.argv[2], "/../run"]
existed = [os.path.exists(path) for path in paths]
seal(lacks={lacks})
tell([existed, [os.path.exists(path) for path in paths]])
"""
    existed, exist = in_process(code, folder, tmp_path)
    assert exist == ([True, True] + [False] * 7 if GIVEN else existed)


def test_nothing_but_its_folder_and_devices_is_written_to_even_without_landlock(folder: Path) -> None:
    code = """
seal(lacks=["restrict"] if sys.argv[2] else [])
paths = ["/new", "/etc/new", "/usr/new", "/proc/self/oom_score_adj", folder / "new", "/dev/null"]
tell([attempt(lambda: Path(path).write_text("0")) for path in paths])
"""
    said = in_process(code, folder, "without Landlock" if GIVEN else "")
    assert not {"done"}.intersection(said[:4])
    assert said[4:] == ["done", "done"]


def test_libraries_work_as_before(folder: Path) -> None:
    code = """
import importlib, sys
before = set(sys.modules)
seal()
with tempfile.NamedTemporaryFile() as file:
    temporary = file.name
import time, zoneinfo, ssl, sqlite3, multiprocessing
for name in ("flask", "httpx", "temporalio.client", "workerhost.client"):
    importlib.import_module(name)
assert not {"flask", "httpx"} & before
os.environ["TZ"] = "America/New_York"
time.tzset()
tell([
    os.getcwd(),
    str(Path(temporary).parent),
    len(ssl.create_default_context().get_ca_certs()) > 0 or "none on this machine",
    zoneinfo.ZoneInfo("Europe/Berlin").key,
    time.localtime(0).tm_zone,
    subprocess.run(["/bin/true"], stdin=subprocess.DEVNULL, check=True).returncode,
    subprocess.check_output([sys.executable, "-c", "import httpx; print(httpx.__name__)"], text=True),
    os.cpu_count() == len(os.sched_getaffinity(0)) or os.cpu_count(),
    socket.gethostbyname("localhost"),
])
"""
    said = in_process(code, folder)
    assert said[:2] == [str(folder)] * 2
    assert said[2] is True or not any(Path("/etc/ssl/certs").glob("*"))
    assert said[3:7] == ["Europe/Berlin", "EST", 0, "httpx\n"]
    assert said[7] is True or said[7] == os.cpu_count()
    assert said[8] == "127.0.0.1"


def test_what_is_written_is_bounded_in_all_and_gone_with_the_process(folder: Path) -> None:
    code = """
def fill():
    for number in range(10):
        Path(str(number)).write_bytes(bytes(200_000))

seal()
tell([attempt(fill), sorted(os.listdir()), attempt(lambda: Path("one more").write_bytes(bytes(100_000)))])
"""
    [filled, names, more] = in_process(code, folder)
    if GIVEN:
        assert (filled, more) == ("ENOSPC", "ENOSPC")
        assert names == ["0", "1", "2", "3", "4", "5"]
        assert list(folder.iterdir()) == []


def test_links_lead_where_they_led_and_what_lies_in_another_is_mounted_once(folder: Path, tmp_path: Path) -> None:
    inner = tmp_path / "real" / "inner"
    inner.mkdir(parents=True)
    (inner / "file").write_text("found")
    (tmp_path / "absolute").symlink_to(tmp_path / "real")
    (tmp_path / "relative").symlink_to("real/../absolute/inner")
    (tmp_path / "round").symlink_to("round")
    (tmp_path / "hidden").write_text("not named")
    code = """
outside = Path(sys.argv[2])
leave_network()
named = [outside / name for name in ("relative/file", "relative", "real/inner", "absolute", "round", "none/file")]
mounts.leave_mounts([*what_python_reads(), *named], folder, 1 << 20)
places = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
tell([
    [path.read_text() for path in (outside / "relative" / "file", outside / "absolute" / "inner" / "file")],
    sorted(os.listdir(outside)),
    [place for place in places if place.startswith(str(outside))],
    os.path.realpath("/bin"),
])
"""
    if GIVEN:
        texts, names, places, programs = in_process(code, folder, tmp_path)
        assert texts == ["found", "found"]
        assert names == ["absolute", "real", "relative"]
        assert places == [str(tmp_path / "real")]
        assert programs == os.path.realpath("/bin")


def test_the_mounts_of_the_machine_stay_as_they_were(folder: Path) -> None:
    code = """
def mounted():
    return Path("/proc/self/mountinfo").read_text(), sorted(os.listdir("/")), os.listdir(folder)

before = mounted()
heard, said = os.pipe()
held, end = os.pipe()
child = os.fork()
if child == 0:
    os.close(end)
    os.write(said, b"mounted" if seal().mounts else b"refused")
    os.read(held, 1)
    os._exit(0)
word = os.read(heard, 100).decode()
during = mounted()
os.close(end)
os.waitpid(child, 0)
tell([word, during == before, mounted() == before])
"""
    assert in_process(code, folder) == ["mounted" if GIVEN else "refused", True, True]


def test_the_folder_of_a_process_that_runs_can_be_removed(folder: Path) -> None:
    code = """
import shutil

heard, said = os.pipe()
if os.fork() == 0:
    seal()
    os.write(said, b"sealed")
    os.read(heard, 1)
os.read(heard, 6)
shutil.rmtree(folder)
os.mkdir(folder)  # which is removed by whoever has made it
tell(os.listdir(folder))
"""
    assert in_process(code.replace("    os.read(heard, 1)\n", "    os.read(0, 1)\n    os._exit(0)\n"), folder) == []


@pytest.mark.parametrize(
    ("step", "times"), [("unshare", 0), ("mount", 0), ("mount", 1), ("mount", 9), ("pivot_root", 0)]
)
def test_where_a_step_is_refused_the_rest_holds(folder: Path, sockets: list[str], step: str, times: int) -> None:
    code = f"""
real, calls = mounts.{step}, count()
mounts.{step} = lambda *arguments: (real if next(calls) < {times} else refuse)(*arguments)
sealed = seal()
import wave
(folder / "file").write_text("mine")
top, above = os.stat("/"), os.stat("/..")
tell([
    [sealed.mounts, sealed.landlock, sealed.network],
    (top.st_dev, top.st_ino) == (above.st_dev, above.st_ino),
    [os.getcwd(), Path("file").read_text(), subprocess.run(["/bin/true"]).returncode],
    [attempt(lambda: connect(path)) for path in sys.argv[2:]],
    attempt(lambda: open("/etc/fstab")),
])
"""
    sealed, same, works, reached, closed = in_process(code, folder, *sockets)
    assert sealed == [False, landlock_version(), IsolationKind.NETWORK in survey().names]
    assert same
    assert works == [str(folder), "mine", 0]
    assert reached == ["done", "done"]
    assert closed in {"EACCES", "ENOENT"} or not landlock_version()


def test_a_process_that_may_read_everything_keeps_its_mounts(folder: Path) -> None:
    code = 'sealed = seal([Path("/")])\ntell([sealed.mounts, os.path.exists("/run")])'
    assert in_process(code, folder) == [False, Path("/run").exists()]
