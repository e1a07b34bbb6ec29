"""What takes several calls, written once for both clients: as generators that are handed each call's answer."""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from workerhost.client import calls
from workerhost.client.answers import Execution
from workerhost.client.calls import Call, Ramp, Smoke
from workerhost.client.deployments import Deployed, MoveReport
from workerhost.client.errors import ExecutionError
from workerhost.model import WorkflowCode

T = TypeVar("T")

POLL_SECONDS = 20.0
"""How long one call waits for an end: proxies often cut what is silent for a minute."""
FIRST_MOVE_SECONDS = 1.0
LOOK_SECONDS = 0.5
"""How often a client looks how far a move is."""


@dataclass(frozen=True)
class Pause:
    """Time to let pass before the next call."""

    seconds: float


Steps = Generator[Call[Any] | Pause, Any, T]
"""Yields calls and pauses, is sent the answers, and returns what all of it comes to."""


def deploy(  # noqa: PLR0913  what a deployment can be told
    project_id: str,
    codes: Sequence[WorkflowCode],
    *,
    start: bool,
    dry_run: bool,
    smoke: Smoke | None,
    ramp: float | Ramp | None,
) -> Steps[Deployed]:
    """Create the project, publish its workflows, start it."""
    if not dry_run:
        yield calls.put_project(project_id)
    published = yield calls.publish_all(project_id, codes, smoke, ramp, dry_run=dry_run)
    deployed = Deployed.model_validate(published.raw)
    if start and not dry_run:
        worker = yield calls.command("start", project_id, None)
        deployed = deployed.model_copy(update={"worker": worker})
    return deployed


def wait(project_id: str, workflow_id: str, timeout: float) -> Steps[Execution]:
    """Look at an execution until it has ended or the time is over."""
    deadline = time.monotonic() + timeout
    while True:
        left = max(0.0, deadline - time.monotonic())
        execution: Execution = yield calls.execution(project_id, workflow_id, min(left, POLL_SECONDS))
        if execution.has_ended or time.monotonic() >= deadline:
            return execution


def run(
    project_id: str, workflow_type: str, args: Sequence[Any], workflow_id: str | None, timeout: float
) -> Steps[Any]:
    """Begin an execution and wait for its result."""
    begun = yield calls.execute(project_id, workflow_type, args, workflow_id)
    execution = yield from wait(project_id, begun.workflow_id, timeout)
    if execution.status != "COMPLETED":
        raise ExecutionError(execution)
    return execution.result


def move_all(
    project_id: str,
    from_build: str,
    to_build: str,
    timeout: float | None,
    progress: Callable[[MoveReport], object] | None,
) -> Steps[MoveReport]:
    """Begin a move and look at it until it has ended or the time is over."""
    deadline = None if timeout is None else time.monotonic() + timeout
    first = FIRST_MOVE_SECONDS if timeout is None else min(timeout, FIRST_MOVE_SECONDS)
    report: MoveReport = yield calls.move_all(project_id, from_build, to_build, first)
    while True:
        if progress is not None:
            progress(report)
        if report.status != "running" or (deadline is not None and time.monotonic() >= deadline):
            return report
        yield Pause(LOOK_SECONDS)
        report = yield calls.move_report(project_id, report.move_id)
