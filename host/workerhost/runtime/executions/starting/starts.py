"""Starting executions of any type on a project's task queue."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from workerhost.errors import ConflictError, NotFoundError
from workerhost.model import Project
from workerhost.runtime.builds.header import naming_build
from workerhost.runtime.executions.details import Beginning, beginning_of
from workerhost.runtime.executions.lookup import describe, of_execution, refuse_rpc_error, refuse_unsendable
from workerhost.runtime.executions.starting.start_options import ExecutionStart, IfExists, StartOptions, start_arguments
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.runtime.temporal.request_ids import naming_request
from workerhost.words import RunId, WorkflowId

TAKES_ITS_PLACE = "another execution takes its place"
"""Why an execution was ended whose workflow id was asked for anew."""


class Starts:
    """Starts executions. Safe to use from any thread; every call may block.

    Every call raises `TemporalUnavailableError` where the server does not answer.

    Args:
        temporal: the way to Temporal.
    """

    def __init__(self, temporal: TemporalConnection) -> None:
        self._temporal = temporal

    def start(
        self,
        project: Project,
        workflow_type: str,
        args: Sequence[Any],
        workflow_id: WorkflowId,
        options: StartOptions = StartOptions(),  # noqa: B008  it cannot be changed
    ) -> tuple[WorkflowId, RunId]:
        """Start an execution and return its workflow id and run id.

        Args:
            project: on whose task queue it is started.
            workflow_type: what to run.
            args: its arguments.
            workflow_id: names the execution.
            options: how it is to be started.

        Raises:
            ConflictError: an execution of that id runs.
        """
        refuse_unsendable(args)
        requests = 1 if options.if_exists == IfExists.FAIL else 3
        return self._temporal.call(
            lambda client: begin_execution(
                client, project, workflow_id, ExecutionStart(workflow_type, args, options=options)
            ),
            (1 + requests) * RPC_TIMEOUT.total_seconds(),
        )

    def beginning(self, project: Project, workflow_id: WorkflowId) -> Beginning:
        """Return what the latest execution of that workflow id was started with.

        Raises:
            NotFoundError: the project has none.
        """

        async def read(client: Client) -> Beginning:
            return await beginning_of(client, await describe(client, project, workflow_id))

        return self._temporal.call(of_execution(project, workflow_id, read))


async def begin_execution(
    client: Client, project: Project, workflow_id: WorkflowId, wanted: ExecutionStart
) -> tuple[WorkflowId, RunId]:
    """Start an execution as `Starts.start` does, on the running loop, and return its workflow id and run id.

    Args:
        client: on the running loop.
        project: on whose task queue it is started.
        workflow_id: names the execution.
        wanted: what to run, with arguments that can be sent, and how.

    Raises:
        ConflictError: an execution of that id runs.
        InvalidRequestError: Temporal does not take what is asked.
        RPCError: Temporal answered with another error, or not at all.
    """

    async def start() -> tuple[WorkflowId, RunId]:
        return workflow_id, await request_start(client, project, workflow_id, wanted)

    try:
        try:
            return await start()
        except WorkflowAlreadyStartedError:
            if wanted.options.if_exists == IfExists.FAIL:
                raise
            return await _begin_instead(client, project, workflow_id, start, wanted.options.if_exists)
    except WorkflowAlreadyStartedError as error:
        raise already_runs(workflow_id) from error
    except RPCError as error:
        refuse_rpc_error(error, workflow_id)


async def request_start(client: Client, project: Project, workflow_id: WorkflowId, wanted: ExecutionStart) -> RunId:
    """Ask Temporal once for an execution, on the running loop, and return the id of its run.

    Args:
        client: on the running loop.
        project: on whose task queue it is started.
        workflow_id: names the execution.
        wanted: what to run, and how; `if_exists` does not count here.

    Raises:
        WorkflowAlreadyStartedError: an execution of that id runs, perhaps another project's.
        InvalidRequestError: the server does not know a search attribute, or it has another type.
        RPCError: Temporal answered with another error, or not at all.
    """
    options = wanted.options
    arguments = await start_arguments(client, options)
    client = naming_request(client, options.request_id)
    client = naming_build(client, options.build) if options.build else client
    handle = await client.start_workflow(
        wanted.workflow_type,
        args=wanted.args,
        id=workflow_id,
        task_queue=project.task_queue,
        rpc_timeout=RPC_TIMEOUT,
        **arguments,
    )
    return RunId(handle.result_run_id or "")


async def _begin_instead(
    client: Client,
    project: Project,
    workflow_id: WorkflowId,
    start: Callable[[], Awaitable[tuple[WorkflowId, RunId]]],
    if_exists: IfExists,
) -> tuple[WorkflowId, RunId]:
    """Return the project's own execution that runs, or begin another one in its place.

    Temporal could do either in one step, and would do it to an execution of another project as well.
    """
    try:
        described = await describe(client, project, workflow_id)
    except NotFoundError:
        raise already_runs(workflow_id) from None
    if if_exists == IfExists.USE and described.status == WorkflowExecutionStatus.RUNNING:
        return workflow_id, RunId(described.run_id)
    if described.status == WorkflowExecutionStatus.RUNNING:
        handle = client.get_workflow_handle(workflow_id, run_id=described.run_id)
        with contextlib.suppress(RPCError):  # it has ended; if it has not, the start says so
            await handle.terminate(reason=TAKES_ITS_PLACE, rpc_timeout=RPC_TIMEOUT)
    return await start()


def already_runs(workflow_id: WorkflowId) -> ConflictError:
    """Return the error for a workflow id that is taken."""
    return ConflictError(
        f"an execution with the workflow id {workflow_id} is running; wait for its end or use another id",
        code="execution_running",
    )
