"""The warm process that checks builds: it has imported everything and forks a child for each check.

`workerhost.code.warm_process` starts it with one end of a socket as its standard input. Each message there is one
request, with the socket for its answer attached. What is forked for it writes a line when it begins, and its result
last, and ends when the other side of that socket is closed. The warm process has one thread, which makes forking safe,
and ends when its standard input is closed.
"""

import gc
import itertools
import json
import os
import secrets
import signal
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

from workerhost.code.build import Build
from workerhost.code.checks import CheckResult, check_build
from workerhost.code.problems import problem_from
from workerhost.code.sealing.contained import ContainedChildren
from workerhost.code.sealing.reach import what_python_reads
from workerhost.code.sealing.seal import Limits, seal
from workerhost.code.sealing.users import USERS, OwnUser, own_user

BEGUN = b"\n"
"""What is written before the result, so that the time of a check does not run while the warm process starts."""

LIMITS = Limits(memory=4 * 1024**3, file_size=64 * 1024**2, open_files=1024, processes=128)
"""What a check may take, so that a module that takes without end is refused."""


def serve(requests: socket.socket) -> None:
    """Fork a child for each request until the other side closes."""
    readable = what_python_reads()
    gc.collect()
    gc.freeze()  # or each child would copy all that a collection touches
    children = ContainedChildren()
    numbers = itertools.count(secrets.randbelow(USERS))  # so that those of several hosts are hardly ever the same
    while children.wait_for(requests):
        message, answer = _receive(requests)
        if answer is None:
            return
        user = own_user(next(numbers))
        with answer:
            children.fork(lambda: _check(message, answer, readable, user), answer, requests)  # noqa: B023  called at once


def _receive(requests: socket.socket) -> tuple[bytes, socket.socket | None]:
    message, descriptors, _, _ = socket.recv_fds(requests, 4096, 1)
    return message, socket.socket(fileno=descriptors[0]) if descriptors else None


def _check(message: bytes, answers: socket.socket, readable: Iterable[Path], user: OwnUser) -> None:
    """Read the request, seal this process, and write the result of the check."""
    asked = json.loads(message)
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


def main() -> None:
    """Run as a process: take the socket from standard input and silence what checked code prints."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (sys.stdin.fileno(), sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(silence, descriptor)
    os.close(silence)
    serve(requests)


if __name__ == "__main__":
    main()
