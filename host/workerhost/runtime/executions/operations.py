"""Executions of a project's workflows: start, look at, wait for, cancel, terminate, signal."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import ConflictError, InvalidRequestError, NotFoundError
from workerhost.model import Project
from workerhost.runtime.builds.header import naming_build
from workerhost.runtime.executions.details import Beginning, beginning_of, details_of
from workerhost.runtime.executions.execution import Execution, build_of, execution_of, status_of
from workerhost.runtime.executions.failures import failure_sentence
from workerhost.runtime.executions.history.failure import failure_of_run
from workerhost.runtime.executions.lookup import describe, refuse_closed, refuse_unsendable
from workerhost.runtime.executions.request_ids import with_request_id
from workerhost.runtime.executions.start_options import IfExists, StartOptions, start_arguments
from workerhost.runtime.executions.stuck import StuckFinder
from workerhost.runtime.executions.visibility import Run
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.runtime.temporal.rpc_failures import depends_on_call
from workerhost.words import BuildId, RunId, WorkflowId

FIRST_LOOK_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 2.0
"""How often a call that waits for the end of an execution looks whether it has ended, beside waiting for its end."""


class Executions:
    """Executions on the task queues of projects. Safe to use from any thread; every call may block.

    Every call raises `TemporalUnavailableError` where the server does not answer.

    Args:
        temporal: the way to Temporal.
        stuck: finds why an execution that is looked at does not go on.
    """

    def __init__(self, temporal: TemporalConnection, stuck: StuckFinder) -> None:
        self._temporal = temporal
        self._stuck = stuck

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

        async def start(client: Client) -> tuple[WorkflowId, RunId]:
            client = with_request_id(client, options.request_id) if options.request_id else client
            handle = await (naming_build(client, options.build) if options.build else client).start_workflow(
                workflow_type,
                args=args,
                id=workflow_id,
                task_queue=project.task_queue,
                rpc_timeout=RPC_TIMEOUT,
                **await start_arguments(client, options),
            )
            return WorkflowId(handle.id), RunId(handle.result_run_id or "")

        try:
            return self._temporal.call(start)
        except WorkflowAlreadyStartedError as error:
            if options.if_exists != IfExists.FAIL:
                return self._start_instead(project, workflow_id, start, options.if_exists)
            raise _already_runs(workflow_id) from error
        except RPCError as error:
            _refuse(error, workflow_id)

    def _start_instead(
        self,
        project: Project,
        workflow_id: WorkflowId,
        start: Callable[[Client], Awaitable[tuple[WorkflowId, RunId]]],
        if_exists: IfExists,
    ) -> tuple[WorkflowId, RunId]:
        """Return the project's own execution that runs, or begin another one in its place.

        Temporal could do either in one step, and would do it to an execution of another project as well.
        """

        async def take(client: Client) -> tuple[WorkflowId, RunId]:
            try:
                described = await describe(client, project, workflow_id)
            except NotFoundError:
                raise _already_runs(workflow_id) from None
            if if_exists == IfExists.USE and described.status == WorkflowExecutionStatus.RUNNING:
                return workflow_id, RunId(described.run_id)
            if described.status == WorkflowExecutionStatus.RUNNING:
                handle = client.get_workflow_handle(workflow_id, run_id=described.run_id)
                with contextlib.suppress(RPCError):  # it has ended; if it has not, the start says so
                    await handle.terminate(reason="another execution takes its place", rpc_timeout=RPC_TIMEOUT)
            return await start(client)

        try:
            return self._temporal.call(take, 4 * RPC_TIMEOUT.total_seconds())
        except WorkflowAlreadyStartedError as error:
            raise _already_runs(workflow_id) from error
        except RPCError as error:
            _refuse(error, workflow_id)

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
            found, details, stuck = await asyncio.gather(
                _with_outcome(client, described),
                details_of(client, described),
                self._stuck.find(client, project, described),
            )
            return replace(found, details=details, stuck=stuck)

        return self._temporal.call(get, timeout=wait + 4 * RPC_TIMEOUT.total_seconds())

    def beginning(self, project: Project, workflow_id: WorkflowId) -> Beginning:
        """Return what the latest execution of that workflow id was started with.

        Raises:
            NotFoundError: the project has none.
        """

        async def read(client: Client) -> Beginning:
            return await beginning_of(client, await describe(client, project, workflow_id))

        return self._temporal.call(read)

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

    def signal(
        self,
        project: Project,
        workflow_id: WorkflowId,
        name: str,
        args: Sequence[Any],
        request_id: str | None = None,
    ) -> RunId:
        """Send a signal to a running execution and return the id of the run that got it.

        Args:
            project: whose execution it is.
            workflow_id: names the execution.
            name: of the signal.
            args: of the signal.
            request_id: names the request: another one of the same name changes nothing while the run is open.

        Raises:
            NotFoundError: the project has none that runs.
        """
        refuse_unsendable(args)
        return self._change(
            project, workflow_id, lambda handle: handle.signal(name, args=args, rpc_timeout=RPC_TIMEOUT), request_id
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
            run = Run(workflow_id, RunId(described.run_id), described.workflow_type, status_of(described))
            return run, build_of(described)

        return self._temporal.call(look)

    def _change(
        self,
        project: Project,
        workflow_id: WorkflowId,
        change: Callable[[WorkflowHandle[Any, Any]], Awaitable[None]],
        request_id: str | None = None,
    ) -> RunId:
        async def apply_once(client: Client) -> RunId:
            described = await describe(client, project, workflow_id)
            refuse_closed(described)
            # That run and no other: the id may be another project's by the time that Temporal is asked.
            await change(client.get_workflow_handle(workflow_id, run_id=described.run_id))
            return RunId(described.run_id)

        async def apply(client: Client) -> RunId:
            client = with_request_id(client, request_id) if request_id else client
            try:
                return await apply_once(client)
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
            return await apply_once(client)  # another run has followed that one

        try:
            return self._temporal.call(apply, timeout=5 * RPC_TIMEOUT.total_seconds())
        except RPCError as error:
            _refuse(error, workflow_id)


def _already_runs(workflow_id: WorkflowId) -> ConflictError:
    return ConflictError(
        f"an execution with the workflow id {workflow_id} is running; wait for its end or use another id",
        code="execution_running",
    )


def _refuse(error: RPCError, workflow_id: WorkflowId) -> NoReturn:
    if error.status == RPCStatusCode.NOT_FOUND:
        raise NotFoundError(f"execution {workflow_id} does not run", code="execution_not_found") from error
    if error.status in (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION):
        raise InvalidRequestError(f"Temporal refuses the request: {error.message}") from error
    raise error


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
        failure = failure_of_run(error.cause) if error.cause else None
        return execution_of(described, error=failure_sentence(error.cause), failure=failure)
    except RPCError:
        raise
    except Exception as error:
        return execution_of(described, error=f"the result cannot be shown: {error}")
    return execution_of(described, result=result)
