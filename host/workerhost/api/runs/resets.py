"""Taking a run back to an earlier point."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response
from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from workerhost.answers import ExecuteResult
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, service
from workerhost.api.reading.fields import AnyBuild, AnyWorkflowId, Id
from workerhost.api.response import respond
from workerhost.api.runs.steps import StepId
from workerhost.api.waiting import waits
from workerhost.forms.fields import Reason
from workerhost.runtime.executions.resetting.points import ResetEnd, ResetTo
from workerhost.runtime.executions.resetting.wanted import WantedReset

blueprint = Blueprint("resets", __name__, url_prefix="/projects/<project_id>/executions/<workflow_id>")


class PlaceBody(Body):
    """Names a step."""

    step: StepId


def _place(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError as error:
        raise ValueError('must be "first", "last" or {"step": "<id>"}, with the id of a step') from error


ResetPlace = Annotated[Literal["first", "last"] | PlaceBody, WrapValidator(_place)]
"""Where a run is taken back to."""


class ResetBody(Body):
    """Where a run is taken back to, and on which build it goes on."""

    to: ResetPlace
    build: AnyBuild | None = None
    """None for the build that it is on; from its first task on, for the one that a new run takes."""
    reason: Reason | None = None


@blueprint.post("/reset")
@described({202: ExecuteResult})
@waits
def reset(project_id: Id, workflow_id: AnyWorkflowId, body: ResetBody) -> Response:
    """Take the latest run of that workflow id back; another run goes on from there."""
    wanted = WantedReset(read_place(body.to), body.build, body.reason)
    run_id = service().resetter.reset(project_id, workflow_id, wanted)
    return respond(ExecuteResult(workflow_id=workflow_id, run_id=run_id), 202)


def read_place(place: ResetPlace) -> ResetTo:
    """Return what a body says of where a run is taken back to."""
    return int(place.step) if isinstance(place, PlaceBody) else ResetEnd(place)
