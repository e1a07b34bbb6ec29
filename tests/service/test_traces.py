"""What spans say, where traces begin, and what is not traced."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from temporalio import activity

from support.collector import Collected, Collector, collector, exporting_to
from workerhost import ActivitySet, hookimpl, trace_headers
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.testing import Api, eventually, unique_id
from workerhost.trace_context import current_trace_id

CODE = """
import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

LIMIT = timedelta(seconds=20)
TWICE = RetryPolicy(maximum_attempts=2, initial_interval=timedelta(milliseconds=10))


@activity.defn
async def refuse(secret: str) -> None:
    raise ApplicationError("the card is refused " + 1000 * "x", type="CardRefused")


@workflow.defn
class Refused:
    @workflow.run
    async def run(self, secret: str) -> None:
        await workflow.execute_activity(refuse, secret, start_to_close_timeout=LIMIT, retry_policy=TWICE)


@workflow.defn
class Carried:
    @workflow.run
    async def run(self, again: bool) -> str:
        if again:
            workflow.continue_as_new(False)
        return await workflow.execute_activity("traceOf", start_to_close_timeout=LIMIT)


@workflow.defn
class Waiting:
    def __init__(self) -> None:
        self.is_done = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self.is_done)

    @workflow.update
    async def end(self, is_done: bool) -> bool:
        await asyncio.sleep(0.05)
        self.is_done = is_done
        return is_done

    @end.validator
    def check(self, is_done: bool) -> None:
        if not is_done:
            raise ValueError("it is to be done")
