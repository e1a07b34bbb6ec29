"""Every run stays on the build that it began on, whatever happens to its worker in between."""

from typing import Any

import pytest
from sqlalchemy import text
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowUpdateStage
from temporalio.common import WorkflowIDConflictPolicy

from support import greeting
from support.families import begun, echo_of, family, signal
from support.publishing import mark_of, replace_worker
from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually, unique_id


def _publish(api: Api, project_id: str, mark: str) -> str:
    return str(api.put(f"/projects/{project_id}/workflows/greeting", greeting(mark))["buildId"])


def test_a_waiting_run_ends_on_its_build_and_a_new_one_takes_the_new(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id, "greeting", greeting("A"))
    old = begun(api, service, project_id, "Greeting", "first")
    _publish(api, project_id, "B")
    new = begun(api, service, project_id, "Greeting", "second")

    for workflow_id in (old, new):
        signal(api, project_id, workflow_id, "say", "bye")
    assert api.outcome(project_id, old)["result"] == ["A", "first from A", "bye from A"]
    assert api.outcome(project_id, new)["result"] == ["B", "second from B", "bye from B"]


def test_runs_of_three_builds_stay_apart_after_their_worker_was_replaced(
    api: Api, service: Service, project_id: str
) -> None:
    runs = {}
    for mark in ("A", "B", "C"):
        if mark == "A":
            api.deploy(project_id, "greeting", greeting(mark))
        else:
            _publish(api, project_id, mark)
        runs[mark] = [begun(api, service, project_id, "Greeting", str(number)) for number in range(3)]
    replace_worker(api, project_id)

    for mark, workflow_ids in runs.items():
        for number, workflow_id in enumerate(workflow_ids):
            signal(api, project_id, workflow_id, "say", "bye")
            assert api.outcome(project_id, workflow_id)["result"] == [mark, f"{number} from {mark}", f"bye from {mark}"]


def test_a_query_on_a_closed_run_of_an_old_build_is_answered_by_that_build(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id, "greeting", greeting("A"))
    old = api.begin(project_id, "Greeting", "first")
    signal(api, project_id, old, "say", "bye")
    assert api.outcome(project_id, old)["status"] == "COMPLETED"
    _publish(api, project_id, "B")
    replace_worker(api, project_id)

    assert mark_of(service, old) == "A"


def test_a_child_that_starts_after_a_publish_runs_on_its_parents_build(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id, "family", family("A"))
    parent = begun(api, service, project_id, "Parent")
    api.put(f"/projects/{project_id}/workflows/family", family("B"))
    replace_worker(api, project_id)

    signal(api, project_id, parent, "go")
    assert api.outcome(project_id, parent)["result"] == ["A", "A A A"]


def test_a_run_that_continues_as_new_takes_the_current_build(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id, "family", family("A"))
    chain = begun(api, service, project_id, "Chain", [])
    api.put(f"/projects/{project_id}/workflows/family", family("B"))

    signal(api, project_id, chain, "go")
    eventually(lambda: mark_of(service, chain) == "B")
    signal(api, project_id, chain, "go")
    assert api.outcome(project_id, chain)["result"] == ["A", "B"]


def test_a_run_that_uses_patches_of_its_own_replays_on_its_build(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id, "family", family("A"))
    run = begun(api, service, project_id, "Patched")
    api.put(f"/projects/{project_id}/workflows/family", family("B"))
    replace_worker(api, project_id)

    signal(api, project_id, run, "go")
    assert api.outcome(project_id, run)["result"] == "A True"


def test_an_update_with_start_takes_the_current_build(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id, "family", family("A"))
    api.put(f"/projects/{project_id}/workflows/family", family("B"))

    async def update_with_start(client: Client) -> Any:
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            "Chain",
            args=[["earlier"]],
            id=unique_id("update"),
            task_queue=f"{project_id}-queue",
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
        handle = await client.start_update_with_start_workflow(
            "hurry", wait_for_stage=WorkflowUpdateStage.COMPLETED, start_workflow_operation=start
        )
        return [await handle.result(), await (await start.workflow_handle()).result()]

    assert service.temporal.call(update_with_start) == ["B", ["earlier", "B"]]


