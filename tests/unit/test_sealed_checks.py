"""Code that is checked reaches nothing of the service, its neighbours or the network, and leaves nothing behind."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from support.checks import build_of, passes, refusal, warm_checker
from workerhost.code.checker import BuildChecker
from workerhost.code.loading import host_passthrough
from workerhost.code.sealing.survey import survey
from workerhost.code.warm_process import WarmProcess
from workerhost.testing import ECHO, eventually
from workerhost.words import IsolationKind


@pytest.fixture
def checker(warm_process: WarmProcess) -> BuildChecker:
    """A checker that gives each build all the time it needs."""
    return warm_checker(warm_process, 30)


def _is_running(*command: str) -> bool:
    return any(process.info["cmdline"] == [*command] for process in psutil.process_iter(["cmdline"]))


@pytest.mark.parametrize("flags", ["", "start_new_session=True", "preexec_fn=lambda: os.fork() and os._exit(0)"])
def test_what_the_code_starts_is_ended_with_its_check(checker: BuildChecker, flags: str) -> None:
    command = "sleep", f"61.{os.getpid()}{len(flags)}"
    code = f"import os, subprocess\n\nsubprocess.Popen({command!r}, {flags})\n"
    checker.check(build_of(ECHO, code))
    eventually(lambda: not _is_running(*command))


def test_what_the_code_forks_is_ended_when_the_time_is_up(warm_process: WarmProcess) -> None:
    hasty = warm_checker(warm_process, 2)
    command = "sleep", f"62.{os.getpid()}"
    code = f"import os, subprocess\n\nif os.fork() == 0:\n    os.setsid()\nsubprocess.run({command!r})\n"
    assert "did not end within 2 s" in refusal(hasty, code)
    eventually(lambda: not _is_running(*command))


def test_the_environment_of_no_process_of_the_service_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "PGPASSWORD", "TEMPORAL_API_KEY"):
        monkeypatch.setenv(name, "s3cret")
    seen = """
import glob, os

found = dict(os.environ)
for path in glob.glob("/proc/*/environ"):
    with open(path) as file:
        found[path] = file.read()
raise RuntimeError(str(found))
"""
    process = WarmProcess()
    try:
        said = refusal(BuildChecker(process, 10, host_passthrough(())), seen)
    finally:
        process.stop()
    assert "PATH" in said
    assert "s3cret" not in said


def _is_closed(said: str) -> bool:
    """Tell whether code could not open a file; with mounts of its own there are none for it."""
    return "FileNotFoundError" in said or "PermissionError" in said


@pytest.mark.parametrize("path", ["{host}", "/proc/{parent}/environ", "/proc/{parent}/root{host}", "/etc/shadow"])
def test_files_of_the_machine_are_not_read(checker: BuildChecker, tmp_path: Path, path: str) -> None:
    (tmp_path / ".env").write_text("s3cret")
    path = path.format(host=tmp_path / ".env", parent=os.getpid())
    assert _is_closed(refusal(checker, f"open({path!r}).read()\n"))


def test_nothing_is_written_but_to_a_folder_that_is_removed(checker: BuildChecker, tmp_path: Path) -> None:
    assert _is_closed(refusal(checker, f"open({str(tmp_path / 'new')!r}, 'w')\n"))
    said = refusal(checker, "import tempfile\nraise RuntimeError(tempfile.NamedTemporaryFile(delete=False).name)\n")
    name = Path(said.rpartition(" ")[2])
    assert name.parent.name.startswith("workerhost-")
    eventually(lambda: not name.parent.exists())
    assert "OSError" in refusal(checker, "open('large', 'wb').truncate(1 << 40)\n")


def test_nothing_is_connected_to(checker: BuildChecker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 5)\n"
        said = refusal(checker, code)
    assert "PermissionError" in said or "unreachable" in said


def test_no_process_of_the_service_is_signalled(checker: BuildChecker) -> None:
    for sent in (f"os.kill({os.getpid()}, 9)", "os.kill(-1, 9)", "os.killpg(0, 9)", "os.kill(os.getppid(), 9)"):
        refusal(checker, f"import os\n{sent}\nraise RuntimeError('it goes on')\n")
    assert passes(checker)


def test_forking_without_end_hurts_nobody(checker: BuildChecker) -> None:
    # Bounded by the test as well, where it has to be: root's processes are not counted.
    bomb = """
import os

held, end = os.pipe()
for number in range(300):
    if os.fork() == 0:
        os.close(end)
        os.read(held, 1)
        os._exit(0)
raise RuntimeError("300 forked")
"""
    said = refusal(checker, bomb)
    given = survey().names
    if IsolationKind.USER in given or (IsolationKind.NAMESPACES in given and os.geteuid() != 0):
        assert "BlockingIOError" in said
    else:
        assert "300 forked" in said
    assert passes(checker)


def test_no_right_of_root_is_left(checker: BuildChecker) -> None:
    said = refusal(checker, "import os\nos.setgroups([0])\n")
    assert "PermissionError" in said
    said = refusal(checker, "import os\nos.mknod('device', 0o20600, os.makedev(1, 3))\n")
    assert "PermissionError" in said


def test_the_code_makes_no_namespaces_and_looks_into_no_process(checker: BuildChecker) -> None:
    for call in ("unshare(0x10000000)", "ptrace(0, 0, 0, 0)", "mount(None, None, None, 0, None)"):
        code = f"import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.{call}\n"
        assert "Operation not permitted" in refusal(
            checker, f"{code}raise RuntimeError(os.strerror(ctypes.get_errno()))\n"
        )


def test_no_file_is_open_but_the_way_of_the_answer(checker: BuildChecker) -> None:
    code = """
import os

found = []
for descriptor in range(3, 1000):
    try:
        found.append(os.fstat(descriptor))
    except OSError:
        pass
raise RuntimeError(f"{len(found)} open")
"""
    assert "1 open" in refusal(checker, code)


@pytest.mark.parametrize("answer", ["x" * 1000, '{"problems":[' + "{}," * 1000, '{"workflow_types":["' + '","' * 1000])
def test_an_answer_without_end_is_refused_with_little_memory(checker: BuildChecker, answer: str) -> None:
    flood = f"""
import os

for descriptor in range(3, 100):
    try:
        while True:
            os.write(descriptor, {answer!r}.encode())
    except OSError:
        pass
"""
    before = psutil.Process().memory_info().rss
    assert "interferes with the process that checks it" in refusal(checker, flood)
    assert psutil.Process().memory_info().rss - before < 100 * 1024**2


def test_all_of_this_holds_where_the_kernel_gives_no_namespaces() -> None:
    command = f"echo 0 >/proc/sys/user/max_user_namespaces && exec {sys.executable} -m pytest -q -p no:cacheprovider"
    command += f" {Path(__file__).with_name('test_sealed_checks.py')} -k 'not no_namespaces'"
    ended = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", command], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout
