"""The log of a project: what its code has logged and printed."""

from collections.abc import Iterator
from typing import Annotated

from flask import Blueprint, Response
from pydantic import BeforeValidator, Field, StringConstraints

from workerhost.answers import LogPage
from workerhost.api.conversions import log_line_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.reading.fields import AnyWorkflowId, Id
from workerhost.api.reading.headers import Headers
from workerhost.api.reading.query import Flag, Moment, Query
from workerhost.api.response import respond
from workerhost.api.streams import EVENT_STREAM, QUIET_SECONDS, event_text, streamed
from workerhost.api.waiting import step_aside
from workerhost.errors import ConflictError, InvalidRequestError
from workerhost.observed import LogLevel
from workerhost.runtime.executions import cursors
from workerhost.runtime.project_logs.feed import LogFollower
from workerhost.store.project_logs.values import LogFilter, StoredLine
from workerhost.words import RunId

blueprint = Blueprint("logs", __name__, url_prefix="/projects/<project_id>")

MOST_LINES, LINES = 1000, 100
"""Lines that a call answers at most, and where it names no number."""

LARGEST_ID = 2**63 - 1

LIST = "logs"
"""What cursors call these pages."""

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


def _read_limit(text: object) -> object:
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= MOST_LINES:
        return int(text)
    raise ValueError(f"must be a whole number from 1 to {MOST_LINES}")


class LogsQuery(Query):
    """Which lines; what is left out admits all."""

    run_id: Annotated[RunId, StringConstraints(min_length=1, max_length=1000)] | None = None
    workflow_id: AnyWorkflowId | None = None
    activity: ShortText | None = None
    """The name of the activity."""
    node: ShortText | None = None
    """The node of the drawing."""
    level: LogLevel | None = None
    """The least severe level that is shown."""
    after: Moment | None = None
    """They were made at that time or after it."""
    before: Moment | None = None
    """They were made before that time."""
    text: ShortText | None = None
    """Their message holds it, in upper or lower case."""
    limit: Annotated[
        int,
        BeforeValidator(_read_limit),
        Field(json_schema_extra={"minimum": 0, "maximum": MOST_LINES}),
    ] = LINES
    """How many lines are answered at most; with `follow` those that come first, 0 for none."""
    cursor: str | None = None
    """Where the page begins: `cursor` of the answer before; without it, with the newest line."""
    follow: Flag = False
    """Whether the call goes on, and answers new lines as server-sent events."""

    def wanted(self) -> LogFilter:
        """Return this for the runtime."""
        return LogFilter(
            run_id=self.run_id,
            workflow_id=self.workflow_id,
            activity=self.activity,
            node=self.node,
            level=self.level,
            after=self.after,
            before=self.before,
            text=self.text,
        )


class FollowHeaders(Headers):
    """Where the stream goes on."""

    last_event_id: Annotated[str, Field(alias="Last-Event-ID", json_schema_extra={"pattern": "^([0-9]{1,18})?$"})] = ""
    """After which event: the `id` of the last one that was received. Browsers send it by themselves."""


@blueprint.get("/logs")
@described(LogPage, name="listLogs", stream=EVENT_STREAM)
def logs(project_id: Id, query: LogsQuery, headers: FollowHeaders) -> Response:
    """Show lines of the log of a project, newest first, or follow the log.

    With `follow=true` the answer is a stream of events `line`: first the newest lines, in their order, and then those
    that come. With the header `Last-Event-ID` it goes on after that line.
    """
    last = _last_event(headers.last_event_id)
    project = service().store.projects.get(project_id)
    if not service().settings.project_logs:
        raise ConflictError(
            "no logs of projects are kept here, as WORKERHOST_PROJECT_LOGS says", code="project_logs_off"
        )
    if query.follow:
        return _follow(project.id, query, last)
    if query.limit == 0:
        raise InvalidRequestError(f"limit must be a whole number from 1 to {MOST_LINES}")
    if query.text is not None:
        step_aside()  # many lines are looked through
    until = cursors.decode(query.cursor, [LIST, project.id], _position) if query.cursor else None
    page = service().store.project_logs.reader.page(project.id, query.wanted(), query.limit, until)
    cursor = None if page.next_id is None else cursors.encode([LIST, project.id], [page.next_id])
    return respond(LogPage(lines=tuple(log_line_info(each.line) for each in page.lines), cursor=cursor))


def _follow(project_id: str, query: LogsQuery, last: int | None) -> Response:
    if query.before is not None or query.cursor is not None:
        raise InvalidRequestError("follow goes with neither before nor cursor: what is followed has no end")
    followers = service().observation.log_followers
    follower = followers.follow(project_id, query.wanted(), query.limit, last)
    return streamed(_stream(follower), follower.leave)


def _stream(follower: LogFollower) -> Iterator[str]:
    yield from _events(follower, 0)
    while not follower.is_gone:
        yield from _events(follower, QUIET_SECONDS)


def _events(follower: LogFollower, seconds: float) -> Iterator[str]:
    """Yield the lines that follow, and the number of the last one that was looked at, which may not be among them."""
    lines = follower.take(seconds)
    told = "".join(map(shown_line, lines))
    yield f"{told}id: {follower.position}\n\n"


def shown_line(stored: StoredLine) -> str:
    """Return the event of a line. It is made once for all who follow: hundreds may, a thousand lines a second."""
    if not stored.shown:
        stored.shown.append(event_text("line", log_line_info(stored.line), str(stored.id)))
    return stored.shown[0]


def _position(values: list[object]) -> int:
    [position] = values
    if not isinstance(position, int) or not 0 <= position <= LARGEST_ID:
        raise ValueError
    return position


def _last_event(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < len(str(LARGEST_ID))):
        raise InvalidRequestError("Last-Event-ID is not the id of an event of this stream")
    return int(text)