def test_a_signal_with_start_takes_the_current_build(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id, "family", family("A"))
    api.put(f"/projects/{project_id}/workflows/family", family("B"))

    async def signal_with_start(client: Client) -> Any:
        handle = await client.start_workflow(
            "Patched", id=unique_id("signal"), task_queue=f"{project_id}-queue", start_signal="go"
        )
        return await handle.result()

    assert service.temporal.call(signal_with_start) == "B True"


def test_a_run_whose_first_task_fails_goes_on_with_the_build_that_mends_it(
    api: Api, service: Service, project_id: str
) -> None:
    broken = echo_of("A")["workflowCode"].replace("return", 'raise RuntimeError("not yet")\n        return')
    api.deploy(project_id, "echo", {"version": "A", "workflowCode": broken})
    run = api.begin(project_id, "Echo")
    eventually(lambda: "not yet" in str(_task_failures(service, run)))

    api.put(f"/projects/{project_id}/workflows/echo", echo_of("B"))
    assert api.outcome(project_id, run)["result"] == "B"


def _task_failures(service: Service, workflow_id: str) -> list[str]:
    async def failures(client: Client) -> list[str]:
        history = await client.get_workflow_handle(workflow_id).fetch_history()
        failed = [event for event in history.events if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED]
        return [event.workflow_task_failed_event_attributes.failure.message for event in failed]

    found: list[str] = service.temporal.call(failures)
    return found


def test_a_missing_build_fails_the_task_with_a_sentence_and_never_the_run(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id, "greeting", greeting("A"))
    old = begun(api, service, project_id, "Greeting", "first")
    digest = api.get(f"/workers/status/{project_id}")["buildId"]
    _publish(api, project_id, "B")
    kept = service.store.builds.get(project_id, digest)
    assert kept is not None
    with service.store.database.writing() as session:
        session.execute(text("DELETE FROM builds WHERE digest = :digest"), {"digest": digest})
    replace_worker(api, project_id)

    signal(api, project_id, old, "say", "bye")
    eventually(lambda: _task_failures(service, old))
    assert f"build {digest} of project {project_id} is not in the database" in _task_failures(service, old)[-1]
    assert api.get(f"/projects/{project_id}/executions/{old}")["status"] == "RUNNING"

    service.store.builds.add(kept)
    assert api.outcome(project_id, old)["result"] == ["A", "first from A", "bye from A"]


def test_the_history_and_the_visibility_store_name_the_build(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id)
    api.run(project_id, "Echo", "hello")
    digest = api.get(f"/workers/status/{project_id}")["buildId"]

    async def count(client: Client) -> int:
        query = f'TemporalChangeVersion = "workerhost:{digest}" AND TaskQueue = "{project_id}-queue"'
        return (await client.count_workflows(query)).count

    eventually(lambda: service.temporal.call(count) == 1)


@pytest.mark.parametrize("reset_to", ["first task", "after the first task"])
def test_a_reset_keeps_the_build_unless_it_goes_back_to_before_the_build_was_chosen(
    api: Api, service: Service, project_id: str, reset_to: str
) -> None:
    api.deploy(project_id, "greeting", greeting("A"))
    old = begun(api, service, project_id, "Greeting", "first")
    _publish(api, project_id, "B")

    service.temporal.call(lambda client: _reset(client, old, last=reset_to != "first task"))
    signal(api, project_id, old, "say", "bye")
    mark = "B" if reset_to == "first task" else "A"
    assert api.outcome(project_id, old)["result"][0] == mark


async def _reset(client: Client, workflow_id: str, *, last: bool) -> None:
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    tasks = [
        event.event_id for event in history.events if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id),
            reason="a test",
            request_id=unique_id("reset"),
            workflow_task_finish_event_id=tasks[-1 if last else 0],
        )
    )
