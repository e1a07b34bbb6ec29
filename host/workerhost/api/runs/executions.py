"""Executions of a project's workflows."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from flask import Blueprint, Response
from pydantic import Field, StringConstraints

from workerhost.answers import CommandResult, ExecuteResult, ExecutionInfo, StartResult
from workerhost.api.conversions import execution_details, update_result
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, service
from workerhost.api.reading.fields import AnyWorkflowId, Id
from workerhost.api.reading.query import Query, TimeoutQuery, UncheckedQuery, WaitSeconds
from workerhost.api.response import respond
from workerhost.api.runs.messages import MessageBody, UpdateBody
from workerhost.api.waiting import step_aside
from workerhost.errors import InvalidRequestError
from workerhost.forms.fields import NO_CONTROL_CHARACTERS, Name, Reason
from workerhost.runtime.executions.starting.message import Message, SignalMessage, UpdateMessage
from workerhost.runtime.executions.starting.start_options import IfExists, StartOptions
from workerhost.words import WorkflowId

blueprint = Blueprint("executions", __name__, url_prefix="/projects/<project_id>/executions")


Seconds = Annotated[float, Field(gt=0, le=10 * 365 * 86400, allow_inf_nan=False, strict=True)]
"""How long something takes, ten years at most."""


class StartBody(Body):
    """What to run, and how."""

    workflow_type: Name
    args: list[Any] = []
    workflow_id: Id | None = None
    memo: dict[Name, Any] = {}
    search_attributes: dict[Name, Any] = {}
    execution_timeout_seconds: Seconds | None = None
    start_delay_seconds: Seconds | None = None
    if_exists: IfExists | None = None
    priority: Annotated[int, Field(ge=1, le=5, strict=True)] | None = None
    fairness_key: Annotated[str, StringConstraints(min_length=1, max_length=64), NO_CONTROL_CHARACTERS] | None = None

    def options(self) -> StartOptions:
        """Return what is said of the start for the runtime."""
        return StartOptions(
            memo=self.memo,
            search_attributes=self.search_attributes,
            execution_timeout=_duration(self.execution_timeout_seconds),
            start_delay=_duration(self.start_delay_seconds),
            if_exists=self.if_exists or IfExists.FAIL,
            priority=self.priority,
            fairness_key=self.fairness_key,
        )


class ExecutionBody(StartBody):
    """What to run, and what it is sent at once."""

    signal: MessageBody | None = None
    """Is sent to the execution that runs, or to the one that begins; not beside `update`."""
    update: UpdateBody | None = None
    """Is taken by the execution that runs, or by the one that begins."""

    def message(self, seconds: float) -> Message | None:
        """Return what comes with the start.

        Args:
            seconds: to wait for an update.

        Raises:
            InvalidRequestError: there are two.
        """
        if self.signal is not None and self.update is not None:
            raise InvalidRequestError("signal and update cannot both come with a start; send one of them afterwards")
        if self.signal is not None:
            return SignalMessage(self.signal.name, self.signal.args)
        if self.update is not None:
            return UpdateMessage(self.update.name, self.update.args, self.update.update_id, self.update.wait, seconds)
        return None

    def options(self) -> StartOptions:
        """Return what is said of the start; one that comes with a message takes the execution that runs."""
        options = super().options()
        is_sent = self.signal is not None or self.update is not None
        return replace(options, if_exists=IfExists.USE) if is_sent and self.if_exists is None else options


class RetryBody(Body):
    """What to call an execution that repeats another one."""

    workflow_id: Id | None = None


class ReasonBody(Body):
    """Why an execution is ended."""

    reason: Reason | None = None


class StartQuery(TimeoutQuery, UncheckedQuery):
    """How a start is done."""


class WaitQuery(Query):
    """How long to wait for the end of the execution."""

    wait: WaitSeconds = 0


@blueprint.post("")
@described({202: StartResult}, name="startExecution")
def start(project_id: Id, query: StartQuery, body: ExecutionBody) -> Response:
    """Start an execution, or send it something where it runs already."""
    workflow_id = WorkflowId(body.workflow_id or f"{project_id}-{uuid.uuid4()}")
    starter, options = service().runs.starter, body.options()
    message = body.message(query.seconds(service().settings.start_timeout))
    checked = not query.unchecked
    if message is None:
        workflow_id, run_id = starter.start(
            project_id, body.workflow_type, body.args, workflow_id, options, checked=checked
        )
        return respond(StartResult(workflow_id=workflow_id, run_id=run_id), 202)
    step_aside()
    started = starter.start_with_message(
        project_id, body.workflow_type, body.args, workflow_id, message, options, checked=checked
    )
    update = {} if started.update is None else {"update": update_result(started.update)}
    return respond(StartResult(workflow_id=workflow_id, run_id=started.run_id, **update), 202)


@blueprint.post("/<workflow_id>/retry")
@described({202: ExecuteResult})
def retry(project_id: Id, workflow_id: AnyWorkflowId, query: UncheckedQuery, body: RetryBody) -> Response:
    """Start an execution with the type and the arguments of that one, on the current build."""
    new_id = WorkflowId(body.workflow_id) if body.workflow_id else None
    workflow_id, run_id = service().runs.starter.retry(project_id, workflow_id, new_id, checked=not query.unchecked)
    return respond(ExecuteResult(workflow_id=workflow_id, run_id=run_id), 202)


@blueprint.get("/<workflow_id>")
@described(ExecutionInfo)
def get(project_id: Id, workflow_id: AnyWorkflowId, query: WaitQuery) -> Response:
    """Show the latest execution of that workflow id, after waiting for its end if asked to."""
    project = service().store.projects.get(project_id)
    if query.wait:
        step_aside()
    found = service().runs.executions.get(project, workflow_id, query.wait)
    moved_to = service().store.moves.target(project.id, found.run_id) if found.build_id else None
    return respond(execution_details(found, moved_to))


@blueprint.post("/<workflow_id>/cancel")
@described({202: CommandResult})
def cancel(project_id: Id, workflow_id: AnyWorkflowId, body: ReasonBody) -> Response:
    """Ask the execution to cancel itself."""
    service().runs.executions.cancel(service().store.projects.get(project_id), workflow_id, body.reason)
    return _accepted(workflow_id, "asked to cancel")


@blueprint.post("/<workflow_id>/terminate")
@described({202: CommandResult})
def terminate(project_id: Id, workflow_id: AnyWorkflowId, body: ReasonBody) -> Response:
    """End the execution at once."""
    service().runs.executions.terminate(service().store.projects.get(project_id), workflow_id, body.reason)
    return _accepted(workflow_id, "terminated")


def _duration(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _accepted(workflow_id: WorkflowId, what: str) -> Response:
    return respond(CommandResult(success=True, message=f"Execution {workflow_id} was {what}"), 202)
