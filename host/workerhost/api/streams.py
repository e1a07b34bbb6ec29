"""Answers that go on for as long as their client likes, as server-sent events."""

import json
from collections.abc import Callable, Iterator

from flask import Response, request

from workerhost.answers import Answer
from workerhost.api.waiting import step_out, when_client_leaves

EVENT_STREAM = "text/event-stream"
"""https://html.spec.whatwg.org/multipage/server-sent-events.html"""

QUIET_SECONDS = 10.0
"""After which a line without meaning is sent: the connection is kept, and a watcher that has gone is noticed."""

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Nobody on the way may keep the stream, or hold it back; the second is for nginx."""


def streamed(events: Iterator[str], leave: Callable[[], None]) -> Response:
    """Return an answer that goes on as long as the events do, which takes nobody's place among those that answer.

    Args:
        events: their texts; nothing is asked of them where only the head of the answer is wanted.
        leave: called when the client has gone or the answer has ended; may be called again, from any thread.
    """
    step_out()
    when_client_leaves(leave)
    response = Response(() if request.method == "HEAD" else events, headers=HEADERS, mimetype=EVENT_STREAM)
    response.call_on_close(leave)
    return response


def event_text(kind: str, answer: Answer, number: str | None = None) -> str:
    """Return the text of an event. One without a number leaves the last one as it is: nothing is passed over by it."""
    data = json.dumps(answer.to_json(), ensure_ascii=False)
    return f"event: {kind}\n" + (f"id: {number}\n" if number else "") + f"data: {data}\n\n"
