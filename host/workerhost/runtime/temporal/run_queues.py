"""Whose runs there are: the task queue of each names the project that it belongs to."""

import asyncio
from collections.abc import Collection
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workerhost.runtime.temporal.connection import TemporalConnection

_TIMEOUT = timedelta(seconds=1.2)
"""For all of them; a workflow task waits, and its SDK sees a deadlock after 2 s."""


class RunQueues:
    """Asks Temporal. Safe to use from any thread; blocks."""

    def __init__(self, temporal: TemporalConnection) -> None:
        self._temporal = temporal

    def of(self, workflow_ids: Collection[str]) -> dict[str, str]:
        """Return the task queues of the latest runs by their workflow ids; ids that no run has are left out.

        Raises:
            TemporalUnavailableError: it does not answer in time.
            TemporalRefusedError: it does not let this service in.
            RPCError: it answered with another error.
        """

        async def ask(client: Client) -> list[str | None]:
            return await asyncio.gather(*(_task_queue(client, each) for each in workflow_ids))

        found = self._temporal.call(ask, _TIMEOUT.total_seconds()) if workflow_ids else []
        return {workflow_id: queue for workflow_id, queue in zip(workflow_ids, found, strict=True) if queue is not None}


async def _task_queue(client: Client, workflow_id: str) -> str | None:
    execution = WorkflowExecution(workflow_id=workflow_id)
    request = DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=execution)
    try:
        answer = await client.workflow_service.describe_workflow_execution(request, timeout=_TIMEOUT)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise
    return answer.workflow_execution_info.task_queue
