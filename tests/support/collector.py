"""A collector of traces: a web server that takes what OTLP over HTTP sends."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from support.web import web_server


@dataclass(frozen=True)
class Collected:
    """A span, as it was exported."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    begun: int
    ended: int
    attributes: dict[str, Any]
    resource: dict[str, Any]
    links: tuple[str, ...]
    is_error: bool
    message: str


class Collector:
    """What was exported. Safe to use from any thread.

    Args:
        url: where to export to.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = threading.Lock()
        self._spans: list[Collected] = []

    def take(self, body: bytes) -> None:
        """Take a request's spans."""
        request = ExportTraceServiceRequest.FromString(body)
        with self._lock:
            for of_process in request.resource_spans:
                resource = _attributes(of_process.resource.attributes)
                self._spans += [_span(each, resource) for scope in of_process.scope_spans for each in scope.spans]

    def of(self, trace_id: str) -> list[Collected]:
        """Return the spans of a trace."""
        with self._lock:
            return [each for each in self._spans if each.trace_id == trace_id]

    def all(self) -> list[Collected]:
        """Return all spans."""
        with self._lock:
            return list(self._spans)


@contextlib.contextmanager
def collector() -> Iterator[Collector]:
    """Serve a collector on a free port of 127.0.0.1 until the block ends."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            is_known = self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
            collected.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200 if is_known else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with web_server(Page) as server:
        collected = Collector(f"http://127.0.0.1:{server.server_port}")
        yield collected


def exporting_to(url: str) -> dict[str, str]:
    """Return the variables with which a process exports its spans there at once."""
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_BSP_SCHEDULE_DELAY": "50"}


def _span(span: Any, resource: dict[str, Any]) -> Collected:
    return Collected(
        name=span.name,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        begun=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
        attributes=_attributes(span.attributes),
        resource=resource,
        links=tuple(each.span_id.hex() for each in span.links),
        is_error=span.status.code == 2,
        message=span.status.message,
    )


def _attributes(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value") or "string_value") for each in attributes}
