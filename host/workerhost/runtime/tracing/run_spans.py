"""The spans of runs, made in the host of what goes to a run's code and comes back.

A span that waits for its end is started wherever the run is replayed, with the same ids and times, and ends where its
end is new. So it is told once, with its whole length, whichever hosts the run was on meanwhile.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import temporalio.workflow
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, set_span_in_context
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from workerhost.code.executing.trace_header import HEADER, read_carrier
from workerhost.runtime.observing.watched_runs import CLOSING_COMMANDS
from workerhost.runtime.tracing.spans import (
    BUILD,
    PROJECT,
    RUN_ID,
    WORKFLOW_ID,
    SpanMaker,
    context_in,
    header_of,
    note_error,
)

MOST_WAITING = 10_000
"""Spans of one run that wait for their ends; further ones are not made. A run may have 2,000 activities open at once:
https://docs.temporal.io/workflow-execution/limits"""


@dataclass(frozen=True)
class _Asked:
    """What a command asks for, and the span of that."""

    kind: str
    name: str


_ASKED = {
    "schedule_activity": _Asked("activity", "StartActivity"),
    "schedule_local_activity": _Asked("activity", "StartActivity"),
    "start_child_workflow_execution": _Asked("child", "StartChildWorkflow"),
    "signal_external_workflow_execution": _Asked("signal", "SignalExternalWorkflow"),
}

_WRAPPING = ("activity_failure_info", "child_workflow_execution_failure_info")
"""Of failures that say no more than that another one, their cause, came from there."""


class RunSpans:
    """The spans of one run. Used by one thread at a time.

    Args:
        maker: starts them.
        info: of the run.
        project_id: whose run it is.
        build_id: that the run is on.
    """

    def __init__(self, maker: SpanMaker, info: temporalio.workflow.Info, project_id: str, build_id: str) -> None:
        self._maker = maker
        self._run_id = info.run_id
        self._attributes = {WORKFLOW_ID: info.workflow_id, RUN_ID: info.run_id, PROJECT: project_id, BUILD: build_id}
        parent = context_in(info.headers)
        begun = int(info.start_time.timestamp() * 1e9)
        name = f"RunWorkflow:{info.workflow_type}"
        self._run = self._start("run", name, parent, SpanKind.SERVER, begun)
        self._inside = set_span_in_context(self._run, Context())
        # What continues the run belongs to the same trace, beside the run.
        self._continued = parent if read_carrier(info.headers) else self._inside
        self._waiting: dict[tuple[str, int | str], Span] = {}

    def take(self, act: WorkflowActivation, completion: WorkflowActivationCompletion) -> None:
        """Start and end spans as the run has gone on, and have what it asks for carry the trace.

        Args:
            act: what was new.
            completion: what the run's code did then, without failing.
        """
        now = act.timestamp.ToNanoseconds() or time.time_ns()
        for job in act.jobs:
            self._take_job(job, now, is_new=not act.is_replaying)
        for command in completion.successful.commands:
            self._take_command(command, now, is_new=not act.is_replaying)

    def _take_job(self, job: Any, now: int, *, is_new: bool) -> None:
        kind = job.WhichOneof("variant")
        if kind == "signal_workflow" and is_new:
            signal = job.signal_workflow
            key = f"handle {signal.originating_event_id} {signal.signal_name}"
            self._start_handling(key, f"HandleSignal:{signal.signal_name}", signal.headers, now).end(now)
        elif kind == "do_update":
            update = job.do_update
            key = f"update {update.protocol_instance_id}"
            span = self._start_handling(key, f"HandleUpdate:{update.name}", update.headers, now)
            self._wait(("update", update.protocol_instance_id), span)
        elif (resolved := _resolved(job, kind)) is not None:
            self._end(resolved[0], now, resolved[1], is_new=is_new)

    def _take_command(self, command: Any, now: int, *, is_new: bool) -> None:
        kind = command.WhichOneof("variant")
        if (asked := _ASKED.get(kind)) is not None:
            self._take_question(asked, getattr(command, kind), now, is_new=is_new)
        elif kind == "update_response":
            answer = command.update_response
            if answer.WhichOneof("response") != "accepted":
                failure = answer.rejected if answer.HasField("rejected") else None
                self._end(("update", answer.protocol_instance_id), now, failure, is_new=is_new)
        elif kind in CLOSING_COMMANDS:
            if kind == "continue_as_new_workflow_execution":
                _carry(command.continue_as_new_workflow_execution, self._continued)
            failure = command.fail_workflow_execution.failure if kind == "fail_workflow_execution" else None
            self._close(now, failure, is_new=is_new)

    def _take_question(self, asked: _Asked, question: Any, now: int, *, is_new: bool) -> None:
        subject = {"activity": "activity_type", "child": "workflow_type", "signal": "signal_name"}[asked.kind]
        name = f"{asked.name}:{getattr(question, subject)}"
        span = self._start(f"{asked.kind} {question.seq}", name, self._inside, SpanKind.CLIENT, now)
        self._wait((asked.kind, question.seq), span)
        if is_new:
            _carry(question, set_span_in_context(span, Context()))

    def _start_handling(self, key: str, name: str, headers: Any, now: int) -> Span:
        """Start the span of what the run is told, in the trace of whoever tells it."""
        if not read_carrier(headers):
            return self._start(key, name, self._inside, SpanKind.SERVER, now)
        return self._start(key, name, context_in(headers), SpanKind.SERVER, now, link=self._run)

    def _start(self, key: str, name: str, context: Context, kind: SpanKind, begun: int, **more: Any) -> Span:
        key = f"{self._run_id} {key}"
        return self._maker.start_again(key, name, context, kind, attributes=self._attributes, start_time=begun, **more)

    def _wait(self, key: tuple[str, int | str], span: Span) -> None:
        if len(self._waiting) < MOST_WAITING:
            self._waiting[key] = span

    def _end(self, key: tuple[str, int | str], now: int, failure: Failure | None, *, is_new: bool) -> None:
        span = self._waiting.pop(key, None)
        if span is None or not is_new:
            return
        if failure is not None:
            note_failure(span, failure)
        span.end(now)

    def _close(self, now: int, failure: Failure | None, *, is_new: bool) -> None:
        """End the run's span, and those of what nobody waits for any more."""
        for key in list(self._waiting):
            self._end(key, now, None, is_new=is_new)
        self._waiting["run", 0] = self._run
        self._end(("run", 0), now, failure, is_new=is_new)


