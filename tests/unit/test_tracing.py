"""Whether there are traces, what carries them, and what is said where they cannot be exported."""

import json
import logging
import socket
import sys
import time
from datetime import UTC, datetime
from typing import Any, cast

import pytest
import temporalio.workflow
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from support.collector import collector, exporting_to
from support.egress import drain, site
from workerhost.code.executing.trace_header import HEADER, make_header, read_carrier
from workerhost.runtime.tracing.exporting import SpanSink, load_exporters
from workerhost.runtime.tracing.run_spans import RunSpans
from workerhost.runtime.tracing.setup import make_tracing
from workerhost.runtime.tracing.spans import ChosenIds, SpanMaker
from workerhost.trace_context import current_trace_id, propagation_modules, trace_headers, wanted_exporters

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({}, ()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, ("otlp",)),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318"}, ("otlp",)),
        ({"OTEL_TRACES_EXPORTER": "console, otlp"}, ("console", "otlp")),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, ()),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "True"}, ()),
    ],
)
def test_the_variables_of_opentelemetry_say_whether_there_are_traces(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], names: tuple[str, ...]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert wanted_exporters() == names
    assert bool(propagation_modules()) == bool(names)


def test_nothing_is_made_where_no_traces_are_wanted() -> None:
    assert make_tracing() is None
    assert current_trace_id() is None
    assert trace_headers() == {}


def test_the_log_says_what_to_install_where_traces_are_wanted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    monkeypatch.delitem(sys.modules, "workerhost.runtime.tracing.exporting")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)
    assert make_tracing() is None
    assert "pip install 'workerhost[otel]'" in caplog.text


def test_an_exporter_that_is_not_there_is_named_with_those_that_are(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "jaeger")
    assert make_tracing() is None
    assert "no exporter jaeger is installed; there are console, otlp_proto_http" in caplog.text


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[1]", b"\xff\xfe", b'{"traceparent": 7}', b'{"baggage": "a=b"}', b"[" * 2000, b'"' + 3000 * b"x"],
)
def test_a_header_that_is_none_carries_nothing(data: bytes) -> None:
    assert read_carrier({HEADER: Payload(data=data)}) == {}


def test_a_header_carries_what_the_sdk_of_temporal_reads() -> None:
    header = make_header({"traceparent": PARENT})
    assert (header.metadata["encoding"], json.loads(header.data)) == (b"json/plain", {"traceparent": PARENT})
    assert read_carrier({HEADER: header}) == {"traceparent": PARENT}


def _export(sink: SpanSink, name: str) -> None:
    sink.provider.get_tracer("test").start_span(name).end()
    sink.provider.force_flush()


def test_a_collector_that_is_away_is_said_once_and_its_return_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with collector() as collected:
        for name, value in exporting_to(collected.url).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
        (exporter,) = load_exporters(["otlp"])
        sink = SpanSink([exporter])
        monkeypatch.setattr(exporter, "export", _Away(exporter.export, 2))
        with caplog.at_level(logging.INFO):
            for name in ("first", "second", "third", "fourth"):
                _export(sink, name)
            sink.stop()
        assert [each.name for each in collected.all()] == ["third", "fourth"]
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "traces cannot be exported and are lost until they can: ConnectionError: nobody is there",
        "traces are exported again; 2 spans were lost",
    ]
    assert logging.getLogger("opentelemetry.exporter").propagate


class _Away:
    """An export that reaches nobody the first times."""

    def __init__(self, export: Any, times: int) -> None:
        self._export = export
        self._left = times

    def __call__(self, spans: Any) -> Any:
        self._left -= 1
        if self._left >= 0:
            raise ConnectionError("nobody is there")
        return self._export(spans)


def test_what_opentelemetry_says_of_a_refused_connection_is_one_line_of_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.2")
    sink = SpanSink(load_exporters(["otlp"]))
    for name in ("first", "second"):
        _export(sink, name)
    sink.stop()
    (record,) = caplog.records
    assert record.getMessage().startswith("traces cannot be exported and are lost until they can: ")
    assert "does not say why" not in record.getMessage()


def test_a_collector_that_never_answers_does_not_hold_a_stop(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with site(drain) as port:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "2")
        sink = SpanSink(load_exporters(["otlp"]))
        sink.provider.get_tracer("test").start_span("last").end()
        began = time.monotonic()
        sink.stop(0.3)
        assert time.monotonic() - began < 1.5
    assert "the last spans are lost: they were not exported within 0.3 s" in caplog.text


