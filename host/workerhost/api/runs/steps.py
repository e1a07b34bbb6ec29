"""What a run of a workflow has done: its steps, and its history."""

from typing import Annotated

from flask import Blueprint, Response
from pydantic import Field

from workerhost.answers import HistoryPage, NodeList, StepInfo, StepPage
from workerhost.api.conversions import node_list, step_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.reading.fields import AnyWorkflowId, Id
from workerhost.api.reading.query import PageQuery
from workerhost.api.response import respond
from workerhost.api.waiting import waits

blueprint = Blueprint("steps", __name__, url_prefix="/projects/<project_id>/executions/<workflow_id>")

StepId = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}$")]
"""The id of a step."""


@blueprint.get("/steps")
@described(StepPage)
def all_steps(project_id: Id, workflow_id: AnyWorkflowId, query: PageQuery) -> Response:
    """List the steps of the latest run of that workflow id, a page at a time; long values are cut."""
    project = service().store.projects.get(project_id)
    steps, cursor = service().runs.histories.steps(project, workflow_id, query.number, query.cursor)
    return respond(StepPage(steps=tuple(step_info(each) for each in steps), cursor=cursor))


@blueprint.get("/steps/<step_id>")
@described(StepInfo)
def get_step(project_id: Id, workflow_id: AnyWorkflowId, step_id: StepId) -> Response:
    """Show one step of the latest run of that workflow id, with its values whole."""
    project = service().store.projects.get(project_id)
    return respond(step_info(service().runs.histories.step(project, workflow_id, int(step_id))))


@blueprint.get("/nodes")
@described(NodeList)
@waits
def nodes(project_id: Id, workflow_id: AnyWorkflowId) -> Response:
    """List the nodes of the drawing that the latest run of that workflow id came to, with what became of each."""
    project = service().store.projects.get(project_id)
    return respond(node_list(service().runs.nodes.of_run(project, workflow_id)))


@blueprint.get("/history")
@described(HistoryPage)
def history(project_id: Id, workflow_id: AnyWorkflowId, query: PageQuery) -> Response:
    """List the events of the latest run of that workflow id as Temporal's own JSON, a page at a time."""
    project = service().store.projects.get(project_id)
    events, cursor = service().runs.histories.events(project, workflow_id, query.number, query.cursor)
    return respond(HistoryPage(events=tuple(events), cursor=cursor))
