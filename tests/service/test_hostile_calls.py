"""Calls that are meant to break something: each is refused with a sentence, in time, and reaches no other project."""

import asyncio
import gc
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from temporalio.client import Client

from support import greeting
from support.refusals import refused
from workerhost.errors import NotFoundError
from workerhost.model import Project
from workerhost.runtime.batches import operations as batch_operations
from workerhost.runtime.batches import progress, work
from workerhost.runtime.executions import lookup
from workerhost.runtime.executions import operations as executions
from workerhost.runtime.executions.history import operations as history_operations
from workerhost.runtime.executions.resetting import resets
from workerhost.runtime.executions.resetting.holding import HOLDING_TYPE
from workerhost.runtime.executions.resetting.points import ResetEnd
from workerhost.runtime.executions.resetting.resets import ResetPlan, Resets
from workerhost.runtime.executions.starting import starts
from workerhost.runtime.executions.starting.start_options import ExecutionStart
from workerhost.runtime.executions.starting.with_message import MessageStarts
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, eventually
from workerhost.words import RunId, WorkflowId

SLOW = """
import pydantic
from temporalio import workflow

CHOICES = [{"type": "string", "maxLength": 0} for _ in range(2000)]
ITEMS = {"anyOf": [*CHOICES, {"type": "string"}]}
pydantic.TypeAdapter.json_schema = lambda *_, **__: {"type": "array", "items": ITEMS}


@workflow.defn
class Slow:
    @workflow.run
    async def run(self, given: int) -> None: ...
"""


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    api.deploy(project_id, "echo", {"version": "1", "workflowCode": ECHO})
    return project_id


@pytest.fixture
def greeting_project(api: Api, project_id: str) -> str:
    api.deploy(project_id, "greeting", greeting("A"))
    return project_id


@pytest.fixture
def neighbour(api: Api, project_id: str) -> Iterator[str]:
    name = f"{project_id}-neighbour"
    api.deploy(name, "greeting", greeting("B"))
    yield name
    api.post("/workers/stop", {"projectId": name})


