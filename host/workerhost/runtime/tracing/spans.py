"""Making spans: with ids that are chosen where they must be the same again, and with errors that are bounded."""

import contextlib
import hashlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from temporalio.api.common.v1 import Payload
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from workerhost.code.cutting import cut
from workerhost.code.executing.trace_header import HEADER, make_header, read_carrier

LONGEST_NAME, LONGEST_TEXT = 200, 500
"""Characters of names, and of messages of errors, which code of projects chooses."""

WORKFLOW_ID, RUN_ID, ACTIVITY_ID = "temporalWorkflowID", "temporalRunID", "temporalActivityID"
"""Attributes, named as the SDK's own interceptors name them."""

PROJECT, BUILD = "workerhost.project", "workerhost.build"

_PROPAGATOR = TraceContextTextMapPropagator()


class ChosenIds(RandomIdGenerator):
    """Ids of traces and spans: random ones, or those that were chosen. Safe to use from any thread."""

    def __init__(self) -> None:
        self._chosen = threading.local()

    @contextlib.contextmanager
    def chosen(self, trace_id: int, span_id: int) -> Iterator[None]:
        """Have the span that this thread starts in the block get these ids; the first one where it has no parent."""
        self._chosen.ids = trace_id, span_id
        try:
            yield
        finally:
            self._chosen.ids = None

    def generate_trace_id(self) -> int:
        """Return the id for a trace that begins."""
        chosen: tuple[int, int] | None = getattr(self._chosen, "ids", None)
        return chosen[0] if chosen else super().generate_trace_id()

    def generate_span_id(self) -> int:
        """Return the id for a span that starts."""
        chosen: tuple[int, int] | None = getattr(self._chosen, "ids", None)
        return chosen[1] if chosen else super().generate_span_id()


class SpanMaker:
    """Starts spans. Safe to use from any thread; never blocks.

    Args:
        tracer: whose provider has `ids`.
        ids: where ids come from.
    """

    def __init__(self, tracer: Tracer, ids: ChosenIds) -> None:
        self._tracer = tracer
        self._ids = ids

    def start(  # noqa: PLR0913  what a span has
        self,
        name: str,
        context: Context,
        kind: SpanKind,
        attributes: Mapping[str, Any],
        *,
        start_time: int | None = None,
        link: Span | None = None,
    ) -> Span:
        """Return a span that has begun.

        Args:
            name: of the span, which is cut where it is long.
            context: that its parent is in, if it has one.
            kind: of the span.
            attributes: of the span.
            start_time: in nanoseconds since 1970; None for now.
            link: another span that it has to do with.
        """
        links = [Link(link.get_span_context())] if link is not None else []
        return self._tracer.start_span(
            cut(name, LONGEST_NAME), context, kind, dict(attributes), links, start_time, record_exception=False
        )

    def start_again(self, key: str, name: str, context: Context, kind: SpanKind, **more: Any) -> Span:
        """Return a span whose ids follow from a key, so that whoever starts it again, anywhere, starts the same one.

        Args:
            key: no other span's.
            name: as of `start`, like all that follows.
            context: that its parent is in, if it has one.
            kind: of the span.
            more: what `start` takes beside these.
        """
        with self._ids.chosen(_number(f"trace {key}", 16), _number(f"span {key}", 8)):
            return self.start(name, context, kind, **more)


def _number(key: str, size: int) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=size).digest(), "big") or 1


def context_in(headers: Mapping[str, Payload]) -> Context:
    """Return the context that headers of Temporal carry; an empty one where they carry none."""
    carrier = read_carrier(headers)
    return _PROPAGATOR.extract(carrier, Context()) if carrier else Context()


def headers_with(headers: Mapping[str, Payload], context: Context | None = None) -> dict[str, Payload]:
    """Return headers of Temporal that carry a context, beside what they have.

    Args:
        headers: as they are.
        context: to carry; None for the current one.
    """
    payload = header_of(context)
    return dict(headers) if payload is None else {**headers, HEADER: payload}


def header_of(context: Context | None = None) -> Payload | None:
    """Return the header of Temporal that carries a context; None where that has no trace.

    Args:
        context: to carry; None for the current one.
    """
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, context)
    return make_header(carrier) if carrier else None


def context_in_http(headers: Mapping[str, str]) -> Context:
    """Return the context that headers of HTTP carry, as W3C Trace Context has them.

    Args:
        headers: by names in lower case.
    """
    return _PROPAGATOR.extract(headers, Context())


def note_error(span: Span, kind: str, message: str) -> None:
    """Say that what the span stands for has failed.

    Args:
        span: has not ended.
        kind: of the error: a class, or what code of a project calls it.
        message: which is cut where it is long.
    """
    span.set_attribute("error.type", cut(kind, LONGEST_NAME))
    span.set_status(Status(StatusCode.ERROR, cut(message, LONGEST_TEXT)))


def note_exception(span: Span, error: BaseException) -> None:
    """Say that an exception ended what the span stands for; one that is expected, as its code says, is no error."""
    if isinstance(error, ApplicationError):
        if error.category != ApplicationErrorCategory.BENIGN:
            note_error(span, error.type or type(error).__name__, error.message)
    elif isinstance(error, Exception):
        note_error(span, type(error).__name__, str(error))
