"""Batches: something is done with many executions, in the background."""

from collections.abc import Mapping
from typing import Annotated, Any

from flask import Blueprint, Response
from pydantic import Field

from workerhost.answers import BatchInfo, BatchPage, BatchResult
from workerhost.api.conversions import batch_details, batch_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, service
from workerhost.api.reading.fields import AnyBuild, Id
from workerhost.api.reading.filters import FilterBody
from workerhost.api.reading.query import PageQuery, UncheckedQuery
from workerhost.api.response import respond
from workerhost.api.runs.executions import StartBody
from workerhost.api.runs.resets import ResetPlace, read_place
from workerhost.errors import InvalidRequestError
from workerhost.forms.fields import Name, Reason
from workerhost.runtime.batches.run_operations import RUN_OPERATIONS
from workerhost.runtime.executions.starting.start_options import ExecutionStart
from workerhost.words import BatchOperation, WorkflowId

blueprint = Blueprint("batches", __name__, url_prefix="/projects/<project_id>/batches")

MOST_STARTS = 20_000
"""Executions that one batch starts at most; how many fit into a body depends on their arguments."""

KEYS: Mapping[BatchOperation, tuple[tuple[str, ...], tuple[str, ...]]] = {
    BatchOperation.START: (("executions",), ()),
    BatchOperation.CANCEL: (("filter",), ("reason",)),
    BatchOperation.TERMINATE: (("filter",), ("reason",)),
    BatchOperation.SIGNAL: (("filter", "name"), ("args",)),
    BatchOperation.DELETE: (("filter",), ()),
    BatchOperation.RESET: (("filter", "to"), ("build", "reason")),
}
"""The keys that each operation needs beside `operation`, and those that it takes."""


class BatchBody(Body):
    """What is done, and with which executions."""

    operation: BatchOperation
    filter: FilterBody | None = None
    """Which executions are meant; needed by all operations but `start`. An empty one admits all of the project."""
    executions: Annotated[list[StartBody], Field(min_length=1, max_length=MOST_STARTS)] | None = None
    """What is started; needed by `start`."""
    name: Name | None = None
    """The signal; needed by `signal`."""
    args: list[Any] | None = None
    """Of the signal."""
    reason: Reason | None = None
    """Why executions are ended or reset; for `cancel`, `terminate` and `reset`."""
    to: ResetPlace | None = None
    """Where runs are taken back to; needed by `reset`."""
    build: AnyBuild | None = None
    """On which build they go on; for `reset`."""

    def check_keys(self) -> None:
        """Raise `InvalidRequestError` where a key is missing, or does not go with the operation."""
        needed, taken = KEYS[self.operation]
        given = {name for name in self.model_fields_set if getattr(self, name) is not None} - {"operation"}
        for name in needed:
            if name not in given:
                raise InvalidRequestError(f"{name} is required for the operation {self.operation}")
        for name in sorted(given - {*needed, *taken}):
            raise InvalidRequestError(f"{name} does not go with the operation {self.operation}")

    def settings(self) -> dict[str, Any]:
        """Return what is said of the operation, beside which executions are meant."""
        needed, taken = KEYS[self.operation]
        names = {*needed, *taken} - {"filter", "executions"}
        settings = {name: value for name in names if (value := getattr(self, name)) is not None}
        return settings | ({"to": read_place(self.to)} if self.to is not None else {})


@blueprint.post("")
@described({202: BatchResult})
def begin(project_id: Id, query: UncheckedQuery, body: BatchBody) -> Response:
    """Have something done with many executions in the background."""
    body.check_keys()
    batches = service().runs.batches
    if body.filter is not None:
        operation = RUN_OPERATIONS[body.operation](**body.settings())
        batch_id = batches.begin_with_runs(project_id, body.operation, operation, body.filter.wanted())
    else:
        starts = [_start(each) for each in body.executions or ()]
        batch_id = batches.begin_with_starts(project_id, starts, checked=not query.unchecked)
    return respond(BatchResult(batch_id=batch_id), 202)


@blueprint.get("")
@described(BatchPage)
def all_batches(project_id: Id, query: PageQuery) -> Response:
    """List batches of the project, newest first, a page at a time."""
    found, cursor = service().runs.batches.page(project_id, query.number, query.cursor)
    return respond(BatchPage(batches=tuple(map(batch_info, found)), cursor=cursor))


@blueprint.get("/<batch_id>")
@described(BatchInfo)
def get(project_id: Id, batch_id: Id) -> Response:
    """Show how far a batch has come, and what has failed."""
    return respond(batch_details(service().runs.batches.get(project_id, batch_id)))


@blueprint.post("/<batch_id>/stop")
@described({202: BatchInfo})
def stop(project_id: Id, batch_id: Id) -> Response:
    """Have a batch end before its time."""
    return respond(batch_details(service().runs.batches.stop(project_id, batch_id)), 202)


def _start(body: StartBody) -> ExecutionStart:
    workflow_id = WorkflowId(body.workflow_id) if body.workflow_id else None
    return ExecutionStart(body.workflow_type, body.args, workflow_id, body.options())
