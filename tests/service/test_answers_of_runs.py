"""Each call about runs, and about what begins them, answers with the keys that products were promised."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from support import DATABASES
from support.activities import ACTIVITIES
from workerhost.code.warm_process import WarmProcess
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.testing import Api, eventually, running_service

CODE = """
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

SHORTLY = {"start_to_close_timeout": timedelta(seconds=30)}


@workflow.defn
class Order:
    \"\"\"Orders things.\"\"\"

    def __init__(self) -> None:
        self.goes_on = False

    @workflow.run
    async def run(self, number: int) -> int:
        doubled: int = await workflow.execute_activity("double", number, summary="Twice [node: twice]", **SHORTLY)
        await workflow.wait_condition(lambda: self.goes_on)
        return doubled

    @workflow.signal
    def go_on(self) -> None:
        self.goes_on = True

    @workflow.query
    def is_going_on(self) -> bool:
        return self.goes_on

    @workflow.update
    def ask(self, question: str) -> str:
        return f"{question}?"


@workflow.defn
class Hopeless:
    @workflow.run
    async def run(self, tries: int) -> None:
        policy = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=tries)
        await workflow.execute_activity("fail", 99, retry_policy=policy, **SHORTLY)
"""

START = {"workflowType": "Order", "args": [4]}
EXECUTION = {"workflowId", "runId", "workflowType", "status", "startedAt", "closedAt"}
DETAILS = EXECUTION | {"input", "memo", "searchAttributes", "historyLength", "parent", "failure", "stuck"}
FAILURE = {"message", "type", "nonRetryable"}
STEP = {"id", "kind", "name", "status", "attempt", "input", "scheduledAt"}
BATCH = {"status", "total", "done", "failed"}
SCHEDULE = {"workflowType", "args", "cron", "timeZone", "overlap", "paused", "note", "nextRuns", "recentRuns"}
TYPE = {"name", "workflow", "description", "inputSchema", "resultSchema", "signals", "queries", "updates"}
VERSION = {"version", "workflowCode", "activitiesCode", "modules", "compiledAt", "isActive"}


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def path(service: Service, project_id: str) -> str:
    """The path of a project that takes orders."""
    code = {"version": "1", "workflowCode": CODE, "activitiesCode": ACTIVITIES}
    Api.of(service).deploy(project_id, "orders", code)
    return f"/projects/{project_id}"


@pytest.fixture
def api(
    path: str, service: Service, settings: Settings, warm_process: WarmProcess, database_kind: str
) -> Iterator[Api]:
    """The only host on SQLite; on PostgreSQL another one than that which runs the project's worker."""
    assert path
    if database_kind == "sqlite":
        yield Api.of(service)
        return
    with running_service(settings, warm_process=warm_process) as other:
        yield Api.of(other)


def has(answer: Mapping[str, Any], *keys: str | set[str]) -> None:
    """Check that the keys are there."""
    wanted = set[str]().union(*({each} if isinstance(each, str) else each for each in keys))
    assert wanted <= set(answer), wanted - set(answer)


def test_starts_lists_and_counts(api: Api, path: str, project_id: str) -> None:
    options = {
        "memo": {"note": "x"},
        "executionTimeoutSeconds": 3600,
        "startDelaySeconds": 0.1,
        "ifExists": "use",
        "priority": 2,
        "fairnessKey": "x",
    }
    begun = api.post(f"{path}/executions", {**START, **options, "workflowId": f"{project_id}-1"}, expect=202)
    has(begun, "workflowId", "runId")
    again = api.post(f"{path}/executions", {**START, **options, "workflowId": f"{project_id}-1"}, expect=202)
    assert again == begun
    misfit = api.post(f"{path}/executions", {"workflowType": "Order", "args": ["x"]}, expect=400)
    assert misfit["code"] == "invalid_arguments"
    signal = {**START, "workflowId": f"{project_id}-2", "signal": {"name": "go_on"}}
    has(api.post(f"{path}/executions", signal, expect=202), "workflowId", "runId")
    update = {**START, "workflowId": f"{project_id}-3", "update": {"name": "ask", "args": ["why"]}}
    has(api.post(f"{path}/executions", update, expect=202), "workflowId", "runId")
    eventually(lambda: len(api.get(f"{path}/executions")["executions"]) == 3)
    page = api.get(f"{path}/executions?limit=1&status=RUNNING&status=COMPLETED&stuck=false&workflowType=Order")
    has(page, "executions", "cursor")
    has(page["executions"][0], EXECUTION)
    counts = api.get(f"{path}/execution-counts?groupBy=workflowType&stuck=false")
    assert counts == {"count": 3, "groups": [{"value": "Order", "count": 3}]}
    assert api.get(f"{path}/execution-counts?stuck=true") == {"count": 0, "groups": []}


