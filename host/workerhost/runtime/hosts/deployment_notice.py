"""A word in Temporal for hosts that others have given up: that a project's deployment has changed without them.

The word is an execution that nobody runs, on a task queue of its own, which Temporal ends after a while. Its memo has
the revision of the deployment. Unlike Temporal's lists of runs, it can be read as soon as it is written.
"""

import logging
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import WorkerhostError
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection

log = logging.getLogger(__name__)

KIND = QUEUE = "workerhost-deployments"
KEPT = timedelta(days=1)
"""How long a host may be cut off and still find the word."""

REVISION = "revision"


def leave_notice(temporal: TemporalConnection, project_id: str, revision: int) -> None:
    """Leave word that a deployment of the project has that revision by now. Blocks; never raises.

    A Temporal that does not answer gives no new runs to the hosts that were given up, either.
    """

    async def leave(client: Client) -> None:
        await client.start_workflow(
            KIND,
            id=_notice_id(project_id),
            task_queue=QUEUE,
            memo={REVISION: revision},
            execution_timeout=KEPT,
            id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
            rpc_timeout=RPC_TIMEOUT,
        )

    try:
        temporal.call(leave)
    except (WorkerhostError, RPCError) as error:
        log.warning("hosts that were given up cannot be told of the deployment of project %s: %s", project_id, error)


async def read_notice(client: Client, project_id: str, rpc_timeout: timedelta) -> int:
    """Return the revision of the project's deployment of which there is word, or 0."""
    try:
        described = await client.get_workflow_handle(_notice_id(project_id)).describe(rpc_timeout=rpc_timeout)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return 0
        raise
    return int(await described.memo_value(REVISION, 0))


def _notice_id(project_id: str) -> str:
    return f"workerhost-deployment-of-{project_id}"
