"""The warm process that checks builds: it has imported everything and forks a child for each check.

`workerhost.code.warm_process` starts it with one end of a socket as its standard input. Each message there is one
request, with the socket for its answer attached; the child that is forked for it writes its process id first and
its result last. It has one thread, which makes forking safe, and ends when its standard input is closed.
"""

import json
import os
import resource
import signal
import socket
import sys

from workerhost.code.build import Build
from workerhost.code.checks import CheckResult, check_build
from workerhost.code.problems import problem_from

MEMORY_LIMIT = 4 * 1024**3
"""Bytes of address space a check may use, so that a module that allocates without end is refused."""


def serve(requests: socket.socket) -> None:
    """Fork a child for each request until the other side closes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for; the caller sees their socket close
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        message, (answer_fd, *_), _, _ = _receive(requests)
        if not message:
            return
        if os.fork() == 0:
            requests.close()
            _check(message, socket.socket(fileno=answer_fd))
            os._exit(0)
        os.close(answer_fd)


def _receive(requests: socket.socket) -> tuple[bytes, list[int], int, object]:
    message, descriptors, flags, address = socket.recv_fds(requests, 64, 1)
    return message, descriptors or [-1], flags, address


def _check(message: bytes, answers: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()  # a group of its own, so that what the code starts can be ended with it
    with answers, answers.makefile("rwb") as stream:
        stream.write(f"{os.getpid()}\n".encode())
        stream.flush()
        request = json.loads(stream.read(int(message)))
        _, allowed = resource.getrlimit(resource.RLIMIT_AS)
        memory = MEMORY_LIMIT if allowed == resource.RLIM_INFINITY else min(MEMORY_LIMIT, allowed)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        stream.write(json.dumps(_result(request).to_json()).encode())
        stream.flush()


def _result(request: dict[str, object]) -> CheckResult:
    build = Build(**request["build"])  # type: ignore[arg-type]
    try:
        return check_build(build, request["passthrough"])  # type: ignore[arg-type]
    except BaseException as error:
        return CheckResult(problems=[problem_from(error, build)])


def main() -> None:
    """Run as a process: take the socket from standard input and silence what checked code prints."""
    requests = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (sys.stdin.fileno(), sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(silence, descriptor)
    serve(requests)


if __name__ == "__main__":
    main()
