"""Starts that come with a signal or an update: it goes to the execution that runs, or to one that is begun for it."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
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
    answered,
    update_failure,
    update_outcome,
)
from workerhost.runtime.executions.operations import Executions
from workerhost.runtime.executions.starting.message import Message, SignalMessage, Started, UpdateMessage
from workerhost.runtime.executions.starting.start_options import ExecutionStart, IfExists, start_arguments
from workerhost.runtime.executions.starting.starts import TAKES_ITS_PLACE, already_runs, request_start
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.runtime.temporal.request_ids import naming_request
from workerhost.runtime.types.arguments import ArgumentChecker
from workerhost.words import MessageKind, RunId, WorkflowId

TRIES = 3
"""How often the execution of the id is looked for: it may end, or begin, in the moment in which it is sent to."""

SIGNAL_DELAY = timedelta(seconds=5)
"""How long a run that is begun for a signal waits for it at most, where the host dies between the two."""


class MessageStarts:
    """Sends something to the run of an id, or to one that it begins. Safe to use from any thread; every call may block.

    An open run is looked for first, and one of this project's is sent the message by its run id. An update goes with
    its start in one request, which Temporal refuses where the id is taken. Temporal's own request for a signal with a
    start would take whatever runs under the id, also a run of another project that has just begun. So the run is begun
    with a delay, and then sent the signal by its run id: a signal ends the delay, and the first task has it.

    Args:
        temporal: the way to Temporal.
        executions: sends signals.
        messages: sends updates.
        checker: refuses messages that do not fit.
    """

    def __init__(
        self, temporal: TemporalConnection, executions: Executions, messages: Messages, checker: ArgumentChecker
    ) -> None:
        self._temporal = temporal
        self._executions = executions
        self._messages = messages
        self._checker = checker

    def start(
        self,
        project: Project,
        workflow_id: WorkflowId,
        wanted: ExecutionStart,
        message: Message,
        *,
        checked: bool = True,
    ) -> Started:
        """Send the message to the execution that runs under the id, or to one that is begun.

        Args:
            project: on whose task queue it is started.
            workflow_id: names the execution.
            wanted: what to run, and how; `if_exists` says whether one that runs is sent the message (`USE`).
            message: what it is sent.
            checked: whether the build must have the signal or the update, and the arguments must fit it.

        Raises:
            NotFoundError: the code has no such signal or update.
            InvalidArgumentsError: the arguments of the message do not fit.
            ConflictError: an execution of that id runs and is another project's, or must not run; or no worker is there
                to answer an update.
            RefusedByCodeError: the code refuses the update; an execution that was begun for it goes on.
            TemporalUnavailableError: Temporal does not answer.
        """
        refuse_unsendable([*wanted.args, *message.args])
        if_exists = wanted.options.if_exists
        if isinstance(message, UpdateMessage):
            self._messages.refuse_without_worker(project)
        for _ in range(TRIES):
            found = self._running(project, workflow_id)
            try:
                if found is None:
                    if checked:
                        self._check(project, wanted, message)
                    return self._begin(project, workflow_id, wanted, message)
                if if_exists == IfExists.FAIL:
                    raise already_runs(workflow_id)
                if if_exists == IfExists.USE:
                    return self._send(project, workflow_id, found, message, wanted.options.request_id, checked=checked)
            except _TakenError:  # somebody else has begun one; it is looked at
                continue
            except (ConflictError, NotFoundError) as error:
                if found is None or error.code not in ("execution_closed", "execution_not_found"):
                    raise
                continue  # it has ended meanwhile
            with contextlib.suppress(ConflictError, NotFoundError):  # it has ended by itself
                self._executions.terminate(project, workflow_id, TAKES_ITS_PLACE)
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

    def _check(self, project: Project, wanted: ExecutionStart, message: Message) -> None:
        kind = MessageKind.SIGNAL if isinstance(message, SignalMessage) else MessageKind.UPDATE
        build = wanted.options.build
        self._checker.check_message(project, build, wanted.workflow_type, kind, message.name, message.args)

    def _send(  # noqa: PLR0913  as `start`
        self,
        project: Project,
        workflow_id: WorkflowId,
        run_id: RunId,
        message: Message,
        request_id: str | None,
        *,
        checked: bool,
    ) -> Started:
        if isinstance(message, SignalMessage):
            self._executions.signal(
                project,
                workflow_id,
                message.name,
                message.args,
                checked=checked,
                run_id=run_id,
                request_id=request_id,
            )
            return Started(workflow_id, run_id)
        update = self._messages.update(
            project,
            workflow_id,
            message.name,
            message.args,
            update_id=message.id,
            until=message.until,
            seconds=message.seconds,
            checked=checked,
            run_id=run_id,
        )
        return Started(workflow_id, run_id, update)

    def _begin(self, project: Project, workflow_id: WorkflowId, wanted: ExecutionStart, message: Message) -> Started:
        try:
            if isinstance(message, UpdateMessage):
                return self._begin_with_update(project, workflow_id, wanted, message)
            return self._begin_with_signal(project, workflow_id, wanted, message)
        except WorkflowAlreadyStartedError as error:
            self._refuse_foreign(project, workflow_id)
            raise _TakenError from error
        except RPCError as error:
            refuse_rpc_error(error, workflow_id)

    def _begin_with_signal(
        self, project: Project, workflow_id: WorkflowId, wanted: ExecutionStart, message: SignalMessage
    ) -> Started:
        options = wanted.options
        delayed = replace(wanted, options=replace(options, start_delay=options.start_delay or SIGNAL_DELAY))

        async def begin(client: Client) -> Started:
            run_id = await request_start(client, project, workflow_id, delayed)
            client = naming_request(client, options.request_id)
            begun = client.get_workflow_handle(workflow_id, run_id=run_id)
            try:
                await begun.signal(message.name, args=message.args, rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if not options.request_id or error.status != RPCStatusCode.NOT_FOUND:
                    raise  # otherwise the request was repeated, and the run that it began then has ended
            return Started(workflow_id, run_id)

        return self._temporal.call(begin, 2 * RPC_TIMEOUT.total_seconds())

    def _begin_with_update(
        self, project: Project, workflow_id: WorkflowId, wanted: ExecutionStart, message: UpdateMessage
    ) -> Started:
        async def begin(client: Client) -> Started:
            operation = WithStartWorkflowOperation[Any, Any](
                wanted.workflow_type,
                args=wanted.args,
                id=workflow_id,
                task_queue=project.task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                **await start_arguments(client, wanted.options),
            )
            try:
                handle = await client.start_update_with_start_workflow(
                    message.name,
                    args=message.args,
                    id=message.id,
                    wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                    start_workflow_operation=operation,
                    rpc_timeout=ANSWER_TIMEOUT,
                )
            except (RPCError, WorkflowAlreadyStartedError):
                with contextlib.suppress(RPCError, WorkflowAlreadyStartedError, TimeoutError):
                    # It holds the error as well, and would be logged with its traceback if nobody took it.
                    await asyncio.wait_for(operation.workflow_handle(), 1)
                raise
            try:
                update = await update_outcome(handle, message.until, message.seconds)
            except WorkflowUpdateFailedError as error:
                raise update_failure(workflow_id, message.name, error) from error
            begun = await operation.workflow_handle()
            return Started(workflow_id, RunId(begun.result_run_id or ""), update)

        return self._temporal.call(answered(project, begin), message.seconds + CALL_SECONDS)

    def _refuse_foreign(self, project: Project, workflow_id: WorkflowId) -> None:
        async def look(client: Client) -> None:
            try:
                await describe(client, project, workflow_id)
            except NotFoundError:
                raise already_runs(workflow_id) from None

        self._temporal.call(look, 2 * RPC_TIMEOUT.total_seconds())


class _TakenError(Exception):
    """An execution of the project has begun under the id meanwhile."""
