"""Where the service runs as root, project code runs as a user of its own; everywhere its processes are bounded."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.sealing import fresh_process
from workerhost.code.sealing.survey import survey
from workerhost.code.sealing.users import FIRST_USER, USERS, may_change_users, own_user
from workerhost.words import IsolationKind

BECOME = """
import signal
from workerhost.code.sealing.users import become, own_user

user, folder = own_user(7), Path(sys.argv[1])
"""

SEAL = """
from workerhost.code.sealing.seal import Limits, seal
from workerhost.code.sealing.users import own_user

limits = Limits(memory=1 << 32, file_size=1 << 20, files=1 << 20, open_files=100, processes=8)
seal(limits, [], Path(sys.argv[1]), own_user(7))
"""

IS_ROOT = may_change_users()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder where others may go, as those are that the service makes for a process."""
    with tempfile.TemporaryDirectory(prefix="workerhost-") as name:
        yield Path(name)


def test_users_of_different_numbers_differ_until_they_come_again() -> None:
    assert {own_user(number) for number in range(USERS)} == set(range(FIRST_USER, FIRST_USER + USERS))
    assert own_user(USERS + 3) == own_user(3)
    assert FIRST_USER + USERS < 2**31


def test_a_process_of_root_becomes_a_user_in_no_other_group(folder: Path) -> None:
    code = "said = attempt(lambda: become(user, [], folder))\n"
    code += "tell([said, os.getresuid(), os.getresgid(), os.getgroups()])"
    said = fresh_process(BECOME + code, str(folder))
    if IS_ROOT:
        user = own_user(7)
        assert said == ["done", [user] * 3, [user] * 3, []]
    else:
        assert said == ["only root may become another user", [*os.getresuid()], [*os.getresgid()], os.getgroups()]


def test_it_does_not_get_root_back(folder: Path) -> None:
    code = "attempt(lambda: become(user, [], folder))\n"
    code += "tell([attempt(lambda: os.setuid(0)), attempt(lambda: os.setgroups([0]))])"
    assert fresh_process(BECOME + code, str(folder)) == ["EPERM", "EPERM"]


def test_files_and_processes_of_others_are_closed_to_it_and_its_folder_is_not(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    (tmp_path / "secret").chmod(0o600)
    code = """
    if os.geteuid() == 0:
        become(user, [], folder)
    tell([
        attempt(lambda: (folder / "mine").write_text("mine")),
        attempt(lambda: open(sys.argv[2]).read()),
        attempt(lambda: os.kill(int(sys.argv[3]), 0)),
    ])
    """
    said = fresh_process(BECOME + code.replace("\n    ", "\n"), str(folder), str(tmp_path / "secret"), str(os.getpid()))
    assert said == (["done", "EACCES", "EPERM"] if IS_ROOT else ["done", "done", "done"])
    assert (folder / "mine").read_text() == "mine"


def test_it_stays_root_where_the_user_could_not_read_what_it_needs(folder: Path) -> None:
    closed = folder / "python"
    closed.mkdir(mode=0o700)
    code = "before = os.getgroups()\nsaid = attempt(lambda: become(user, [Path(sys.argv[2])], folder))\n"
    said = fresh_process(
        BECOME + code + "tell([said, os.getresuid(), os.getgroups() == before, folder.stat().st_uid])",
        str(folder),
        str(closed),
    )
    reason = f"another user cannot reach {closed}" if IS_ROOT else "only root may become another user"
    assert said == [reason, [*os.getresuid()], True, os.getuid()]


def test_namespaces_are_made_after_and_before_the_change(folder: Path) -> None:
    code = """
    from workerhost.code.sealing.namespaces import ProcessIds, leave_network

    ids = ProcessIds.enter()
    if child := ids.fork():
        os.waitpid(child, 0)
        os._exit(0)
    changed = attempt(lambda: become(user, [], folder))
    left = attempt(leave_network)
    tell([changed, left, os.getpid(), os.getuid()])
    """
    said = fresh_process(BECOME + code.replace("\n    ", "\n"), str(folder))
    if IS_ROOT:
        assert said == ["done", "done", 1, own_user(7)]
    else:
        assert said[1:] == ["done", 1, os.getuid()]


def test_processes_are_bounded_whatever_others_run(folder: Path) -> None:
    # Others of the same user run beside it, and do not count.
    assert fresh_process(SEAL + "tell(forked(50))", str(folder)) == 7


def test_processes_are_bounded_by_the_user_alone_where_there_are_no_namespaces(folder: Path) -> None:
    code = """
from workerhost.code.sealing.namespaces import ProcessIds

ids = ProcessIds.enter()
Path("/proc/sys/user/max_user_namespaces").write_text("0")
if child := ids.fork():
    os.waitpid(child, 0)
    os._exit(0)
"""
    said = fresh_process(code + SEAL + "tell(forked(50))", str(folder))
    # The processes of an ordinary user count with those outside then, so that they are not bounded.
    assert said == (7 if IS_ROOT else 50)


def test_what_lies_above_what_it_reads_may_be_closed_to_it(folder: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "python").mkdir(parents=True)
    (closed / "python" / "module").write_text("x = 1")
    closed.chmod(0o700)
    code = """
sealed = seal(limits, [Path(sys.argv[2])], Path(sys.argv[1]), own_user(7))
read = attempt(lambda: (Path(sys.argv[2]) / "module").read_text())
tell([sealed.user, sealed.namespaces, sealed.mounts, read, os.getuid()])
"""
    said = fresh_process(SEAL.rpartition("\nseal(")[0] + code, str(folder), str(closed / "python"))
    has_mounts = IsolationKind.NAMESPACES in survey().names
    has_user = IS_ROOT and has_mounts
    assert said == [has_user, has_mounts, has_mounts, "done", own_user(7) if has_user else os.getuid()]
