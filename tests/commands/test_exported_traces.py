"""One trace goes through hosts, processes of projects, and what activities call."""

import json
import os
from collections import Counter
from typing import Any

import httpx
import psutil

from support.collector import Collected, Collector, collector, exporting_to
from support.egress import page_server
from support.fleet import Fleet
from support.processes import RestClient
from support.traced_code import TRACED
from workerhost.testing import eventually

BEFORE = {
    "POST /hooks/<project_id>/<name>": 1,
    "StartWorkflow:Parent": 1,
    "StartActivity:call": 2,
    "RunActivity:call": 2,
    "StartChildWorkflow:Child": 1,
    "RunWorkflow:Child": 1,
}
AFTER = {
    "POST /projects/<project_id>/executions/<workflow_id>/signal": 1,
    "SignalWorkflow:end": 1,
    "HandleSignal:end": 1,
    "StartActivity:call": 1,
    "RunActivity:call": 1,
    "RunWorkflow:Parent": 1,
}


def _post(client: RestClient, path: str, body: Any, trace_id: str) -> Any:
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    answer = httpx.post(f"{client.url}{path}", json=body, headers=headers, timeout=60, trust_env=False)
    assert answer.is_success, answer.text
    return answer.json()


def _deployed(client: RestClient, project_id: str) -> None:
    client.deploy(project_id, "traced", {"version": "1", "workflowCode": TRACED})
    given = {"action": "start", "workflowType": "Parent", "args": ["$.body.url"], "authentication": {"kind": "none"}}
    client.call("PUT", f"/projects/{project_id}/webhooks/begin", given)


def _names(collected: Collector, trace_id: str) -> Counter[str]:
    return Counter(each.name for each in collected.of(trace_id))


def test_a_trace_goes_from_a_webhook_over_two_hosts_to_what_activities_call(fleet: Fleet) -> None:
    trace_id, project_id = os.urandom(16).hex(), "traced"
    with collector() as collected, page_server() as page:
        variables = {**exporting_to(collected.url), "WORKERHOST_OPEN_NETWORKS": "127.0.0.0/8"}
        _, client = fleet.serve("--workers", "2", **variables)
        _deployed(client, project_id)
        url = f"http://127.0.0.1:{page}/"
        begun = _post(client, f"/hooks/{project_id}/begin", {"url": url}, trace_id)
        eventually(lambda: _names(collected, trace_id) == Counter(BEFORE))

        first = fleet.process_of(project_id)
        assert first is not None
        psutil.Process(first).kill()
        eventually(lambda: fleet.process_of(project_id) not in (None, first), 30)
        run = f"/projects/{project_id}/executions/{begun['workflowId']}"
        eventually(client.answers)
        _post(client, f"{run}/signal", {"name": "end"}, trace_id)
        result = client.call("GET", f"{run}?wait=40")["result"]
        eventually(lambda: _names(collected, trace_id) == Counter(BEFORE) + Counter(AFTER))

        spans = collected.of(trace_id)
        assert len({each.span_id for each in spans}) == len(spans)
        _assert_that_parents_fit(spans)
        called = [json.loads(each)["headers"]["Traceparent"].split("-") for each in result]
        activities = [each.span_id for each in spans if each.name == "RunActivity:call"]
        assert sorted(each[2] for each in called) == sorted(activities)
        assert {each[1] for each in called} == {trace_id}
        by_host = {name: {each.resource["process.pid"] for each in spans if each.name == name} for name in AFTER}
        assert len(by_host["RunActivity:call"]) == 2
        assert first not in by_host["RunWorkflow:Parent"]
        assert {each.resource["service.name"] for each in spans} == {"workerhost"}
        of_project = [each for each in spans if each.name.startswith(("Run", "POST", "Handle"))]
        assert {each.attributes["workerhost.project"] for each in of_project} == {project_id}


def _assert_that_parents_fit(spans: list[Collected]) -> None:
    names = {each.span_id: each.name for each in spans}
    found = Counter((names.get(each.parent_id, "the caller"), each.name) for each in spans)
    signal = "POST /projects/<project_id>/executions/<workflow_id>/signal"
    assert found == Counter(
        {
            ("the caller", "POST /hooks/<project_id>/<name>"): 1,
            ("POST /hooks/<project_id>/<name>", "StartWorkflow:Parent"): 1,
            ("StartWorkflow:Parent", "RunWorkflow:Parent"): 1,
            ("RunWorkflow:Parent", "StartActivity:call"): 2,
            ("StartActivity:call", "RunActivity:call"): 3,
            ("RunWorkflow:Parent", "StartChildWorkflow:Child"): 1,
            ("StartChildWorkflow:Child", "RunWorkflow:Child"): 1,
            ("RunWorkflow:Child", "StartActivity:call"): 1,
            ("the caller", signal): 1,
            (signal, "SignalWorkflow:end"): 1,
            ("SignalWorkflow:end", "HandleSignal:end"): 1,
        }
    )
    (handled,) = [each for each in spans if each.name == "HandleSignal:end"]
    assert [names[each] for each in handled.links] == ["RunWorkflow:Parent"]
