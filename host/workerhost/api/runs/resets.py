"""Taking a run back to an earlier point."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response
from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from workerhost.answers import ExecuteResult
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, service
from workerhost.api.reading.fields import AnyBuild, AnyWorkflowId, Id, Reason
from workerhost.api.response import respond
from workerhost.api.runs.steps import StepId
from workerhost.api.waiting import waits
from workerhost.runtime.executions.resetting.points import ResetEnd

blueprint = Blueprint("resets", __name__, url_prefix="/projects/<project_id>/executions/<workflow_id>")


class PlaceBody(Body):
    """Names a step."""

    step: StepId


def _place(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError as error:
        raise ValueError('must be "first", "last" or {"step": "<id>"}, with the id of a step') from error


class ResetBody(Body):
    """Where a run is taken back to, and on which build it goes on."""

    to: Annotated[Literal["first", "last"] | PlaceBody, WrapValidator(_place)]
    build: AnyBuild | None = None
    """None for the build that it is on; from its first task on, for the one that a new run takes."""
    reason: Reason | None = None


@blueprint.post("/reset")
@described({202: ExecuteResult})
@waits
def reset(project_id: Id, workflow_id: AnyWorkflowId, body: ResetBody) -> Response:
    """Take the latest run of that workflow id back; another run goes on from there."""
    to = int(body.to.step) if isinstance(body.to, PlaceBody) else ResetEnd(body.to)
    run_id = service().resetter.reset(project_id, workflow_id, to, body.build, body.reason)
    return respond(ExecuteResult(workflow_id=workflow_id, run_id=run_id), 202)
