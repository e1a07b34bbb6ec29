"""Asks the warm process to check builds, each with a time limit; project code never runs unchecked in the host."""

import json
import socket
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict

from workerhost.code.build import Build
from workerhost.code.check_process import BEGUN
from workerhost.code.checks import CheckResult
from workerhost.code.warm_process import WarmProcess
from workerhost.errors import BuildRefusedError, WorkerhostError
from workerhost.model import BuildSummary, Problem

WARM_UP_SECONDS = 60
"""How long a check waits for the warm process, which imports everything when it starts."""

TRIES = 3
"""How often a check is asked for where the warm process dies before it forks; other code may have killed it."""

LARGEST_RESULT = 4 * 1024**2
"""Bytes of a result, some ten thousand names and the types; code that is checked may send anything instead."""

CONCURRENT_CHECKS = 4
"""Checks at once, so that one project's endless loop does not keep the others waiting."""


class BuildChecker:
    """Checks builds. Safe to use from any thread; `check` blocks, for at most its time limit once it has begun.

    Args:
        warm_process: where checks are forked; starting and stopping it is its owner's business.
        timeout: seconds that one check may take.
        passthrough: packages that Temporal's sandbox takes from the process.
    """

    def __init__(self, warm_process: WarmProcess, timeout: float, passthrough: Iterable[str]) -> None:
        self._warm_process = warm_process
        self._timeout = timeout
        self._passthrough = tuple(passthrough)
        self._slots = threading.BoundedSemaphore(CONCURRENT_CHECKS)

    def check(self, build: Build) -> BuildSummary:
        """Check a build and return what it defines.

        Raises:
            BuildRefusedError: it must not run; the problems say why.
        """
        with self._slots:
            result = self._ask(build)
        if result.problems:
            raise BuildRefusedError(tuple(result.problems))
        return BuildSummary(
            project_id=build.project_id,
            id=build.id,
            modules=dict(build.modules),
            workflow_types=tuple(result.workflow_types),
            activity_names=tuple(result.activity_names),
            versions=build.versions,
            types=result.types.to_json(),
        )

    def _ask(self, build: Build) -> CheckResult:
        body = json.dumps({"build": asdict(build), "passthrough": self._passthrough}).encode()
        for _ in range(TRIES):
            ours, theirs = socket.socketpair()
            with ours, tempfile.TemporaryDirectory(prefix="workerhost-", ignore_cleanup_errors=True) as folder:
                asked = json.dumps({"kind": "check", "size": len(body), "folder": folder}).encode()
                with theirs:
                    child = self._warm_process.send(asked, theirs.fileno())
                try:
                    result = _exchange(ours, body, self._timeout)
                except TimeoutError:
                    self._warm_process.give_up(child, has_hung=True)
                    raise WorkerhostError(
                        f"the process that checks code did not begin within {WARM_UP_SECONDS} s; try again"
                    ) from None
            if result is not None:
                return result
            self._warm_process.give_up(child)
        raise WorkerhostError("the process that checks code ended before it began, again and again")


def _out_of_time(timeout: float, *, has_begun: bool) -> CheckResult:
    if not has_begun:
        raise TimeoutError
    reason = f"importing the code did not end within {timeout:g} s; code at module level must not wait or loop"
    return CheckResult(problems=[Problem(reason)])


def _exchange(connection: socket.socket, body: bytes, timeout: float) -> CheckResult | None:
    """Send one request to its child and wait for the result, or for the end of its time.

    The child ends when the connection is closed. The time runs from its first word on: before it, the warm process may
    still be importing. None where there never was a child, because the warm process died.

    Raises:
        TimeoutError: the child did not begin.
    """
    deadline = time.monotonic() + WARM_UP_SECONDS
    received, has_begun = bytearray(), False
    try:
        connection.settimeout(WARM_UP_SECONDS)
        connection.sendall(body)
        while len(received) <= LARGEST_RESULT:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            chunk = connection.recv(65536)
            if not chunk:
                break
            if not has_begun:
                has_begun, deadline = True, time.monotonic() + timeout
                chunk = chunk.removeprefix(BEGUN)
            received += chunk
    except TimeoutError:
        return _out_of_time(timeout, has_begun=has_begun)
    except OSError:
        received.clear()
    if not has_begun:
        return None
    if not received:
        return CheckResult(problems=[Problem("the code ended the Python process that imported it")])
    try:
        return CheckResult.from_json(bytes(received))
    except ValueError:
        return CheckResult(problems=[Problem("the code interferes with the process that checks it")])
