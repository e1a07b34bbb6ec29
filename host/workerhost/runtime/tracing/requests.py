"""Spans of HTTP requests that the control API answers, by OpenTelemetry's semantic conventions."""

from collections.abc import Mapping
from dataclasses import dataclass

from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import SpanKind, set_span_in_context

from workerhost.runtime.tracing.spans import PROJECT, SpanMaker, context_in_http, note_error

_METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})


@dataclass(frozen=True)
class RequestFacts:
    """What a span says of a request: neither its query nor its body, which may hold secrets."""

    method: str
    scheme: str
    path: str
    route: str | None
    """The pattern of the path; None where it is none of the API's."""
    server_address: str
    server_port: int | None
    project_id: str | None


class RequestSpan:
    """The span of one request, and the current one from its start to its end. Belongs to the request's thread.

    Args:
        maker: starts it.
        facts: of the request.
        headers: of the request by names in lower case; a `traceparent` there is continued.
    """

    def __init__(self, maker: SpanMaker, facts: RequestFacts, headers: Mapping[str, str]) -> None:
        method = facts.method if facts.method in _METHODS else "_OTHER"
        known = {
            "http.request.method": method,
            "url.scheme": facts.scheme,
            "url.path": facts.path,
            "http.route": facts.route,
            "server.address": facts.server_address,
            "server.port": facts.server_port,
            PROJECT: facts.project_id,
        }
        attributes = {name: value for name, value in known.items() if value is not None}
        name = " ".join(filter(None, ("HTTP" if method == "_OTHER" else method, facts.route)))
        parent: Context = context_in_http(headers)
        self._span = maker.start(name, parent, SpanKind.SERVER, attributes)
        self._token = attach(set_span_in_context(self._span, parent))

    def note_answer(self, status: int) -> None:
        """Note the status of the answer."""
        self._span.set_attribute("http.response.status_code", status)
        if status >= 500:
            note_error(self._span, str(status), "")

    def end(self) -> None:
        """End the span; the context is as before."""
        self._span.end()
        detach(self._token)
