"""The trace that what happens here belongs to. OpenTelemetry is imported only where traces are wanted."""

import os
import sys

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

_PROPAGATION = ("opentelemetry.trace.propagation.tracecontext", "opentelemetry.propagate")


def wanted_exporters() -> tuple[str, ...]:
    """Return the names of the exporters that OpenTelemetry's variables ask for; none where no traces are wanted.

    Without `OTEL_TRACES_EXPORTER`, an endpoint says that there is to be `otlp`, since a collector that nobody has
    named is none to look for.
    """
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return ()
    named = [each.strip() for each in os.environ.get("OTEL_TRACES_EXPORTER", "").split(",") if each.strip()]
    if not named and any(os.environ.get(each) for each in _ENDPOINTS):
        named = ["otlp"]
    return tuple(each for each in named if each != "none")


def propagation_modules() -> tuple[str, ...]:
    """Return the modules that processes with code of projects need to carry a trace on; none where none is wanted."""
    return _PROPAGATION if wanted_exporters() else ()


def current_trace_id() -> str | None:
    """Return the id of the trace that this context belongs to, as 32 hex digits; None where it belongs to none.

    Takes a few microseconds. Safe to use from any thread, also where OpenTelemetry is not installed.
    """
    if "opentelemetry.trace" not in sys.modules:
        return None
    from opentelemetry.trace import format_trace_id, get_current_span  # noqa: PLC0415  imported already

    context = get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else None


def trace_headers() -> dict[str, str]:
    """Return the HTTP headers that carry the trace of this context on, as W3C Trace Context has them.

    For activities of plugins that send requests themselves. Empty where there is no trace. Safe to use from any
    thread that the activity's context reaches.
    """
    headers: dict[str, str] = {}
    if "opentelemetry.trace" in sys.modules:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        TraceContextTextMapPropagator().inject(headers)
    return headers
