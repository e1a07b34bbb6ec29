"""Executions of a project's workflows: look at, wait for, cancel, terminate, signal."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.service import RPCError, RPCStatusCode

from workerhost.model import Project
from workerhost.runtime.executions.details import details_of
from workerhost.runtime.executions.execution import Execution, build_of, execution_of
from workerhost.runtime.executions.failures import failure_sentence
from workerhost.runtime.executions.history.failure import Failure, failure_of_run
from workerhost.runtime.executions.history.latest import failed_try
from workerhost.runtime.executions.lookup import (
    describe,
    of_execution,
    refuse_closed,
    refuse_rpc_error,
    refuse_unsendable,
)
from workerhost.runtime.executions.stuck.finder import StuckFinder
from workerhost.runtime.executions.visibility import Run, run_of
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.runtime.temporal.request_ids import naming_request
from workerhost.runtime.temporal.rpc_failures import depends_on_call
from workerhost.runtime.types.arguments import ArgumentChecker
from workerhost.words import BuildId, MessageKind, RunId, WorkflowId

FIRST_LOOK_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 2.0
"""How often a call that waits for the end of an execution looks whether it has ended, beside waiting for its end."""


class Executions:
    """Executions on the task queues of projects. Safe to use from any thread; every call may block.

    Every call raises `TemporalUnavailableError` where the server does not answer.

    Args:
        temporal: the way to Temporal.
        stuck: finds why an execution that is looked at does not go on.
        checker: refuses signals that do not fit.
    """

    def __init__(self, temporal: TemporalConnection, stuck: StuckFinder, checker: ArgumentChecker) -> None:
        self._temporal = temporal
        self._stuck = stuck
        self._checker = checker

    def get(self, project: Project, workflow_id: WorkflowId, wait: float = 0) -> Execution:
        """Return the latest execution of that workflow id, after waiting at most `wait` seconds for its end.

        Raises:
            NotFoundError: the project has none.
        """

        async def get(client: Client) -> Execution:
            handle = client.get_workflow_handle(workflow_id)
            described = await describe(client, project, workflow_id)
            if wait > 0 and described.status == WorkflowExecutionStatus.RUNNING:
                await _wait_for_end(handle, wait)
                described = await describe(client, project, workflow_id)
            return await self.look(client, project, described)

        return self._temporal.call(
            of_execution(project, workflow_id, get), timeout=wait + 4 * RPC_TIMEOUT.total_seconds()
        )

    async def look(self, client: Client, project: Project, described: WorkflowExecutionDescription) -> Execution:
        """Return the execution of a description, with all that is known of it. Runs on the loop of the connection.

        Raises:
            RPCError: Temporal answered with an error.
            WorkerhostError: it could not be told what the project's workers do.
        """
        found, details, stuck = await asyncio.gather(
            _with_outcome(client, described),
            details_of(client, described),
            self._stuck.find(client, project, described),
        )
        failure = found.failure or (stuck.failure if stuck else None)
        return replace(found, details=details, stuck=stuck, failure=failure)

    def cancel(self, project: Project, workflow_id: WorkflowId, reason: str | None) -> None:
        """Ask a running execution to cancel itself.

        Raises:
            NotFoundError: the project has none that runs.
        """
        self._change(project, workflow_id, lambda handle: handle.cancel(reason=reason or "", rpc_timeout=RPC_TIMEOUT))

    def terminate(self, project: Project, workflow_id: WorkflowId, reason: str | None) -> None:
        """End a running execution at once.

        Raises:
            NotFoundError: the project has none that runs.
        """
        self._change(project, workflow_id, lambda handle: handle.terminate(reason=reason, rpc_timeout=RPC_TIMEOUT))

    def signal(  # noqa: PLR0913  all of it says what is sent
        self,
        project: Project,
        workflow_id: WorkflowId,
        name: str,
        args: Sequence[Any],
        *,
        checked: bool = True,
        run_id: RunId | None = None,
        request_id: str | None = None,
    ) -> RunId:
        """Send a signal to a running execution and return the id of the run that got it.

        Args:
            project: whose execution it is.
            workflow_id: names the execution.
            name: of the signal.
            args: of the signal.
            checked: whether the execution's build must have the signal, and the arguments must fit it.
            run_id: the run that is meant; None for the one that runs.
            request_id: names the request: another one of the same name changes nothing while the run is open.

        Raises:
            NotFoundError: the project has none, or its build has no such signal.
            ConflictError: it has ended.
            InvalidArgumentsError: the arguments do not fit.
        """
        refuse_unsendable(args)
        if checked:
            run, build = self.running(project, workflow_id)
            self._checker.check_message(project, build, run.workflow_type, MessageKind.SIGNAL, name, args, run.run_id)
        return self._change(
            project,
            workflow_id,
            lambda handle: handle.signal(name, args=args, rpc_timeout=RPC_TIMEOUT),
            run_id,
            request_id,
        )

    def running(self, project: Project, workflow_id: WorkflowId) -> tuple[Run, BuildId | None]:
        """Return the running execution of that workflow id, and the id of the build that its history names.

        Raises:
            NotFoundError: the project has none.
            ConflictError: it has ended.
        """

        async def look(client: Client) -> tuple[Run, BuildId | None]:
            described = await describe(client, project, workflow_id)
            refuse_closed(described)
            return run_of(described), build_of(described)

        return self._temporal.call(look)

    def _change(
        self,
        project: Project,
        workflow_id: WorkflowId,
        change: Callable[[WorkflowHandle[Any, Any]], Awaitable[None]],
        run_id: RunId | None = None,
        request_id: str | None = None,
    ) -> RunId:
        async def apply_once(client: Client) -> RunId:
            described = await describe(client, project, workflow_id, run_id)
            refuse_closed(described)
            # That run and no other: the id may be another project's by the time that Temporal is asked.
            await change(client.get_workflow_handle(workflow_id, run_id=described.run_id))
            return RunId(described.run_id)

        async def apply(client: Client) -> RunId:
            client = naming_request(client, request_id)
            try:
                return await apply_once(client)
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
            return await apply_once(client)  # another run has followed that one

        try:
            return self._temporal.call(apply, timeout=5 * RPC_TIMEOUT.total_seconds())
        except RPCError as error:
            refuse_rpc_error(error, workflow_id)


async def _wait_for_end(handle: WorkflowHandle[Any, Any], seconds: float) -> None:
    """Wait until the execution has ended, whatever its outcome is. The outcome is read afterwards."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    pause = FIRST_LOOK_SECONDS
    ended: asyncio.Future[Any] = asyncio.ensure_future(handle.result())
    try:
        while (left := deadline - loop.time()) > 0:
            done, _ = await asyncio.wait({ended}, timeout=min(pause, left))
            # An end in the moment in which the server begins to wait for it is sometimes not told, so it is looked at.
            if done or (await handle.describe(rpc_timeout=RPC_TIMEOUT)).status != WorkflowExecutionStatus.RUNNING:
                break
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        error = ended.exception() if ended.done() else None
        if isinstance(error, RPCError) and not depends_on_call(error):
            raise error
    finally:
        ended.cancel()


async def _with_outcome(client: Client, described: WorkflowExecutionDescription) -> Execution:
    if described.status in (None, WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW):
        return execution_of(described)
    handle = client.get_workflow_handle(described.id, run_id=described.run_id)
    try:
        result = await handle.result(follow_runs=False, rpc_timeout=RPC_TIMEOUT)
    except WorkflowFailureError as error:
        failure = await _failure(client, described, error.cause) if error.cause else None
        return execution_of(described, error=failure_sentence(error.cause), failure=failure)
    except RPCError:
        raise
    except Exception as error:
        return execution_of(described, error=f"the result cannot be shown: {error}")
    return execution_of(described, result=result)


async def _failure(client: Client, described: WorkflowExecutionDescription, error: BaseException) -> Failure:
    return failure_of_run(error, tried=await failed_try(client, described, error))
