"""Spans of the requests that the control API answers, where there are traces."""

from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

if TYPE_CHECKING:
    from workerhost.runtime.tracing.tracing import Tracing

_NOT_TRACED = frozenset({"/health", "/ready", "/metrics"})
"""Paths that are asked for every few seconds by those who watch the service."""


def install(app: Flask, tracing: "Tracing | None") -> None:
    """Have each request be a span, the current one while it is worked on; do nothing where there are no traces."""
    if tracing is None:
        return
    from workerhost.runtime.tracing.requests import RequestFacts  # noqa: PLC0415  which needs OpenTelemetry

    @app.before_request
    def begin() -> None:
        if request.path in _NOT_TRACED:
            return
        host, _, port = request.host.rpartition(":") if not request.host.endswith("]") else (request.host, "", "")
        facts = RequestFacts(
            method=request.method,
            scheme=request.scheme,
            path=request.path,
            route=request.url_rule.rule if request.url_rule else None,
            server_address=host or port,
            server_port=int(port) if host and port.isdigit() else None,
            project_id=(request.view_args or {}).get("project_id"),
        )
        g.request_span = tracing.start_request(facts, {name.lower(): value for name, value in request.headers})

    @app.after_request
    def note_answer(response: Response) -> Response:
        if (span := g.get("request_span")) is not None:
            span.note_answer(response.status_code)
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if (span := g.pop("request_span", None)) is not None:
            span.end()
