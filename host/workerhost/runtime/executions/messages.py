"""Queries and updates: what is asked of a run's code, and answered by it."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateHandle,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import ConflictError, NotFoundError, RefusedByCodeError, WorkerhostError
from workerhost.model import Project
from workerhost.runtime.executions.execution import Execution, execution_of
from workerhost.runtime.executions.failures import clean, failure_sentence, without_folders
from workerhost.runtime.executions.history.values import as_json
from workerhost.runtime.executions.lookup import closed_error, describe, refuse_closed, refuse_unsendable
from workerhost.runtime.executions.stuck.no_worker import WorkerReport, why_no_worker
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.runtime.types.arguments import OWN_NAMES, ArgumentChecker
from workerhost.words import ExecutionStatus, MessageKind, RunId, WorkflowId

T = TypeVar("T")

ANSWER_TIMEOUT = timedelta(seconds=10)
"""How long a worker has to answer a query, or to take an update."""

CALL_SECONDS = (ANSWER_TIMEOUT + RPC_TIMEOUT).total_seconds()


class UpdateStage(StrEnum):
    """How far an update has come."""

    ACCEPTED = "accepted"
    COMPLETED = "completed"


@dataclass(frozen=True)
class Update:
    """An update that a run has taken."""

    id: str
    stage: UpdateStage
    result: Any = None
    """What it returned, where it has completed."""


class Messages:
    """Queries and updates of the runs of projects. Safe to use from any thread; every call may block.

    Every call raises `TemporalUnavailableError` where the server does not answer, `NotFoundError` where the project has
    no such execution or its code nothing of that name, `InvalidArgumentsError` where the arguments do not fit,
    `ConflictError` where no worker is there to answer, and `RefusedByCodeError` where the code refuses what is asked,
    or fails at it.

    Args:
        temporal: the way to Temporal.
        status: tells what the workers of a project do, by its id.
        checker: refuses what does not fit.
    """

    def __init__(
        self, temporal: TemporalConnection, status: Callable[[str], WorkerReport], checker: ArgumentChecker
    ) -> None:
        self._temporal = temporal
        self._status = status
        self._checker = checker

    def query(  # noqa: PLR0913  all of it says what is asked
        self,
        project: Project,
        workflow_id: WorkflowId,
        name: str,
        args: Sequence[Any],
        *,
        checked: bool = True,
        answer_within: timedelta = ANSWER_TIMEOUT,
    ) -> Any:
        """Return what the latest run of that workflow id answers to a query.

        Args:
            project: whose run it is.
            workflow_id: of the run.
            name: of the query.
            args: of the query.
            checked: whether the run's build must have the query, and the arguments must fit it.
            answer_within: how long a worker has.
        """
        refuse_unsendable(args)
        found = self._find(project, workflow_id, is_open=False)
        self.refuse_without_worker(project)
        if checked:
            self._check(project, found, MessageKind.QUERY, name, args)
        run_id = found.run_id

        async def ask(client: Client) -> Any:
            handle = client.get_workflow_handle(workflow_id, run_id=run_id)
            found = as_json(await handle.query(name, args=args, rpc_timeout=answer_within))
            return json.loads(without_folders(json.dumps(found))) if name.startswith(OWN_NAMES) else found

        try:
            return self._temporal.call(answered(project, ask), CALL_SECONDS)
        except WorkflowQueryFailedError as error:
            if error.message.startswith(f"Query handler for '{name}'"):
                said = f"execution {workflow_id}: {clean(error.message)}"
                raise NotFoundError(said, code="query_not_found") from error
            raise RefusedByCodeError(f"the query {name} failed: {clean(error.message)}", code="query_failed") from error
        except (ValueError, RecursionError) as error:
            raise RefusedByCodeError(f"what the query {name} answers cannot be read", code="query_failed") from error

    def update(  # noqa: PLR0913  all of it says what is asked
        self,
        project: Project,
        workflow_id: WorkflowId,
        name: str,
        args: Sequence[Any],
        *,
        update_id: str | None,
        until: UpdateStage,
        seconds: float,
        checked: bool = True,
        run_id: RunId | None = None,
    ) -> Update:
        """Have the latest run of that workflow id take an update, and wait until it has.

        Args:
            project: whose run it is.
            workflow_id: of the run.
            name: of the update.
            args: of the update.
            update_id: names the update: a second one of the same id is the first one again, also where the run has
                ended since. None for a new one.
            until: how far it must have come; one that is not so far after `seconds` is returned as accepted.
            seconds: to wait.
            checked: whether the run's build must have the update, and the arguments must fit it.
            run_id: of the run, where it is known to be the project's; None for the latest one.
        """
        refuse_unsendable(args)
        if checked or run_id is None:
            found = self._find(project, workflow_id, is_open=update_id is None)
            if update_id is not None and found.status != ExecutionStatus.RUNNING:
                return self._taken_before(workflow_id, found, name, update_id)
            self.refuse_without_worker(project)
            run_id = run_id or found.run_id
            if checked:
                self._check(project, found, MessageKind.UPDATE, name, args)

        async def ask(client: Client) -> Update:
            handle = await client.get_workflow_handle(workflow_id, run_id=run_id).start_update(
                name,
                args=args,
                id=update_id,
                wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                rpc_timeout=ANSWER_TIMEOUT,
            )
            try:
                return await update_outcome(handle, until, seconds)
            except WorkflowUpdateFailedError as error:
                raise update_failure(workflow_id, name, error) from error

        return self._temporal.call(answered(project, ask), seconds + CALL_SECONDS)

    def refuse_without_worker(self, project: Project) -> None:
        """Raise `ConflictError` where no worker of the project is there to answer."""
        reason = why_no_worker(project, self._status(project.id))
        if reason is not None:
            raise ConflictError(reason, code="no_worker")

    def _check(self, project: Project, found: Execution, kind: MessageKind, name: str, args: Sequence[Any]) -> None:
        self._checker.check_message(project, found.build_id, found.workflow_type, kind, name, args, found.run_id)

    def _find(self, project: Project, workflow_id: WorkflowId, *, is_open: bool) -> Execution:
        """Return the latest run; with `is_open`, only one that has not ended."""

        async def find(client: Client) -> Execution:
            described = await describe(client, project, workflow_id)
            if is_open:
                refuse_closed(described)
            return execution_of(described)

        return self._temporal.call(find)

    def _taken_before(self, workflow_id: WorkflowId, found: Execution, name: str, update_id: str) -> Update:
        """Return what has come of an update that a run took before its end; Temporal knows that without a worker.

        Raises:
            ConflictError: the run has taken none of that id.
            RefusedByCodeError: the code refused it or failed at it, or the run ended before it was done.
        """

        async def ask(client: Client) -> Update:
            handle = client.get_workflow_handle(workflow_id, run_id=found.run_id).get_update_handle(update_id)
            try:
                return Update(update_id, UpdateStage.COMPLETED, as_json(await handle.result(rpc_timeout=RPC_TIMEOUT)))
            except WorkflowUpdateFailedError as error:
                raise update_failure(workflow_id, name, error) from error
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
                raise closed_error(workflow_id, found.status) from error

        return self._temporal.call(ask, 2 * RPC_TIMEOUT.total_seconds())


async def update_outcome(handle: WorkflowUpdateHandle[Any], until: UpdateStage, seconds: float) -> Update:
    """Return how far an accepted update has come, after waiting at most `seconds` for the stage `until`.

    Raises:
        WorkflowUpdateFailedError: the code refuses it, or fails at it.
    """
    if until == UpdateStage.ACCEPTED and handle._known_outcome is None:  # noqa: SLF001  the SDK has no other way to see
        return Update(handle.id, UpdateStage.ACCEPTED)
    outcome: asyncio.Future[Any] = asyncio.ensure_future(handle.result())
    await asyncio.wait({outcome}, timeout=seconds)
    if not outcome.done():
        outcome.cancel()
        with contextlib.suppress(WorkflowUpdateRPCTimeoutOrCancelledError, asyncio.CancelledError):
            await outcome
        return Update(handle.id, UpdateStage.ACCEPTED)
    return Update(handle.id, UpdateStage.COMPLETED, as_json(outcome.result()))


def update_failure(workflow_id: WorkflowId, name: str, error: WorkflowUpdateFailedError) -> WorkerhostError:
    """Return what is said of an update that the code refused, or failed at: callers need not tell these apart."""
    reason = failure_sentence(error.cause)
    if reason.startswith(f"Update handler for '{name}'"):
        return NotFoundError(f"execution {workflow_id}: {reason}", code="update_not_found")
    return RefusedByCodeError(f"the update {name} was refused: {reason}", code="update_refused")


def answered(project: Project, ask: Callable[[Client], Awaitable[T]]) -> Callable[[Client], Awaitable[T]]:
    """Return the question, with a sentence where nobody answers it in time or the run cannot."""

    async def ask_in_time(client: Client) -> T:
        try:
            return await ask(client)
        except WorkflowUpdateRPCTimeoutOrCancelledError as error:
            raise _silent(project) from error
        except RPCError as error:
            if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
                raise _silent(project) from error
            if error.status == RPCStatusCode.NOT_FOUND:
                raise ConflictError("the execution has ended meanwhile", code="execution_closed") from error
            if error.status in (RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.INVALID_ARGUMENT):
                raise ConflictError(f"the run cannot answer now: {error.message}", code="cannot_answer") from error
            raise

    return ask_in_time


def _silent(project: Project) -> ConflictError:
    seconds = ANSWER_TIMEOUT.total_seconds()
    said = f"no worker of project {project.id} has answered within {seconds:g} s"
    return ConflictError(f"{said}; an update may be taken later all the same", code="no_worker")
