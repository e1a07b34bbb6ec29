"""Watching a run of a workflow, as a stream of events."""

from collections.abc import Callable, Iterator
from typing import Annotated

from flask import Blueprint, Response
from pydantic import Field

from workerhost.answers import ExecutionInfo
from workerhost.api.conversions import execution_details, step_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.reading.fields import AnyWorkflowId, Id
from workerhost.api.reading.headers import Headers
from workerhost.api.streams import EVENT_STREAM, QUIET_SECONDS, event_text, streamed
from workerhost.runtime.executions.execution import Execution
from workerhost.runtime.executions.watching.viewer import News, Seen, Viewer

blueprint = Blueprint("watching", __name__, url_prefix="/projects/<project_id>/executions/<workflow_id>")


class WatchHeaders(Headers):
    """Where the stream goes on."""

    last_event_id: Annotated[
        str, Field(alias="Last-Event-ID", json_schema_extra={"pattern": r"^([0-9a-fA-F-]{36}\.[0-9]{1,9})?$"})
    ] = ""
    """After which event: the `id` of the last one that was received. Browsers send it by themselves."""


@blueprint.get("/events")
@described({200: EVENT_STREAM})
def events(project_id: Id, workflow_id: AnyWorkflowId, headers: WatchHeaders) -> Response:
    """Watch the latest run of that workflow id until its end, as server-sent events.

    An event `step` is a step that is new or has changed, an event `status` the execution. With the header
    `Last-Event-ID` the stream goes on after that event.
    """
    project = service().store.projects.get(project_id)
    seen = Seen.of_text(headers.last_event_id) if headers.last_event_id else None
    viewer = service().runs.watches.watch(project, workflow_id, seen)
    moves = service().store.moves

    def shown(execution: Execution) -> ExecutionInfo:
        return execution_details(execution, moves.target(project.id, execution.run_id))

    return streamed(_stream(viewer, shown), viewer.leave)


def _stream(viewer: Viewer, shown: Callable[[Execution], ExecutionInfo]) -> Iterator[str]:
    while True:
        news = viewer.take(QUIET_SECONDS)
        yield "".join(_events(viewer, news, shown)) or ":\n\n"
        if news.is_last:
            return


def _events(viewer: Viewer, news: News, shown: Callable[[Execution], ExecutionInfo]) -> Iterator[str]:
    for change in news.changes:
        yield event_text("step", step_info(change.step), Seen(viewer.run_id, change.event).to_text())
    if news.execution is not None:
        yield event_text("status", shown(news.execution))
