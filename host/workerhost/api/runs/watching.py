"""Watching a run of a workflow, as a stream of events."""

import json
from collections.abc import Callable, Iterator
from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import Field

from workerhost.answers import Answer, ExecutionInfo
from workerhost.api.conversions import execution_details, step_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.reading.fields import AnyWorkflowId, Id
from workerhost.api.reading.headers import Headers
from workerhost.api.waiting import step_out, when_client_leaves
from workerhost.runtime.executions.execution import Execution
from workerhost.runtime.executions.watching.viewer import News, Seen, Viewer

blueprint = Blueprint("watching", __name__, url_prefix="/projects/<project_id>/executions/<workflow_id>")

EVENT_STREAM = "text/event-stream"
"""https://html.spec.whatwg.org/multipage/server-sent-events.html"""

QUIET_SECONDS = 10.0
"""After which a line without meaning is sent: the connection is kept, and a watcher that has gone is noticed."""

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Nobody on the way may keep the stream, or hold it back; the second is for nginx."""


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
    step_out()
    when_client_leaves(viewer.leave)
    moves = service().store.moves

    def shown(execution: Execution) -> ExecutionInfo:
        return execution_details(execution, moves.target(project.id, execution.run_id))

    body = () if request.method == "HEAD" else _stream(viewer, shown)
    response = Response(body, headers=HEADERS, mimetype=EVENT_STREAM)
    response.call_on_close(viewer.leave)
    return response


def _stream(viewer: Viewer, shown: Callable[[Execution], ExecutionInfo]) -> Iterator[str]:
    while True:
        news = viewer.take(QUIET_SECONDS)
        yield "".join(_events(viewer, news, shown)) or ":\n\n"
        if news.is_last:
            return


def _events(viewer: Viewer, news: News, shown: Callable[[Execution], ExecutionInfo]) -> Iterator[str]:
    for change in news.changes:
        yield _event("step", step_info(change.step), Seen(viewer.run_id, change.event).to_text())
    if news.execution is not None:
        yield _event("status", shown(news.execution))


def _event(kind: str, answer: Answer, number: str | None = None) -> str:
    """Return the text of an event. One without a number leaves the last one as it is: nothing is passed over by it."""
    data = json.dumps(answer.to_json(), ensure_ascii=False)
    return f"event: {kind}\n" + (f"id: {number}\n" if number else "") + f"data: {data}\n\n"