"""


@activity.defn(name="traceOf")
def trace_of() -> str:
    """Return what carries the trace on."""
    return trace_headers().get("traceparent", "")


class Carrying:
    """A plugin whose activity knows its trace."""

    @hookimpl
    def workerhost_register_activity_sets(self) -> list[ActivitySet]:
        return [ActivitySet("carrying", (trace_of,))]


@pytest.fixture
def plugins() -> Mapping[str, object]:
    return {"carrying": Carrying()}


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collector() as made:
        for name, value in exporting_to(made.url).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=orders,deployment.environment.name=test")
        yield made


@pytest.fixture
def settings(collected: Collector, settings: Settings) -> Settings:
    return settings


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    api.deploy(project_id, "traced", {"version": "1", "workflowCode": CODE})
    return project_id


def spans_of(
    collected: Collector, is_whole: Callable[[set[str]], bool], trace_id: str | None = None
) -> list[Collected]:
    """Wait until the spans have the names, and return them."""

    def found() -> list[Collected]:
        spans = collected.all() if trace_id is None else collected.of(trace_id)
        return spans if is_whole({each.name for each in spans}) else []

    return eventually(found)


def begin(api: Api, project: str, workflow_type: str, *args: Any) -> tuple[str, str]:
    """Start a run in a new trace; return its workflow id and the id of the trace."""
    trace_id = os.urandom(16).hex()
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01", "tracestate": "vendor=1"}
    body = {"workflowType": workflow_type, "args": list(args)}
    answer = api.client.post(f"/projects/{project}/executions", json=body, headers=headers)
    assert answer.status_code == 202, answer.get_data(as_text=True)
    return str(answer.get_json()["workflowId"]), trace_id


def test_spans_say_what_failed_and_nothing_of_what_was_given(api: Api, project: str, collected: Collector) -> None:
    workflow_id, trace_id = begin(api, project, "Refused", "the secret")
    shown = api.outcome(project, workflow_id)
    assert shown["status"] == "FAILED"
    spans = spans_of(collected, lambda names: {"RunWorkflow:Refused", "StartActivity:refuse"} <= names, trace_id)
    by_name = {each.name: each for each in spans}
    request = by_name["POST /projects/<project_id>/executions"]
    assert request.attributes == {
        "http.request.method": "POST",
        "url.scheme": "http",
        "url.path": f"/projects/{project}/executions",
        "http.route": "/projects/<project_id>/executions",
        "http.response.status_code": 202,
        "server.address": "localhost",
        "workerhost.project": project,
    }
    assert request.resource["service.name"] == "orders"
    assert request.resource["deployment.environment.name"] == "test"
    attempts = [each for each in spans if each.name == "RunActivity:refuse"]
    assert sorted(each.attributes["temporalActivityAttempt"] for each in attempts) == [1, 2]
    build = api.get(f"/projects/{project}/executions/{workflow_id}")["buildId"]
    for each in (*attempts, by_name["StartActivity:refuse"], by_name["RunWorkflow:Refused"]):
        assert each.is_error
        assert each.attributes["error.type"] == "CardRefused"
        assert each.attributes["temporalWorkflowID"] == workflow_id
        assert each.attributes["temporalRunID"] == shown["runId"]
        assert each.attributes["workerhost.build"] == build
        assert len(each.message) < 600
    assert attempts[0].message.startswith("the card is refused xxx")
    assert by_name["RunWorkflow:Refused"].ended > by_name["RunWorkflow:Refused"].begun
    assert "the secret" not in repr(spans)


def test_a_trace_goes_on_in_plugins_and_in_what_continues_a_run(
    api: Api, project: str, collected: Collector, service: Service
) -> None:
    workflow_id, trace_id = begin(api, project, "Carried", True)
    carried = eventually(lambda: api.outcome(project, workflow_id)["result"])
    spans = spans_of(collected, lambda names: "RunActivity:traceOf" in names, trace_id)
    (ran,) = [each for each in spans if each.name == "RunActivity:traceOf"]
    assert carried == f"00-{trace_id}-{ran.span_id}-01"
    runs = eventually(lambda: [each for each in collected.of(trace_id) if each.name == "RunWorkflow:Carried"][1:])
    (started,) = [each for each in spans if each.name == "StartWorkflow:Carried"]
    assert {each.parent_id for each in runs} == {started.span_id}


def test_an_update_belongs_to_the_trace_of_whoever_asks_for_it(api: Api, project: str, collected: Collector) -> None:
    workflow_id, _ = begin(api, project, "Waiting")
    path = f"/projects/{project}/executions/{workflow_id}/update"
    trace_id = os.urandom(16).hex()
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    for is_done in (False, True):
        api.client.post(path, json={"name": "end", "args": [is_done]}, headers=headers)

    def handling(*, is_error: bool) -> list[Collected]:
        found = [each for each in collected.of(trace_id) if each.name == "HandleUpdate:end"]
        return [each for each in found if each.is_error == is_error]

    (refused,), (handled,) = (eventually(partial(handling, is_error=each)) for each in (True, False))
    spans = collected.of(trace_id)
    assert refused.message == "it is to be done"
    assert handled.ended - handled.begun >= 50_000_000
    assert len(handled.links) == 1
    asked = {each.span_id: each for each in spans if each.name == "StartWorkflowUpdate:end"}
    assert handled.parent_id in asked


def test_each_run_of_a_schedule_begins_a_trace(api: Api, project: str, collected: Collector) -> None:
    name = unique_id("tick")
    every = {"workflowType": "Carried", "args": [False], "intervalSeconds": 1}
    api.put(f"/projects/{project}/schedules/{name}", every, 201)
    runs = eventually(lambda: [each for each in collected.all() if each.name == "RunWorkflow:Carried"][1:])
    api.delete(f"/projects/{project}/schedules/{name}")
    assert {each.parent_id for each in runs} == {""}
    assert len({each.trace_id for each in runs}) == len(runs)
    spans = spans_of(collected, lambda names: "RunActivity:traceOf" in names, runs[0].trace_id)
    assert {each.name for each in spans} == {"RunWorkflow:Carried", "StartActivity:traceOf", "RunActivity:traceOf"}


def test_probes_have_no_spans_and_refusals_have(api: Api, collected: Collector) -> None:
    api.get("/health")
    api.get("/ready")
    api.call("GET", "/nowhere?key=secret", None, 404)
    api.call("GET", "/projects/nobody", None, 404)
    spans = spans_of(collected, lambda names: "GET /projects/<project_id>" in names)
    assert {each.attributes["url.path"] for each in spans} == {"/nowhere", "/projects/nobody"}
    assert {each.attributes["http.response.status_code"] for each in spans} == {404}
    assert not any(each.is_error for each in spans)
    assert "secret" not in repr(spans)


def test_what_is_logged_for_a_request_can_name_its_trace(
    api: Api, collected: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    named: list[str | None] = []

    def note(_record: logging.LogRecord) -> bool:
        named.append(current_trace_id())
        return True

    caplog.handler.addFilter(note)
    api.client.application.add_url_rule("/fails", "fails", lambda: 1 / 0)
    with caplog.at_level(logging.ERROR):
        api.get("/fails", 500)
    (span,) = spans_of(collected, lambda names: "GET /fails" in names)
    assert named == [span.trace_id]
    assert span.is_error
    assert span.attributes["error.type"] == "500"
    assert current_trace_id() is None