def test_one_run_and_what_is_said_to_it(api: Api, path: str) -> None:
    run = f"{path}/executions/{api.begin(path.rpartition('/')[2], 'Order', 4)}"
    step = eventually(lambda: next(iter(api.get(f"{run}/steps?limit=5")["steps"]), None))
    step = eventually(lambda: found if "closedAt" in (found := api.get(f"{run}/steps")["steps"][0]) else None)
    has(step, STEP, "label", "node", "result", "startedAt", "closedAt")
    assert (step["label"], step["node"], step["kind"], step["status"]) == ("Twice", "twice", "activity", "completed")
    has(api.get(f"{run}/steps"), "steps", "cursor")
    found = api.get(run)
    has(found, DETAILS)
    assert (found["stuck"], found["failure"], found["input"]) == (None, None, [4])
    assert api.post(f"{run}/query", {"name": "is_going_on", "args": []}, expect=200) == {"result": False}
    update = {"name": "ask", "args": ["why"], "updateId": "one", "wait": "completed"}
    assert api.post(f"{run}/update", update, expect=200) == {"updateId": "one", "status": "completed", "result": "why?"}
    has(api.post(f"{run}/reset", {"to": {"step": step["id"]}, "reason": "again"}, expect=202), "workflowId", "runId")
    has(api.post(f"{run}/reset", {"to": "first", "build": "current"}, expect=202), "workflowId", "runId")
    eventually(lambda: api.get(f"{run}/steps")["steps"])
    has(api.post(f"{run}/reset", {"to": "last"}, expect=202), "workflowId", "runId")
    api.post(f"{run}/signal", {"name": "go_on"}, expect=202)
    assert api.get(f"{run}?wait=20")["result"] == 8
    has(api.post(f"{run}/retry", {"workflowId": f"{run.rpartition('/')[2]}-again"}, expect=202), "workflowId", "runId")
    history = api.get(f"{run}/history?limit=2")
    has(history, "events", "cursor")
    assert history["events"][0]["eventType"] == "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"
    stream = api.client.get(f"{run}/events")
    assert stream.mimetype == "text/event-stream"
    told: dict[str, Callable[[Any], None]] = {
        "step": lambda each: has(each, STEP),
        "status": lambda each: has(each, DETAILS),
    }
    kinds = set()
    for text in stream.text.split("\n\n"):
        if text in ("", ":"):  # between events, and where there is no news
            continue
        fields = dict(line.split(": ", 1) for line in text.splitlines())
        kinds.add(fields["event"])
        told[fields["event"]](json.loads(fields["data"]))
    assert kinds == set(told)


def test_failures_and_what_is_stuck(api: Api, path: str, project_id: str) -> None:
    failed = api.outcome(project_id, api.begin(project_id, "Hopeless", 1))["failure"]
    has(failed, FAILURE, "step", "activity", "attempt", "cause")
    has(failed["cause"], FAILURE, "stackTrace")
    assert "activities, line" in failed["cause"]["stackTrace"]
    assert "site-packages" not in failed["cause"]["stackTrace"]
    run = f"{path}/executions/{api.begin(project_id, 'Hopeless', 99)}"
    stuck = eventually(lambda: api.get(run)["stuck"])
    assert set(stuck) == {"since", "reason", "code", "attempts"}
    assert stuck["code"] == "activity_retries"
    retrying = eventually(lambda: found if "failure" in (found := api.get(f"{run}/steps")["steps"][0]) else None)
    has(retrying["failure"], FAILURE, "attempt", "stackTrace")
    waiting = eventually(lambda: found if "nextAttemptAt" in (found := api.get(f"{run}/steps")["steps"][0]) else None)
    has(waiting, STEP, "nextAttemptAt")
    api.post(f"{run}/terminate", {"reason": "enough"}, expect=202)


