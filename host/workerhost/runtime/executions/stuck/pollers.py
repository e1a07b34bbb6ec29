"""Who asks Temporal for the tasks of a project."""

from collections.abc import Sequence
from datetime import timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from workerhost.model import Project


async def list_pollers(
    client: Client, project: Project, kind: TaskQueueType.ValueType, rpc_timeout: timedelta, *, retry: bool = False
) -> Sequence[PollerInfo]:
    """Return the workers that have asked for tasks of the kind within the last minutes.

    Args:
        client: on the running loop.
        project: whose task queue is looked at.
        kind: of the tasks.
        rpc_timeout: how long Temporal may take to answer.
        retry: whether the SDK asks again where it does not.
    """
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=project.task_queue), task_queue_type=kind
    )
    answer = await client.workflow_service.describe_task_queue(request, retry=retry, timeout=rpc_timeout)
    return answer.pollers
