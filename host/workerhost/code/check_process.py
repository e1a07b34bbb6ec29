"""The warm process: it has imported everything, and forks a child for each check and for each project process.

`workerhost.code.warm_process` starts it with one end of a socket as its standard input. Each message there is one
request, with a socket attached; what is forked for it ends when the other side of that socket is closed. A check writes
a line there when it begins, and its result last. A project process has a pipe for what it prints, too, and one to which
the warm process writes how it ended. The warm process has one thread, which makes forking safe, and ends when its
standard input is closed.
"""

import contextlib
import gc
import importlib
import itertools
import json
import os
import secrets
import signal
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workerhost.code.build import Build
from workerhost.code.checks import CheckResult, check_build
from workerhost.code.problems import problem_from
from workerhost.code.project_process.begin import run_project
from workerhost.code.sealing.contained import ContainedChildren
from workerhost.code.sealing.reach import what_python_reads
from workerhost.code.sealing.seal import Limits, seal
from workerhost.code.sealing.users import USERS, OwnUser, own_user

BEGUN = b"\n"
"""What is written before the result, so that the time of a check does not run while the warm process starts."""

LIMITS = Limits(memory=4 * 1024**3, file_size=64 * 1024**2, files=64 * 1024**2, open_files=1024, processes=128)
"""What a check may take, so that a module that takes without end is refused."""


def serve(requests: socket.socket) -> None:
    """Fork a child for each request until the other side closes."""
    forker = _Forker(requests)
    gc.collect()
    gc.freeze()  # or each child would copy all that a collection touches
    while forker.children.wait_for(requests):
        message, descriptors, flags, _ = socket.recv_fds(requests, 4096, 3)
        if not message:
            return
        if flags & socket.MSG_CTRUNC:  # this process may open no more of them; whoever asked sees them closed
            for each in descriptors:
                os.close(each)
            continue
        with socket.socket(fileno=descriptors[0]) as connection:
            asked = json.loads(message)
            if asked["kind"] == "check":
                forker.fork_check(asked, connection)
            else:
                forker.fork_project(asked, connection, *descriptors[1:])


class _Forker:
    """Forks what is asked for. Belongs to the one thread of the warm process."""

    def __init__(self, requests: socket.socket) -> None:
        self.children = ContainedChildren()
        self._requests = requests
        self._readable = what_python_reads()
        self._numbers = itertools.count(secrets.randbelow(USERS))  # so that those of several hosts are hardly the same

    def fork_check(self, asked: dict[str, Any], connection: socket.socket) -> None:
        """Check a build; where there can be no more processes, the connection is closed without a word."""
        user = self._user()
        with contextlib.suppress(OSError):
            self.children.fork(lambda: _check(asked, connection, self._readable, user), connection, self._requests)

    def fork_project(self, asked: dict[str, Any], connection: socket.socket, output: int, report: int) -> None:
        """Execute a project's code; where there can be no more processes, that is how its end is reported."""
        user = self._user()
        try:
            self.children.fork(
                lambda: run_project(asked, connection, output, self._readable, user),
                connection,
                self._requests,
                report=report,
            )
        except OSError as error:
            with contextlib.suppress(OSError):  # nobody wants to know any more
                os.write(report, f"there can be no more processes: {error.strerror}".encode())
            os.close(report)
        finally:
            os.close(output)

    def _user(self) -> OwnUser:
        return own_user(next(self._numbers))


def _check(asked: dict[str, Any], answers: socket.socket, readable: Iterable[Path], user: OwnUser) -> None:
    """Read the request, seal this process, and write the result of the check."""
    with answers, answers.makefile("rwb") as stream:
        stream.write(BEGUN)
        stream.flush()
        request = json.loads(stream.read(asked["size"]))
        seal(LIMITS, readable, Path(asked["folder"]), user)
        stream.write(json.dumps(_result(request).to_json()).encode())
        stream.flush()
        answers.shutdown(socket.SHUT_WR)  # the answer need not wait for the end of this process


def _result(request: dict[str, object]) -> CheckResult:
    build = Build(**request["build"])  # type: ignore[arg-type]
    try:
        return check_build(build, request["passthrough"])  # type: ignore[arg-type]
    except BaseException as error:
        return CheckResult(problems=[problem_from(error, build)])


def _import_early(modules: Iterable[str]) -> None:
    """Import modules of plugins, so that no child needs to; one that fails is left for the code that needs it."""
    for each in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(each)


def main() -> None:
    """Run as a process: take the socket from standard input and silence what checked code prints.

    The arguments are modules that the code of projects imports.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (sys.stdin.fileno(), sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(silence, descriptor)
    os.close(silence)
    _import_early(sys.argv[1:])
    serve(requests)


if __name__ == "__main__":
    main()