def test_types_and_versions(api: Api, path: str) -> None:
    build = api.get(f"{path}/workflow-types")["buildId"]
    found = api.get(f"{path}/workflow-types?build={build}")
    assert set(found) == {"workflowTypes", "buildId"}
    order = next(each for each in found["workflowTypes"] if each["name"] == "Order")
    assert set(order) == TYPE
    for kind in ("signals", "queries", "updates"):
        for each in order[kind]:
            has(each, "name", "inputSchema")
    activities = api.get(f"{path}/activities?build={build}")["activities"]
    assert {"double", "sampleActivity"} <= {each["name"] for each in activities}
    has(activities[0], "name", "plugin", "description", "inputSchema", "outputSchema")
    has(api.get(f"{path}/workflows/orders/versions/1"), VERSION)
    published = api.put(
        f"{path}/workflows/orders",
        {"version": "2", "workflowCode": CODE, "activitiesCode": ACTIVITIES, "modules": {"rules.prices": "TEA = 3\n"}},
    )
    assert published["success"]
    assert api.get(f"{path}/workflows/orders/versions/2")["modules"] == {"rules.prices": "TEA = 3\n"}


def test_batches(api: Api, path: str) -> None:
    batches = f"{path}/batches"
    for body in (
        {"operation": "start", "executions": [START]},
        {"operation": "signal", "filter": {"workflowType": "Order"}, "name": "go_on"},
        {"operation": "cancel", "filter": {"workflowType": "Order"}, "reason": "enough"},
        {"operation": "terminate", "filter": {"status": "RUNNING"}},
        {"operation": "delete", "filter": {"workflowIdPrefix": "nothing"}},
    ):
        answer = api.post(batches, body, expect=202)
        assert set(answer) == {"batchId"}
        has(api.get(f"{batches}/{answer['batchId']}"), BATCH)
        has(api.post(f"{batches}/{answer['batchId']}/stop", expect=202), BATCH)


def test_schedules(api: Api, path: str) -> None:
    schedule = f"{path}/schedules/daily"
    body = {
        **START,
        "cron": ["0 9 * * *"],
        "intervalSeconds": 3600,
        "calendar": {"hour": 9},
        "timeZone": "Europe/Berlin",
        "overlap": "skip",
        "jitterSeconds": 1,
        "catchUpSeconds": 60,
        "paused": True,
        "note": "x",
    }
    keys = SCHEDULE | {"intervalSeconds", "calendar", "jitterSeconds", "catchUpSeconds"}
    has(api.put(schedule, body, expect=201), keys)
    has(api.get(schedule), keys)
    has(api.get(f"{path}/schedules")["schedules"][0], keys)
    for action in ("trigger", "pause", "resume"):
        api.post(f"{schedule}/{action}", expect=202)
    times = {"from": "2026-01-31T12:00:00Z", "to": "2026-01-31T12:00:00Z"}
    api.post(f"{schedule}/backfill", times, expect=202)
    api.delete(schedule)


def test_webhooks(api: Api, path: str, project_id: str) -> None:
    webhook, secret = f"{path}/webhooks/paid", "known to both sides"
    body = {
        "action": "signal",
        "workflowType": "Order",
        "name": "go_on",
        "workflowId": "$.body.id",
        "args": [],
        "startArgs": [1],
        "authentication": {"kind": "header", "secret": secret, "header": "X-Own"},
        "ratePerMinute": 1,
    }
    for answer in (api.put(webhook, body, expect=201), api.get(webhook), api.get(f"{path}/webhooks")["webhooks"][0]):
        has(answer, "action", "workflowType", "name", "workflowId", "args", "authentication", "ratePerMinute")
        assert secret not in json.dumps(answer)
    hook = f"/hooks/{project_id}/paid"
    assert api.client.post(hook, json={"id": "x"}).status_code == 401
    assert api.client.post(hook, data=b"x" * 1_048_577, headers={"X-Own": secret}).status_code == 413
    called = api.client.post(hook, json={"id": f"{project_id}-paid"}, headers={"X-Own": secret})
    assert called.status_code == 202
    has(called.get_json(), "workflowId", "runId")
    assert api.client.post(hook, json={"id": "x"}, headers={"X-Own": secret}).status_code == 429
    api.delete(webhook)