def posted(api: Api, path: str, data: str) -> Any:
    return api.client.post(path, data=data, content_type="application/json")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('{"workflowType": "Echo", "args": [{"a": [1e400]}]}', "args.0.a.0 holds a number that is too large"),
        ('{"workflowType": "Echo", "args": [-1E+0400]}', "args.0 holds a number that is too large"),
        (f'{{"workflowType": "Echo", "args": [{"9" * 400}.5]}}', "args.0 holds a number that is too large"),
        (f'{{"workflowType": "Echo", "args": [{"9" * 5000}]}}', "the body holds a number of more than 4300 digits"),
        ('{"workflow_type": "Echo"}', "workflow_type is not a known field"),
        ('{"workflowType": "Echo", "memo": {"": 1}}', "memo has the key '', which does not fit"),
    ],
)
def test_what_cannot_be_sent_on_is_named(api: Api, project: str, body: str, sentence: str) -> None:
    answer = posted(api, f"/projects/{project}/executions", body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_request")
    assert sentence in answer.get_json()["error"]


def test_numbers_that_only_look_large_are_taken(api: Api, project: str) -> None:
    body = json.dumps({"workflowType": "Echo", "args": ["1e400", 10**400, 1e300]})
    assert posted(api, f"/projects/{project}/executions?unchecked=true", body).status_code == 202


@pytest.mark.parametrize("place", ["middle", None, 1, {}, {"step": 5}, {"step": "-1"}, {"step": "1", "more": 1}])
def test_a_place_that_is_none_is_refused_in_the_words_of_the_api(api: Api, project: str, place: Any) -> None:
    said = 'to must be "first", "last" or {"step": "<id>"}, with the id of a step'
    refused(api, "POST", f"/projects/{project}/executions/any/reset", {"to": place}, 400, said)


def test_a_status_that_is_none_is_refused_without_forms_of_pydantic(api: Api, project: str) -> None:
    answer = api.post(f"/projects/{project}/batches", {"operation": "cancel", "filter": {"status": "X"}}, 400)
    assert answer["error"].startswith("filter.status: Input should be 'RUNNING'")


@pytest.mark.parametrize("sent", ["Zo\u00eb and Chlo\u00eb".encode().decode("latin-1"), "Zo\u00eb and Chlo\u00eb"])
def test_a_secret_with_letters_of_other_languages_is_known_however_it_is_sent(
    api: Api, project: str, sent: str
) -> None:
    authentication = {"kind": "header", "secret": "Zo\u00eb and Chlo\u00eb and others"}
    body = {"action": "start", "workflowType": "Echo", "args": ["x"], "authentication": authentication}
    api.put(f"/projects/{project}/webhooks/names", body)
    others = " and others"
    headers = {"X-Webhook-Secret": f"{sent}{others}"}
    assert api.client.post(f"/hooks/{project}/names", data=b"{}", headers=headers).status_code == 202
    assert (
        api.client.post(f"/hooks/{project}/names", data=b"{}", headers={"X-Webhook-Secret": others}).status_code == 401
    )


def test_traces_of_a_run_name_no_folders_of_this_machine(api: Api, greeting_project: str) -> None:
    run = api.begin(greeting_project, "Greeting", "x")
    path = f"/projects/{greeting_project}/executions/{run}/query"
    trace = api.post(path, {"name": "__stack_trace"}, 200)["result"]
    assert "_workflow_instance.py" in trace
    assert "site-packages" not in trace
    assert "/workerhost/" not in trace
    assert api.post(path, {"name": "__temporal_workflow_metadata"}, 200)["result"]["definition"]["type"] == "Greeting"
    assert "site-packages" not in str(api.post(path, {"name": "__enhanced_stack_trace"}, 200)["result"])
    api.post(f"/projects/{greeting_project}/executions/{run}/terminate", None, 202)


def test_a_schedule_keeps_to_no_zone_of_the_server(api: Api, project: str) -> None:
    body = {"workflowType": "Echo", "args": ["x"], "cron": ["0 9 * * *"], "timeZone": "localtime"}
    refused(api, "PUT", f"/projects/{project}/schedules/local", body, 400, "timeZone must not be localtime")


def test_a_cursor_of_another_project_is_none(api: Api, greeting_project: str, neighbour: str) -> None:
    for _ in range(2):
        api.post(f"/projects/{neighbour}/batches", {"operation": "cancel", "filter": {}}, 202)
        api.begin(neighbour, "Greeting", "x")
    eventually(lambda: len(api.get(f"/projects/{neighbour}/executions")["executions"]) == 2)
    for what in ("executions", "batches"):
        cursor = api.get(f"/projects/{neighbour}/{what}?limit=1")["cursor"]
        assert api.get(f"/projects/{neighbour}/{what}?limit=1&cursor={cursor}")[what]
        refused(api, "GET", f"/projects/{greeting_project}/{what}?cursor={cursor}", None, 400, "cursor is not valid")


def test_many_arguments_with_a_slow_schema_hold_up_nobody(
    api: Api, project_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_operations, "LONGEST_CHECK_SECONDS", 0.3)
    api.deploy(project_id, "slow", {"version": "1", "workflowCode": SLOW}, start=False)
    executions = [{"workflowType": "Slow", "args": [["x"] * 200]} for _ in range(200)]
    began = time.monotonic()
    batch = api.post(f"/projects/{project_id}/batches", {"operation": "start", "executions": executions}, 202)
    assert time.monotonic() - began < 5
    api.post(f"/projects/{project_id}/batches/{batch['batchId']}/stop", None, 202)


def test_a_stopped_batch_sends_nothing_that_had_no_place_yet(
    api: Api, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "AT_ONCE", 2)
    monkeypatch.setattr(progress, "AHEAD", 128)
    monkeypatch.setattr(progress, "SAVE_SECONDS", 0.0)
    path = f"/projects/{project}/batches"
    api.post("/workers/stop", {"projectId": project})
    executions = [{"workflowType": "Echo", "args": ["x"]} for _ in range(3000)]
    batch = api.post(path, {"operation": "start", "executions": executions}, 202)["batchId"]
    eventually(lambda: api.get(f"{path}/{batch}")["done"] > 0)
    at_stop = api.post(f"{path}/{batch}/stop", None, 202)["done"]
    report = eventually(lambda: (found := api.get(f"{path}/{batch}"))["endedAt"] and found)
    assert report["status"] == "stopped"
    assert report["done"] < at_stop + progress.AHEAD
    eventually(lambda: api.get(f"/projects/{project}/execution-counts")["count"] == report["done"])


def test_a_batch_starts_nothing_after_its_project_is_deleted(
    api: Api, service: Service, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    begin = starts.begin_execution

    async def note_and_begin(client: Client, of: Project, workflow_id: WorkflowId, wanted: ExecutionStart) -> Any:
        begun.append(workflow_id)
        return await begin(client, of, workflow_id, wanted)

    monkeypatch.setattr(work, "begin_execution", note_and_begin)
    path = f"/projects/{project}/batches"
    executions = [{"workflowType": "Echo", "args": ["x"]} for _ in range(3000)]
    for _ in range(2):
        batch = api.post(path, {"operation": "start", "executions": executions}, 202)["batchId"]
    first = next(each["batchId"] for each in api.get(path)["batches"] if each["batchId"] != batch)
    eventually(lambda: api.get(f"{path}/{first}")["done"] > 0)
    api.delete(f"/projects/{project}")
    at_deletion = len(begun)
    eventually(lambda: not service.runs.batch_runner._working_on)
    assert len(begun) == at_deletion
    api.put(f"/projects/{project}", {}, 201)


def closed(api: Api, project: str, workflow_id: str) -> None:
    body = {"workflowType": "Greeting", "args": ["x"], "workflowId": workflow_id}
    api.post(f"/projects/{project}/executions", body, 202)
    run = f"/projects/{project}/executions/{workflow_id}"
    eventually(lambda: api.get(run)["buildId"])
    api.post(f"{run}/terminate", None, 202)
    eventually(lambda: api.get(run)["status"] == "TERMINATED")


def test_a_reset_ends_no_run_of_another_project_that_has_begun_meanwhile(
    api: Api, service: Service, greeting_project: str, neighbour: str
) -> None:
    workflow_id = f"{greeting_project}-same"
    closed(api, greeting_project, workflow_id)
    at_work = Resets(service.temporal)
    plan = at_work.plan(service.store.projects.get(greeting_project), WorkflowId(workflow_id), ResetEnd.FIRST)
    body = {"workflowType": "Greeting", "args": ["x"], "workflowId": workflow_id}
    theirs = api.post(f"/projects/{neighbour}/executions", body, 202)
    with pytest.raises(NotFoundError, match="has no execution"):
        at_work.reset(plan, "again")
    found = api.get(f"/projects/{neighbour}/executions/{workflow_id}")
    assert (found["runId"], found["status"]) == (theirs["runId"], "RUNNING")
    api.post(f"/projects/{neighbour}/executions/{workflow_id}/terminate", None, 202)


def test_the_id_of_a_run_that_has_ended_is_held_while_it_is_reset(
    api: Api, greeting_project: str, neighbour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow_id = f"{greeting_project}-held"
    closed(api, greeting_project, workflow_id)
    body = {"workflowType": "Greeting", "args": ["x"], "workflowId": workflow_id}
    ask_temporal = resets._reset

    async def start_first(client: Client, plan: ResetPlan, reason: str) -> RunId:
        await asyncio.to_thread(api.post, f"/projects/{neighbour}/executions", body, 409)
        return await ask_temporal(client, plan, reason)

    monkeypatch.setattr(resets, "_reset", start_first)
    path = f"/projects/{greeting_project}/executions"
    begun = api.post(f"{path}/{workflow_id}/reset", {"to": "first"}, 202)
    found = api.get(f"{path}/{workflow_id}")
    assert (found["runId"], found["status"]) == (begun["runId"], "RUNNING")
    eventually(lambda: not api.get(f"{path}?workflowType={HOLDING_TYPE}")["executions"])
    api.post(f"{path}/{workflow_id}/terminate", None, 202)


def test_a_run_that_is_deleted_while_it_is_read_is_not_there(
    api: Api, greeting_project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow_id = f"{greeting_project}-deleted"
    closed(api, greeting_project, workflow_id)
    find = lookup.describe

    async def find_and_lose(*where: Any, **more: Any) -> Any:
        return replace(await find(*where, **more), run_id=str(uuid.uuid4()))

    for module in (history_operations, resets, starts, executions):
        monkeypatch.setattr(module, "describe", find_and_lose)
    run = f"/projects/{greeting_project}/executions/{workflow_id}"
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/steps", None),
        ("GET", "/steps/5", None),
        ("GET", "/history", None),
        ("POST", "/retry", {}),
        ("POST", "/reset", {"to": "first"}),
    ):
        answer = refused(api, method, f"{run}{path}", body, 404, "has no execution")
        assert answer["code"] == "execution_not_found"


def test_an_update_whose_start_is_refused_leaves_no_traceback_in_the_log(
    api: Api, service: Service, greeting_project: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    workflow_id = f"{greeting_project}-taken"
    body = {"workflowType": "Greeting", "args": ["x"], "workflowId": workflow_id}
    api.post(f"/projects/{greeting_project}/executions", body, 202)
    monkeypatch.setattr(MessageStarts, "_running", lambda *_: None)
    answer = api.post(
        f"/projects/{greeting_project}/executions?unchecked=true", {**body, "update": {"name": "any"}}, 409
    )
    assert answer["code"] == "execution_running"
    gc.collect()
    assert "never retrieved" not in caplog.text
    api.post(f"/projects/{greeting_project}/executions/{workflow_id}/terminate", None, 202)
