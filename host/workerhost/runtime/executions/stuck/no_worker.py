"""Executions that do not go on because no worker takes a task of theirs."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from temporalio.api.enums.v1 import PendingActivityState, PendingWorkflowTaskState, TaskQueueType
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import Client

from workerhost.model import Project
from workerhost.runtime.executions.execution import Stuck
from workerhost.runtime.executions.stuck.pollers import list_pollers
from workerhost.runtime.temporal.connection import RPC_TIMEOUT
from workerhost.words import StuckCode, WorkerStatus

YOUNG = timedelta(seconds=10)
"""How long a task may wait for a worker that runs or starts before that is worth a word."""

SILENT = timedelta(seconds=90)
"""Workers that have not polled for so long are not counted on: a poll that gets nothing ends after a minute."""


class WorkerReport(Protocol):
    """What the workers of a project do, all of them together."""

    @property
    def status(self) -> WorkerStatus:
        """The status of the worker that does best."""

    @property
    def error(self) -> str | None:
        """What keeps it from running."""


@dataclass(frozen=True)
class _Waiting:
    """A task that no worker has taken yet."""

    kind: TaskQueueType.ValueType
    since: datetime
    attempts: int


class WorkerWatch:
    """Sees when no worker takes an execution's tasks. Used on the event loop of Temporal's connection.

    Args:
        status: tells what the workers of a project do, by its id; called in a thread of its own, and may block.
    """

    def __init__(self, status: Callable[[str], WorkerReport]) -> None:
        self._status = status

    async def look(
        self, client: Client, project: Project, described: DescribeWorkflowExecutionResponse
    ) -> Stuck | None:
        """Return why a task of the execution waits, if it waits for a worker and none is there to take it.

        Raises:
            WorkerhostError: it could not be told what the workers do.
        """
        waiting = min(_waiting_tasks(project, described), key=lambda task: task.since, default=None)
        if waiting is None:
            return None
        report = await asyncio.to_thread(self._status, project.id)
        is_young = datetime.now(UTC) - waiting.since < YOUNG
        if report.status in (WorkerStatus.STOPPED, WorkerStatus.FAILED) or not is_young:
            reason = why_no_worker(project, report) or await _who_polls(client, project, waiting.kind)
            return Stuck(waiting.since, reason, StuckCode.NO_WORKER, waiting.attempts) if reason else None
        return None


def _waiting_tasks(project: Project, described: DescribeWorkflowExecutionResponse) -> Iterator[_Waiting]:
    task = described.pending_workflow_task
    if task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED:
        since = task.original_scheduled_time.ToDatetime(UTC)
        yield _Waiting(TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, since, task.attempt - 1)
    for activity in described.pending_activities:
        is_waiting = activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
        if is_waiting and activity.activity_options.task_queue.name in ("", project.task_queue):
            has_failed = activity.HasField("last_attempt_complete_time")
            began = activity.last_attempt_complete_time if has_failed else activity.scheduled_time
            yield _Waiting(TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, began.ToDatetime(UTC), activity.attempt - 1)


def why_no_worker(project: Project, report: WorkerReport) -> str | None:
    """Return why no worker of the project runs; None where one does."""
    if project.pause is not None and report.status != WorkerStatus.RUNNING:
        return project.pause.sentence(project.id)
    reasons = {
        WorkerStatus.STOPPED: "is stopped, and the run waits for its start",
        WorkerStatus.STOPPING: "is being stopped, and no other worker of it runs",
        WorkerStatus.STARTING: f"does not take tasks yet: {report.error or 'its worker is starting'}",
        WorkerStatus.FAILED: f"has no worker that runs: {report.error or 'it has failed'}",
    }
    return f"project {project.id} {reasons[report.status]}" if report.status in reasons else None


async def _who_polls(client: Client, project: Project, kind: TaskQueueType.ValueType) -> str | None:
    """Return a sentence that nobody asks for tasks of the kind; None where somebody does."""
    pollers = await list_pollers(client, project, kind, RPC_TIMEOUT, retry=True)
    last = max((each.last_access_time.ToDatetime(UTC) for each in pollers), default=None)
    if last is not None and datetime.now(UTC) - last < SILENT:
        return None
    tasks = "activities" if kind == TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY else "workflow tasks"
    return (
        f"the worker of project {project.id} runs, but has not asked for {tasks} for more than "
        f"{SILENT.total_seconds():g} s; all that it may run at once may be taken"
    )
