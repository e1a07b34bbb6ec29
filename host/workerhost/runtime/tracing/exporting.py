"""Where spans go: exporters as OpenTelemetry's variables name them, behind batches, and what is said when they fail."""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from workerhost.code.cutting import cut
from workerhost.installed import entry_points, version
from workerhost.runtime.tracing.spans import ChosenIds

log = logging.getLogger(__name__)

FLUSH_SECONDS = 5.0
"""How long a stop waits for the last spans to be exported: what a collector needs that answers at all."""

_GROUP = "opentelemetry_traces_exporter"
"""The entry points under which OpenTelemetry's exporters are found."""

_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")


class SpanSink:
    """Takes spans, and exports them in batches in a thread of its own. Made after a fork.

    What OpenTelemetry's variables say of samplers, limits, batches, resources and exporters holds.

    Args:
        exporters: where spans go.
    """

    def __init__(self, exporters: Iterable[SpanExporter]) -> None:
        self.ids = ChosenIds()
        self.provider = TracerProvider(resource=_resource(), id_generator=self.ids, shutdown_on_exit=False)
        self._sdk_lines = _SdkLines()
        for each in exporters:
            self.provider.add_span_processor(BatchSpanProcessor(TellingExporter(each, self._sdk_lines)))

    def stop(self, seconds: float = FLUSH_SECONDS) -> None:
        """Export what is left, for so many seconds at most. Calling this again does nothing."""
        stopping = threading.Thread(target=self.provider.shutdown, name="workerhost-spans", daemon=True)
        stopping.start()
        stopping.join(seconds)
        if stopping.is_alive():
            log.warning("the last spans are lost: they were not exported within %g s", seconds)
        self._sdk_lines.close()


class TellingExporter(SpanExporter):
    """Exports with another one, and says once that it fails, and once that it does not any more.

    Belongs to the thread that exports.

    Args:
        exporter: does the work.
        sdk_lines: what OpenTelemetry itself says of failures.
    """

    def __init__(self, exporter: SpanExporter, sdk_lines: "_SdkLines") -> None:
        self._exporter = exporter
        self._sdk_lines = sdk_lines
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export a batch, or lose it."""
        try:
            result = self._exporter.export(spans)
        except Exception as error:
            self._sdk_lines.last = f"{type(error).__name__}: {error}"
            result = SpanExportResult.FAILURE
        if result is not SpanExportResult.SUCCESS:
            if not self._lost:
                why = cut(self._sdk_lines.last or "it does not say why", 300)
                log.warning("traces cannot be exported and are lost until they can: %s", why)
            self._lost += len(spans)
        elif self._lost:
            log.warning("traces are exported again; %d spans were lost", self._lost)
            self._lost = 0
        return result

    def shutdown(self) -> None:
        """End the exporter."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Have the exporter send what it holds back."""
        return self._exporter.force_flush(timeout_millis)


class _SdkLines(logging.Handler):
    """Keeps what OpenTelemetry logs of its exports out of the log, where it would stand for each batch."""

    _LOGGERS = ("opentelemetry.exporter", "opentelemetry.sdk")

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""
        self._said: set[str] = set()
        for name in self._LOGGERS:
            logger = logging.getLogger(name)
            logger.addHandler(self)
            logger.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what an exporter says; hand on what the SDK says, such as that spans are dropped, but each line once."""
        if record.name.startswith("opentelemetry.exporter"):
            self.last = record.getMessage()
        elif record.msg not in self._said:
            self._said.add(record.msg)
            log.log(record.levelno, "OpenTelemetry: %s", record.getMessage())

    def close(self) -> None:
        """Let OpenTelemetry's lines go where they went before."""
        for name in self._LOGGERS:
            logger = logging.getLogger(name)
            logger.removeHandler(self)
            logger.propagate = True
        super().close()


def load_exporters(names: Iterable[str]) -> list[SpanExporter]:
    """Return the exporters of these names; those that there are not are warned of and left out."""
    return [made for name in names if (made := _load_exporter(name)) is not None]


def _load_exporter(name: str) -> SpanExporter | None:
    wanted = _entry_point(name)
    known = {each.name: each for each in entry_points(_GROUP)}
    if wanted not in known:
        log.warning(
            "there are no traces by OTEL_TRACES_EXPORTER %s: no exporter %s is installed; there are %s",
            name,
            wanted,
            ", ".join(sorted(known)) or "none",
        )
        return None
    try:
        exporter: SpanExporter = known[wanted].load()()
    except Exception as error:  # whatever a variable made of it
        log.warning("there are no traces by OTEL_TRACES_EXPORTER %s: %s", name, error)
        return None
    return exporter


def _entry_point(name: str) -> str:
    if name != "otlp":
        return name
    protocol = next((value for each in _PROTOCOLS if (value := os.environ.get(each))), "http/protobuf")
    return "otlp_proto_grpc" if protocol == "grpc" else "otlp_proto_http"


def _resource() -> Resource:
    """Return what is said of this process with all its spans; what variables say comes first."""
    said = Resource.create()
    name = str(said.attributes.get("service.name", ""))
    own: dict[str, Any] = {
        "service.version": version("workerhost"),
        "service.instance.id": str(uuid.uuid4()),
        "host.name": socket.gethostname(),
        "process.pid": os.getpid(),
    }
    named = said.merge(Resource({"service.name": "workerhost"})) if name.startswith("unknown_service") else said
    return Resource(own).merge(named)
