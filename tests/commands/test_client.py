"""The Python client, blocking and asynchronous, on a live service."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support import GREETING, GREETING_ACTIVITIES
from workerhost import AsyncClient, Client, ProjectSettings, WorkflowCode
from workerhost.client import ApiError, ExecutionError
from workerhost.errors import WorkerhostError
from workerhost.folders import workflows_of
from workerhost.testing import ECHO, eventually, unique_id
from workerhost.words import ExecutionStatus, ScheduleOverlap, StepKind

ECHO_CODE = WorkflowCode("echo", "1", ECHO)
GREETING_CODE = WorkflowCode("greeting", "1", GREETING.replace("MARK", "A"), GREETING_ACTIVITIES.replace("MARK", "A"))
FAILING = "from temporalio.exceptions import ApplicationError\n" + ECHO.replace(
    'return f"echo: {text}"', "raise ApplicationError('it is out of stock')"
)


def _make(client: Client, project_id: str, code: WorkflowCode = ECHO_CODE) -> None:
    client.put_project(project_id)
    client.publish(project_id, code)
    client.start(project_id)


def test_a_project_is_made_published_started_and_run(client: Client, project_id: str) -> None:
    made = client.put_project(project_id, name="The shop", settings=ProjectSettings(max_concurrent_activities=5))
    assert (made.name, made.task_queue, made.settings) == (
        "The shop",
        f"{project_id}-queue",
        {"maxConcurrentActivities": 5},
    )
    published = client.publish(project_id, ECHO_CODE)
    assert (published.workflow_id, published.version) == (f"{project_id}/echo", "1")
    assert client.start(project_id).status is None
    assert project_id in client.workers()
    assert [each.desired_state for each in client.projects() if each.id == project_id] == ["running"]
    assert client.run(project_id, "Echo", "tea") == "echo: tea"


def test_the_status_has_times_and_the_build(client: Client, project_id: str) -> None:
    _make(client, project_id)
    status = client.status(project_id)
    assert (status.status, status.is_running, status.project_id) == ("running", True, project_id)
    assert status.started_at is not None
    assert status.started_at.tzinfo == UTC
    assert status.build_id == client.publish(project_id, ECHO_CODE).build_id
    assert status.raw["projectId"] == project_id


def test_schedules_are_made_looked_at_and_deleted(client: Client, project_id: str) -> None:
    _make(client, project_id)
    for name in ("b", "a"):
        client.put_schedule(
            project_id, name, "Echo", args=["tea"], cron=["@daily"], time_zone="Asia/Tokyo", paused=True
        )
    assert [each.name for each in client.schedules(project_id, page_size=1)] == ["a", "b"]
    assert client.schedule(project_id, "a").overlap == ScheduleOverlap.SKIP
    client.resume_schedule(project_id, "a")
    client.pause_schedule(project_id, "a", note="enough")
    assert (client.schedule(project_id, "a").paused, client.schedule(project_id, "a").note) == (True, "enough")
    client.trigger_schedule(project_id, "a", overlap="allowAll")
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    assert "2 times" in client.backfill_schedule(project_id, "a", begin, begin + timedelta(days=2)).message
    runs = eventually(lambda: found if len(found := client.schedule(project_id, "a").recent_runs) == 3 else ())
    assert client.wait(project_id, runs[0].workflow_id).result == "echo: tea"
    client.delete_schedule(project_id, "a")
    with pytest.raises(ApiError, match="has no schedule a") as caught:
        client.schedule(project_id, "a")
    assert caught.value.code == "schedule_not_found"
    client.delete_schedule(project_id, "b")


def test_a_worker_is_restarted_and_stopped(client: Client, project_id: str) -> None:
    _make(client, project_id)
    first = client.status(project_id).worker_id
    assert client.restart(project_id).message == f"Worker restarted for project {project_id}"
    assert client.status(project_id).worker_id != first
    assert client.stop(project_id, timeout=20).message == f"Worker stopped for project {project_id}"
    assert client.status(project_id).status == "stopped"


def test_a_run_is_signalled_and_waited_for(client: Client, project_id: str) -> None:
    _make(client, project_id, GREETING_CODE)
    workflow_id = unique_id("run")
    begun = client.execute(project_id, "Greeting", "Ada", workflow_id=workflow_id)
    assert begun.workflow_id == workflow_id
    still = client.wait(project_id, workflow_id, timeout=0.2)
    assert (still.status, still.has_ended, still.run_id) == ("RUNNING", False, begun.run_id)
    client.signal(project_id, workflow_id, "say", "bye")
    ended = client.wait(project_id, workflow_id)
    assert (ended.status, ended.has_ended, ended.result) == ("COMPLETED", True, ["A", "Ada from A", "bye from A"])
    assert ended.closed_at is not None
    assert ended.closed_at > ended.started_at
    assert client.execution(project_id, workflow_id).result == ended.result


def test_a_run_that_fails_is_an_error_with_its_status_and_reason(client: Client, project_id: str) -> None:
    _make(client, project_id, replace(ECHO_CODE, workflow_code=FAILING))
    with pytest.raises(ExecutionError, match="is FAILED: it is out of stock") as caught:
        client.run(project_id, "Echo", "tea")
    assert caught.value.execution.status == "FAILED"


def test_a_run_that_takes_too_long_is_an_error_and_goes_on(client: Client, project_id: str) -> None:
    _make(client, project_id, GREETING_CODE)
    with pytest.raises(ExecutionError, match="is RUNNING") as caught:
        client.run(project_id, "Greeting", "Ada", timeout=0.2)
    workflow_id = caught.value.execution.workflow_id
    client.cancel(project_id, workflow_id, reason="ordered twice")
    assert client.wait(project_id, workflow_id).status == "CANCELED"


def test_a_run_is_terminated(client: Client, project_id: str) -> None:
    _make(client, project_id, GREETING_CODE)
    workflow_id = client.execute(project_id, "Greeting", "Ada").workflow_id
    client.terminate(project_id, workflow_id)
    assert client.wait(project_id, workflow_id).status == "TERMINATED"


def test_all_pages_of_runs_are_iterated(client: Client, project_id: str) -> None:
    client.put_project(project_id)
    client.publish(project_id, ECHO_CODE)
    begun = [client.execute(project_id, "Echo", str(number)).workflow_id for number in range(5)]
    eventually(lambda: len(client.execution_page(project_id).executions) == len(begun))
    assert [each.workflow_id for each in client.executions(project_id, page_size=2)] == begun[::-1]
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    assert list(client.executions(project_id, started_before=long_ago)) == []
    assert list(client.executions(project_id, status=[ExecutionStatus.FAILED, ExecutionStatus.CANCELED])) == []
    assert list(client.executions(project_id, stuck=True, workflow_type="Nothing")) == []
    counts = client.execution_counts(project_id, "workflowType", workflow_id_prefix=project_id)
    assert (counts.count, counts.groups[0].value) == (5, "Echo")


def test_the_steps_of_a_run_and_its_history_are_iterated(client: Client, project_id: str) -> None:
    _make(client, project_id, GREETING_CODE)
    workflow_id = client.execute(project_id, "Greeting", "Ada").workflow_id
    assert client.query(project_id, workflow_id, "build") == "A"
    with pytest.raises(ApiError, match="no such thing") as caught:
        client.update(project_id, workflow_id, "no such thing", update_id="one", timeout=5)
    assert caught.value.code == "update_not_found"
    assert (
        client.execute(project_id, "Greeting", "Ada", workflow_id=workflow_id, if_exists="use").workflow_id
        == workflow_id
    )
    client.signal(project_id, workflow_id, "say", "Bye")
    client.wait(project_id, workflow_id)
    assert client.retry(project_id, workflow_id, new_id=f"{workflow_id}-again").workflow_id == f"{workflow_id}-again"
    client.terminate(project_id, f"{workflow_id}-again")
    found = list(client.steps(project_id, workflow_id, page_size=1))
    assert [each.input[0] for each in found if each.kind == StepKind.SIGNAL] == ["Bye"]
    assert len(found) > 1
    assert client.step(project_id, workflow_id, found[0].id) == found[0]
    first = client.history_page(project_id, workflow_id, limit=1)
    assert first.events[0]["eventType"] == "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"
    assert client.history_page(project_id, workflow_id, 1, first.cursor).events[0]["eventId"] == "2"


def test_what_types_take_is_told_and_checked_unless_it_is_not_wanted(client: Client, project_id: str) -> None:
    _make(client, project_id, GREETING_CODE)
    [greeting] = client.workflow_types(project_id)
    assert (greeting.name, greeting.workflow, greeting.input_schema) == ("Greeting", "greeting", {"type": "string"})
    assert [each.name for each in greeting.signals] == ["say"]
    build = client.publish(project_id, GREETING_CODE).build_id
    assert [each.name for each in client.activities(project_id, build) if each.workflow] == ["greet"]
    with pytest.raises(ApiError, match="7 is not of type 'string'") as refused:
        client.execute(project_id, "Greeting", 7)
    assert refused.value.code == "invalid_arguments"
    workflow_id = client.execute(project_id, "Greeting", "Ada", unchecked=True).workflow_id
    eventually(lambda: client.execution(project_id, workflow_id).build_id)
    for send in (client.signal, client.query, client.update):
        with pytest.raises(ApiError, match="has no"):
            send(project_id, workflow_id, "nothing")
    client.signal(project_id, workflow_id, "nothing", unchecked=True)
    with pytest.raises(ApiError, match="expected but not found"):
        client.query(project_id, workflow_id, "nothing", unchecked=True)
    with pytest.raises(ApiError, match="expected but not found"):
        client.update(project_id, workflow_id, "nothing", unchecked=True)
    client.signal(project_id, workflow_id, "say", "bye")
    assert client.wait(project_id, workflow_id).has_ended
    again = client.retry(project_id, workflow_id, unchecked=True)
    client.terminate(project_id, again.workflow_id)


def test_a_webhook_is_made_changed_and_deleted(client: Client, project_id: str) -> None:
    client.put_project(project_id)
    known = {"kind": "hmac", "secret": "a secret of sixteen", "scheme": "github"}
    made = client.put_webhook(
        project_id, "orders", action="start", workflow_type="Echo", args=["$.body.text"], authentication=known
    )
    assert (made.path, made.args, made.rate_per_minute) == (f"/hooks/{project_id}/orders", ("$.body.text",), 600)
    changed = client.put_webhook(
        project_id,
        "orders",
        action="signal",
        name="say",
        workflow_id="$.body.id",
        rate_per_minute=7,
        authentication={"kind": "hmac", "secret": None},
    )
    assert (changed.name, changed.authentication.scheme, changed.rate_per_minute) == ("say", "generic", 7)
    assert client.webhook(project_id, "orders") == changed
    assert [each.webhook for each in client.webhooks(project_id)] == ["orders"]
    assert client.delete_webhook(project_id, "orders").message.endswith("deleted")
    assert client.webhooks(project_id) == ()


def test_a_refusal_has_the_sentence_the_code_and_the_details_of_the_api(client: Client, project_id: str) -> None:
    with pytest.raises(ApiError) as caught:
        client.status(project_id)
    assert (caught.value.code, caught.value.status) == ("project_not_found", 404)
    assert project_id in str(caught.value)
    client.put_project(project_id)
    with pytest.raises(WorkerhostError, match=r"echo\.workflow, line 2: SyntaxError") as refused:
        client.publish(project_id, replace(ECHO_CODE, workflow_code="\nx = ("))
    assert isinstance(refused.value, ApiError)
    assert (refused.value.code, refused.value.status) == ("build_refused", 422)
    assert [(each.module, each.line) for each in refused.value.problems] == [("echo.workflow", 2)]
    assert refused.value.details["problems"][0]["line"] == 2


@pytest.mark.parametrize("name", ["..", ".", "a/b", "a?b=c", "%2e%2e", "ä", "a b"])
def test_an_id_that_is_none_never_becomes_another_call(client: Client, name: str) -> None:
    for call in (client.put_project, client.status):
        with pytest.raises(ApiError) as caught:
            call(name)
        assert caught.value.status in (400, 404)


def test_the_asynchronous_client_does_the_same(service_url: str, project_id: str) -> None:
    async def use() -> None:
        async with AsyncClient(service_url) as client:
            await client.put_project(project_id)
            await client.publish(project_id, GREETING_CODE)
            assert (await client.start(project_id)).status is None
            assert project_id in await client.workers()
            assert project_id in [each.id for each in await client.projects()]
            workflow_id = (await client.execute(project_id, "Greeting", "Ada")).workflow_id
            assert (await client.wait(project_id, workflow_id, timeout=0.2)).status == "RUNNING"
            await client.signal(project_id, workflow_id, "say", "bye")
            assert (await client.wait(project_id, workflow_id)).result == ["A", "Ada from A", "bye from A"]
            with pytest.raises(ExecutionError, match="is RUNNING"):
                await client.run(project_id, "Greeting", "Ada", timeout=0.1)
            with pytest.raises(ApiError, match="no workflow type Nothing"):
                await client.run(project_id, "Nothing")
            assert (await client.restart(project_id)).message == f"Worker restarted for project {project_id}"
            other = (await client.execute(project_id, "Greeting", "Ada")).workflow_id
            await client.cancel(project_id, other, reason="ordered twice")
            assert (await client.wait(project_id, other)).status == "CANCELED"
            await asyncio.gather(*(client.status(project_id) for _ in range(5)))
            found: list[str] = []
            while len(found) < 3:
                found = [each.workflow_id async for each in client.executions(project_id, page_size=1)]
            assert found[2] == workflow_id
            await client.stop(project_id)

    asyncio.run(asyncio.wait_for(use(), 60))


def test_the_workflows_of_a_folder_have_the_digest_of_their_files_or_the_version_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "echo").mkdir()
    (tmp_path / "echo" / "workflow.py").write_text(ECHO)
    [first] = workflows_of(tmp_path, None)
    assert isinstance(first, WorkflowCode)
    assert (first.name, first.workflow_code, first.activities_code, len(first.version)) == ("echo", ECHO, None, 12)
    assert [each.version for each in workflows_of(str(tmp_path), "2")] == ["2"]
    assert workflows_of([ECHO_CODE], None) == [ECHO_CODE]
    assert [each.version for each in workflows_of([ECHO_CODE], "2")] == ["2"]


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_folder_without_workflows_is_an_error(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(WorkerhostError, match=f"{folder} holds no workflow"):
        workflows_of(tmp_path / folder, None)
