"""Starts that come with a signal or an update: it goes to the execution that runs, or to one that is begun for it."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowUpdateFailedError,
    WorkflowUpdateStage,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import ConflictError, NotFoundError
from workerhost.model import Project
from workerhost.runtime.executions.lookup import describe, refuse_rpc_error, refuse_unsendable
from workerhost.runtime.executions.messages import (
    ANSWER_TIMEOUT,
    CALL_SECONDS,
    Messages,
    Update,
    UpdateStage,
    answered,
    update_failure,
    update_outcome,
)
from workerhost.runtime.executions.operations import Executions
from workerhost.runtime.executions.starting.start_options import IfExists, StartOptions, start_arguments
from workerhost.runtime.executions.starting.starts import already_runs
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.words import RunId, WorkflowId

TRIES = 3
"""How often the execution of the id is looked for: it may end, or begin, in the moment in which it is sent to."""


@dataclass(frozen=True)
class SignalMessage:
    """A signal that comes with a start."""

    name: str
    args: Sequence[Any] = ()


@dataclass(frozen=True)
class UpdateMessage:
    """An update that comes with a start."""

    name: str
    args: Sequence[Any] = ()
    id: str | None = None
    """Names the update: a second one of the same id is the first one again. None for a new one."""
    until: UpdateStage = UpdateStage.COMPLETED
    """How far it must have come; one that is not so far in time is returned as accepted."""
    seconds: float = 30.0
    """To wait for that."""


Message = SignalMessage | UpdateMessage


@dataclass(frozen=True)
class Started:
    """The run that was sent something."""

    workflow_id: WorkflowId
    run_id: RunId
    update: Update | None = None
    """How far its update has come, if it was sent one."""


class MessageStarts:
    """Sends something to the run of an id, or to one that it begins. Safe to use from any thread; every call may block.

    An open run is looked for first, and one of this project's is sent the message by its run id. An update goes with
    its start in one request, which Temporal refuses where the id is taken. A signal goes with its start in one request,
    too, so that the first task has it, but that takes whatever runs under the id, and Temporal does not let it be told
    otherwise. So where another project's run begins under the same id between the look and the request, within
    milliseconds, that run gets the signal; the call is refused all the same. Ids that tell the project keep that from
    happening.

    Args:
        temporal: the way to Temporal.
        executions: sends signals.
        messages: sends updates.
    """

    def __init__(self, temporal: TemporalConnection, executions: Executions, messages: Messages) -> None:
        self._temporal = temporal
        self._executions = executions
        self._messages = messages

    def start(  # noqa: PLR0913, PLR0917  all of it says what is started
        self,
        project: Project,
        workflow_type: str,
        args: Sequence[Any],
        workflow_id: WorkflowId,
        message: Message,
        options: StartOptions,
    ) -> Started:
        """Send the message to the execution that runs under the id, or to one that is begun.

        Args:
            project: on whose task queue it is started.
            workflow_type: what to run.
            args: its arguments.
            workflow_id: names the execution.
            message: what it is sent.
            options: how it is to be started; `if_exists` says whether one that runs is sent the message (`USE`).

        Raises:
            NotFoundError: the code has no such update.
            ConflictError: an execution of that id runs and is another project's, or must not run; or no worker is there
                to answer an update.
            RefusedByCodeError: the code refuses the update; an execution that was begun for it goes on.
            TemporalUnavailableError: Temporal does not answer.
        """
        refuse_unsendable([*args, *message.args])
        if isinstance(message, UpdateMessage):
            self._messages.refuse_without_worker(project)
        for _ in range(TRIES):
            found = self._running(project, workflow_id)
            try:
                if found is None:
                    return self._begin(project, workflow_type, args, workflow_id, message, options)
                if options.if_exists == IfExists.FAIL:
                    raise already_runs(workflow_id)
                if options.if_exists == IfExists.USE:
                    return self._send(project, workflow_id, found, message)
            except _TakenError:  # somebody else has begun one; it is looked at
                continue
            except (ConflictError, NotFoundError) as error:
                if found is None or error.code not in ("execution_closed", "execution_not_found"):
                    raise
                continue  # it has ended meanwhile
            with contextlib.suppress(ConflictError, NotFoundError):  # it has ended by itself
                self._executions.terminate(project, workflow_id, "another execution takes its place")
        raise already_runs(workflow_id)

    def _running(self, project: Project, workflow_id: WorkflowId) -> RunId | None:
        """Return the id of the project's open run; None where none is open under the id.

        Raises:
            ConflictError: one of another project is open.
        """

        async def look(client: Client) -> RunId | None:
            try:
                described = await client.get_workflow_handle(workflow_id).describe(rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if error.status == RPCStatusCode.NOT_FOUND:
                    return None
                raise
            if described.status != WorkflowExecutionStatus.RUNNING:
                return None
            if described.task_queue != project.task_queue:
                raise already_runs(workflow_id)
            return RunId(described.run_id)

        return self._temporal.call(look)

    def _send(self, project: Project, workflow_id: WorkflowId, run_id: RunId, message: Message) -> Started:
        if isinstance(message, SignalMessage):
            self._executions.signal(project, workflow_id, message.name, message.args, run_id=run_id)
            return Started(workflow_id, run_id)
        update = self._messages.update(
            project,
            workflow_id,
            message.name,
            message.args,
            update_id=message.id,
            until=message.until,
            seconds=message.seconds,
            run_id=run_id,
        )
        return Started(workflow_id, run_id, update)

    def _begin(  # noqa: PLR0913, PLR0917  as `start`
        self,
        project: Project,
        workflow_type: str,
        args: Sequence[Any],
        workflow_id: WorkflowId,
        message: Message,
        options: StartOptions,
    ) -> Started:
        if isinstance(message, UpdateMessage):
            return self._begin_with_update(project, workflow_type, args, workflow_id, message, options)

        async def begin(client: Client) -> Started:
            handle = await client.start_workflow(
                workflow_type,
                args=args,
                id=workflow_id,
                task_queue=project.task_queue,
                start_signal=message.name,
                start_signal_args=message.args,
                rpc_timeout=RPC_TIMEOUT,
                **await start_arguments(client, options),
            )
            return Started(workflow_id, RunId(handle.result_run_id or ""))

        try:
            begun = self._temporal.call(begin)
        except RPCError as error:
            refuse_rpc_error(error, workflow_id)
        self._refuse_foreign(project, workflow_id, begun.run_id)
        return begun

    def _begin_with_update(  # noqa: PLR0913, PLR0917  as `start`
        self,
        project: Project,
        workflow_type: str,
        args: Sequence[Any],
        workflow_id: WorkflowId,
        message: UpdateMessage,
        options: StartOptions,
    ) -> Started:
        async def begin(client: Client) -> Started:
            operation = WithStartWorkflowOperation[Any, Any](
                workflow_type,
                args=args,
                id=workflow_id,
                task_queue=project.task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                **await start_arguments(client, options),
            )
            handle = await client.start_update_with_start_workflow(
                message.name,
                args=message.args,
                id=message.id,
                wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                start_workflow_operation=operation,
                rpc_timeout=ANSWER_TIMEOUT,
            )
            try:
                update = await update_outcome(handle, message.until, message.seconds)
            except WorkflowUpdateFailedError as error:
                raise update_failure(workflow_id, message.name, error) from error
            begun = await operation.workflow_handle()
            return Started(workflow_id, RunId(begun.result_run_id or ""), update)

        try:
            return self._temporal.call(answered(project, begin), message.seconds + CALL_SECONDS)
        except WorkflowAlreadyStartedError as error:
            self._refuse_foreign(project, workflow_id)
            raise _TakenError from error
        except RPCError as error:
            refuse_rpc_error(error, workflow_id)

    def _refuse_foreign(self, project: Project, workflow_id: WorkflowId, run_id: RunId | None = None) -> None:
        async def look(client: Client) -> None:
            try:
                await describe(client, project, workflow_id, run_id)
            except NotFoundError:
                raise already_runs(workflow_id) from None

        self._temporal.call(look, 2 * RPC_TIMEOUT.total_seconds())


class _TakenError(Exception):
    """An execution of the project has begun under the id meanwhile."""
