"""Activities of a project process belong to the trace that their header names, and carry it on."""

from collections.abc import Mapping

from temporalio.api.common.v1 import Payload

from workerhost.code.executing.trace_header import read_carrier


def enter_trace(headers: Mapping[str, Payload]) -> None:
    """Make the trace in the headers of an activity the one of this context, which is the activity's own.

    So what the activity calls learns of it, by a client that propagates it. Spans that the code makes here itself go
    nowhere, since nothing here exports them.
    """
    if not (carrier := read_carrier(headers)):
        return
    try:
        from opentelemetry.context import Context, attach  # noqa: PLC0415  where there are traces
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415
    except ImportError:
        return
    attach(TraceContextTextMapPropagator().extract(carrier, Context()))