class Run:
    """A run on a host, which takes activations."""

    def __init__(self, exporter: InMemorySpanExporter, headers: dict[str, Payload]) -> None:
        ids = ChosenIds()
        provider = TracerProvider(id_generator=ids, shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        info = {
            "run_id": "run-1",
            "workflow_id": "order-1",
            "workflow_type": "Order",
            "headers": headers,
            "start_time": datetime(2026, 1, 1, tzinfo=UTC),
        }
        known = cast("temporalio.workflow.Info", type("Info", (), info))
        self._spans = RunSpans(SpanMaker(provider.get_tracer("test"), ids), known, "shop", "b1")

    def take(self, second: int, *, jobs: str = "", commands: str = "", is_replaying: bool = False) -> Any:
        """Take an activation and what the code does then, each as its kind; return the commands."""
        act, completion = WorkflowActivation(is_replaying=is_replaying), WorkflowActivationCompletion()
        act.timestamp.FromDatetime(datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC))
        for kind in jobs.split():
            getattr(act.jobs.add(), kind).seq = 1
        completion.successful.SetInParent()
        for kind in commands.split():
            command = getattr(completion.successful.commands.add(), kind)
            if kind == "schedule_activity":
                command.seq, command.activity_type = 1, "charge"
            command.SetInParent()
        self._spans.take(act, completion)
        return completion.successful.commands


@pytest.mark.parametrize("headers", [{}, {HEADER: make_header({"traceparent": PARENT})}])
def test_a_run_that_goes_on_elsewhere_is_the_same_span_told_once_with_its_whole_length(
    headers: dict[str, Payload],
) -> None:
    exporter = InMemorySpanExporter()
    first, second = Run(exporter, headers), Run(exporter, headers)
    (asked,) = first.take(1, commands="schedule_activity")
    (again,) = second.take(1, commands="schedule_activity", is_replaying=True)
    assert HEADER not in again.schedule_activity.headers
    assert exporter.get_finished_spans() == ()
    second.take(9, jobs="resolve_activity", commands="complete_workflow_execution")
    activity, run = exporter.get_finished_spans()
    assert (activity.name, run.name) == ("StartActivity:charge", "RunWorkflow:Order")
    assert activity.parent is not None
    assert activity.parent.span_id == run.context.span_id
    assert (run.parent is None) == (not headers)
    assert [(each.end_time or 0) - (each.start_time or 0) for each in (activity, run)] == [8 * 10**9, 9 * 10**9]
    carried = read_carrier(asked.schedule_activity.headers)["traceparent"].split("-")
    assert carried[1:3] == [f"{activity.context.trace_id:032x}", f"{activity.context.span_id:016x}"]


def test_what_goes_on_after_a_run_that_begins_a_trace_belongs_to_that_trace() -> None:
    exporter = InMemorySpanExporter()
    (command,) = Run(exporter, {}).take(3, commands="continue_as_new_workflow_execution")
    (run,) = exporter.get_finished_spans()
    carried = read_carrier(command.continue_as_new_workflow_execution.headers)["traceparent"]
    assert carried.startswith(f"00-{run.context.trace_id:032x}-{run.context.span_id:016x}-")


def test_a_run_whose_caller_is_not_sampled_has_no_spans_and_says_so_to_what_it_asks_for() -> None:
    exporter = InMemorySpanExporter()
    run = Run(exporter, {HEADER: make_header({"traceparent": PARENT[:-1] + "0"})})
    (asked,) = run.take(1, commands="schedule_activity")
    run.take(2, jobs="resolve_activity", commands="complete_workflow_execution")
    assert exporter.get_finished_spans() == ()
    assert read_carrier(asked.schedule_activity.headers)["traceparent"].endswith("-00")


def test_names_that_code_chooses_are_cut() -> None:
    ids = ChosenIds()
    maker = SpanMaker(TracerProvider(id_generator=ids, shutdown_on_exit=False).get_tracer("test"), ids)
    span: Any = maker.start("RunActivity:" + 5000 * "x", Context(), SpanKind.SERVER, {})
    assert len(span.name) < 300
