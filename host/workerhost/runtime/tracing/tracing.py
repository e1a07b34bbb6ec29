"""The traces of one host process, assembled."""

from collections.abc import Iterable, Mapping

from opentelemetry.sdk.trace.export import SpanExporter

from workerhost.runtime.tracing.calls import TracedClient
from workerhost.runtime.tracing.exporting import SpanSink
from workerhost.runtime.tracing.requests import RequestFacts, RequestSpan
from workerhost.runtime.tracing.seam import ClientTracing
from workerhost.runtime.tracing.spans import SpanMaker


class Tracing:
    """Makes spans, and exports them. Made and stopped in the main thread, after any fork; used from any thread.

    Args:
        exporters: where spans go.
    """

    def __init__(self, exporters: Iterable[SpanExporter]) -> None:
        self._sink = SpanSink(exporters)
        self._maker = SpanMaker(self._sink.provider.get_tracer("workerhost"), self._sink.ids)

    def client(self) -> ClientTracing:
        """Return an interceptor for clients to Temporal, and for the workers that use them."""
        return TracedClient(self._maker)

    def start_request(self, facts: RequestFacts, headers: Mapping[str, str]) -> RequestSpan:
        """Return the span of a request to the control API, which is the current one until it ends.

        Args:
            facts: of the request.
            headers: of the request by names in lower case.
        """
        return RequestSpan(self._maker, facts, headers)

    def stop(self) -> None:
        """Export what is left, for a few seconds at most. Calling this again does nothing."""
        self._sink.stop()
