"""Why a running execution does not go on."""

from collections.abc import Callable

from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus

from workerhost.model import Project
from workerhost.runtime.executions.execution import Stuck
from workerhost.runtime.executions.stuck.no_worker import WorkerReport, WorkerWatch
from workerhost.runtime.executions.stuck.retries import failing_activity, failing_task


class StuckFinder:
    """Finds what keeps an execution. Used on the event loop of Temporal's connection.

    Args:
        status: tells what the workers of a project do, by its id; called in a thread of its own, and may block.
    """

    def __init__(self, status: Callable[[str], WorkerReport]) -> None:
        self._workers = WorkerWatch(status)

    async def find(self, client: Client, project: Project, described: WorkflowExecutionDescription) -> Stuck | None:
        """Return why the execution does not go on; None where it does, where it waits as its code says, or has ended.

        One that goes on costs nothing beside its description.

        Raises:
            RPCError: Temporal answered with an error.
            WorkerhostError: it could not be told what the project's workers do.
        """
        if described.status != WorkflowExecutionStatus.RUNNING:
            return None
        return (
            await self._workers.look(client, project, described.raw_description)
            or await failing_task(client, described)
            or await failing_activity(client, project, described)
        )


def may_be_stuck(described: WorkflowExecutionDescription) -> bool:
    """Return whether anything is pending that can keep an execution; what waits for a timer or a signal has nothing."""
    raw = described.raw_description
    return raw.HasField("pending_workflow_task") or bool(raw.pending_activities)
