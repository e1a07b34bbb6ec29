"""What is said to a run of a workflow: signals, queries and updates."""

from typing import Annotated, Any

from flask import Blueprint, Response
from pydantic import StringConstraints

from workerhost.answers import CommandResult, QueryResult, UpdateResult
from workerhost.api.conversions import update_result
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, service
from workerhost.api.reading.fields import AnyWorkflowId, Id
from workerhost.api.reading.query import TimeoutQuery, UncheckedQuery
from workerhost.api.response import respond
from workerhost.api.waiting import waits
from workerhost.forms.fields import NO_CONTROL_CHARACTERS, Name
from workerhost.runtime.executions.messages import UpdateStage

blueprint = Blueprint("messages", __name__, url_prefix="/projects/<project_id>/executions/<workflow_id>")

UpdateId = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_CONTROL_CHARACTERS]


class MessageBody(Body):
    """A signal or a query."""

    name: Name
    args: list[Any] = []


class UpdateBody(MessageBody):
    """An update."""

    update_id: UpdateId | None = None
    """Names the update: a second one of the same id is the first one again."""
    wait: UpdateStage = UpdateStage.COMPLETED
    """How far it must have come before the call is answered."""


class UpdateQuery(TimeoutQuery, UncheckedQuery):
    """How long to wait, and whether the update is checked first."""


@blueprint.post("/signal")
@described({202: CommandResult})
def signal(project_id: Id, workflow_id: AnyWorkflowId, query: UncheckedQuery, body: MessageBody) -> Response:
    """Send a signal to the execution."""
    project = service().store.projects.get(project_id)
    service().runs.executions.signal(project, workflow_id, body.name, body.args, checked=not query.unchecked)
    message = f"Execution {workflow_id} was sent the signal {body.name}"
    return respond(CommandResult(success=True, message=message), 202)


@blueprint.post("/query")
@described(QueryResult)
@waits
def query(project_id: Id, workflow_id: AnyWorkflowId, query: UncheckedQuery, body: MessageBody) -> Response:
    """Have the latest run of that workflow id answer a query."""
    project = service().store.projects.get(project_id)
    answer = service().runs.messages.query(project, workflow_id, body.name, body.args, checked=not query.unchecked)
    return respond(QueryResult(result=answer))


@blueprint.post("/update")
@described({200: UpdateResult, 202: UpdateResult})
@waits
def update(project_id: Id, workflow_id: AnyWorkflowId, query: UpdateQuery, body: UpdateBody) -> Response:
    """Have the latest run of that workflow id take an update."""
    project = service().store.projects.get(project_id)
    seconds = query.seconds(service().settings.start_timeout)
    done = service().runs.messages.update(
        project,
        workflow_id,
        body.name,
        body.args,
        update_id=body.update_id,
        until=body.wait,
        seconds=seconds,
        checked=not query.unchecked,
    )
    is_late = done.stage not in (body.wait, UpdateStage.COMPLETED)
    return respond(update_result(done), 202 if is_late else 200)
