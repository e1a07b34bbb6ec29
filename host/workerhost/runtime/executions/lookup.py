"""Finding an execution among those of a project, and what stands against asking it for something."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn, TypeVar

import pydantic_core
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.common import RawValue
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import ConflictError, InvalidRequestError, NotFoundError
from workerhost.model import Project
from workerhost.runtime.executions.execution import status_of
from workerhost.runtime.temporal.connection import RPC_TIMEOUT
from workerhost.runtime.temporal.rpc_failures import request_refused
from workerhost.words import ExecutionStatus, RunId, WorkflowId

T = TypeVar("T")


async def describe(
    client: Client, project: Project, workflow_id: WorkflowId, run_id: RunId | None = None
) -> WorkflowExecutionDescription:
    """Return what Temporal says of an execution of the project, or of one of its runs; without one, of the latest.

    Raises:
        NotFoundError: the project has none.
        RPCError: Temporal answered with another error.
    """
    missing = _missing(project, workflow_id, run_id)
    try:
        described = await client.get_workflow_handle(workflow_id, run_id=run_id).describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
            raise missing from error
        raise
    if described.task_queue != project.task_queue:  # another project's in the same namespace
        raise missing
    return described


def of_execution(
    project: Project, workflow_id: WorkflowId, read: Callable[[Client], Awaitable[T]]
) -> Callable[[Client], Awaitable[T]]:
    """Return what reads something of an execution, with a sentence where it is deleted after it was found."""

    async def read_or_miss(client: Client) -> T:
        try:
            return await read(client)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                raise _missing(project, workflow_id) from error
            raise

    return read_or_miss


def _missing(project: Project, workflow_id: WorkflowId, run_id: RunId | None = None) -> NotFoundError:
    return NotFoundError(
        f"project {project.id} has no execution with the workflow id {workflow_id}"
        + (f" and the run id {run_id}" if run_id else ""),
        code="execution_not_found",
    )


def refuse_closed(described: WorkflowExecutionDescription) -> None:
    """Raise `ConflictError` where the execution has ended."""
    if described.status != WorkflowExecutionStatus.RUNNING:
        raise closed_error(WorkflowId(described.id), status_of(described))


def closed_error(workflow_id: WorkflowId, status: ExecutionStatus) -> ConflictError:
    """Return the error for what is asked of an execution that has ended with that status."""
    return ConflictError(f"execution {workflow_id} is {status} and no longer runs", code="execution_closed")


def refuse_unsendable(args: Sequence[Any]) -> None:
    """Raise an error for what a JSON body can hold and Temporal's JSON cannot: half a surrogate pair, deep nesting."""
    try:
        pydantic_core.to_json([each for each in args if not isinstance(each, RawValue)])  # those come from there
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("args hold something that cannot be sent to Temporal as JSON") from error


def refuse_rpc_error(error: RPCError, workflow_id: WorkflowId) -> NoReturn:
    """Raise the error that is answered where Temporal refused something about an execution.

    Raises:
        NotFoundError: it does not run.
        InvalidRequestError: what was asked does not fit.
        RPCError: Temporal answered with another error.
    """
    if error.status == RPCStatusCode.NOT_FOUND:
        raise NotFoundError(f"execution {workflow_id} does not run", code="execution_not_found") from error
    if error.status in (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION):
        raise request_refused(error.message) from error
    raise error