def _resolved(job: Any, kind: str | None) -> tuple[tuple[str, int], Failure | None] | None:
    """Return what a job says the outcome of, and the failure if it is one; None where it says no such thing."""
    match kind:
        case "resolve_activity":
            return ("activity", job.resolve_activity.seq), _failure(job.resolve_activity.result)
        case "resolve_child_workflow_execution":
            child = job.resolve_child_workflow_execution
            return ("child", child.seq), _failure(child.result)
        case "resolve_child_workflow_execution_start":
            start = job.resolve_child_workflow_execution_start
            if start.HasField("failed"):
                return ("child", start.seq), Failure(message="the workflow id is taken")
            return (("child", start.seq), start.cancelled.failure) if start.HasField("cancelled") else None
        case "resolve_signal_external_workflow":
            signal = job.resolve_signal_external_workflow
            return ("signal", signal.seq), signal.failure if signal.HasField("failure") else None
    return None


def _failure(result: Any) -> Failure | None:
    return result.failed.failure if result.HasField("failed") else None


def note_failure(span: Span, failure: Failure) -> None:
    """Say that what the span stands for has failed, and as what it first did."""
    while failure.HasField("cause") and failure.WhichOneof("failure_info") in _WRAPPING:
        failure = failure.cause
    kind = (failure.WhichOneof("failure_info") or "failure").removesuffix("_failure_info")
    note_error(span, failure.application_failure_info.type or kind, failure.message)


def _carry(message: Any, context: Context) -> None:
    header = header_of(context)
    if header is not None:
        message.headers[HEADER].CopyFrom(header)


def jobs_of(act: WorkflowActivation) -> Iterator[str]:
    """Yield the kinds of what is new for a run."""
    return (str(job.WhichOneof("variant")) for job in act.jobs)
