"""The Python client's calls that have runs in hand: batches, resets, pauses, starts with a message, schedules."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from support import GREETING, GREETING_ACTIVITIES
from support.basket import BASKET
from workerhost import AsyncClient, Client, WorkflowCode
from workerhost.answers import BatchInfo
from workerhost.client import ApiError
from workerhost.client.options import Filters
from workerhost.testing import ECHO, eventually, unique_id
from workerhost.words import BatchOperation, BatchStatus, ExecutionStatus, ScheduleOverlap

BASKET_CODE = WorkflowCode("basket", "1", BASKET)
ECHO_CODE = WorkflowCode("echo", "1", ECHO)


def greeting_code(mark: str) -> WorkflowCode:
    return WorkflowCode("greeting", mark, GREETING.replace("MARK", mark), GREETING_ACTIVITIES.replace("MARK", mark))


def greet(client: Client, project_id: str) -> str:
    """Begin a run, and wait until it has greeted and waits for a word."""
    workflow_id = client.execute(project_id, "Greeting", "Ada").workflow_id
    eventually(lambda: [each for each in client.steps(project_id, workflow_id) if each.status == "completed"])
    return workflow_id


def test_a_batch_is_started_waited_for_and_reports_its_progress(client: Client, project_id: str) -> None:
    client.deploy(project_id, [ECHO_CODE])
    names = [unique_id("mine") for _ in range(3)]
    executions = [{"workflow_type": "Echo", "args": ["tea"], "workflow_id": name} for name in names]
    begun = client.start_batch(project_id, "start", executions=executions)  # type: ignore[arg-type]
    seen: list[BatchInfo] = []
    report = client.wait_for_batch(project_id, begun.batch_id, timeout=30, progress=seen.append)
    assert (report.operation, report.status) == (BatchOperation.START, BatchStatus.COMPLETED)
    assert (report.total, report.done, report.failed, report.failures) == (3, 3, 0, ())
    assert seen[-1] == report
    assert [each.done for each in seen] == sorted(each.done for each in seen)
    assert client.wait(project_id, names[0]).result == "echo: tea"
    assert client.batch(project_id, begun.batch_id) == report
    [listed] = client.batches(project_id, page_size=1)
    assert (listed.batch_id, listed.failures) == (begun.batch_id, None)
    with pytest.raises(ApiError, match="filter is required") as refused:
        client.start_batch(project_id, "cancel")
    assert refused.value.code == "invalid_request"


def test_a_batch_is_stopped(client: Client, project_id: str) -> None:
    client.deploy(project_id, [BASKET_CODE], start=False)
    batch_id = client.start_batch(project_id, "start", executions=[{"workflow_type": "Basket"}] * 2000).batch_id
    eventually(lambda: client.batch(project_id, batch_id).done)
    assert client.stop_batch(project_id, batch_id).status in (BatchStatus.STOPPING, BatchStatus.STOPPED)
    report = client.wait_for_batch(project_id, batch_id, timeout=30)
    assert (report.status, report.has_ended) == (BatchStatus.STOPPED, True)
    assert 0 < report.done < report.total == 2000
    ended = client.start_batch(project_id, "terminate", filter={"workflow_type": "Basket"}, reason="all of them")
    assert client.wait_for_batch(project_id, ended.batch_id, timeout=60).done == report.done


def test_many_runs_are_reset_onto_another_build(client: Client, project_id: str) -> None:
    client.deploy(project_id, [greeting_code("A")])
    begun = [greet(client, project_id) for _ in range(2)]
    build = client.publish(project_id, greeting_code("B")).build_id
    wanted: Filters = {"workflow_type": "Greeting", "workflow_id_prefix": project_id}
    batch = client.start_batch(project_id, "reset", filter=wanted, to="last", build="current", reason="mended")
    report = client.wait_for_batch(project_id, batch.batch_id, timeout=60)
    assert (report.operation, report.done, report.failures) == (BatchOperation.RESET, 2, ())
    for each in begun:
        client.signal(project_id, each, "say", "bye")
        found = client.wait(project_id, each)
        assert (found.result, found.build_id) == (["B", "Ada from A", "bye from B"], build)
    batch = client.start_batch(
        project_id, "reset", filter={"status": [ExecutionStatus.COMPLETED]}, to={"step": "99999"}
    )
    report = client.wait_for_batch(project_id, batch.batch_id, timeout=60)
    assert (report.done, report.failed) == (0, 2)
    assert report.failures is not None
    assert "has no step 99999" in report.failures[0].reason


def test_a_run_is_reset_to_its_first_or_last_task_or_to_before_a_step(client: Client, project_id: str) -> None:
    client.deploy(project_id, [greeting_code("A")])
    workflow_id = greet(client, project_id)
    client.publish(project_id, greeting_code("B"))
    last = client.reset(project_id, workflow_id, reason="again")
    client.signal(project_id, workflow_id, "say", "bye")
    found = client.wait(project_id, workflow_id)
    assert (found.run_id, found.result) == (last.run_id, ["A", "Ada from A", "bye from A"])
    step = next(each for each in client.steps(project_id, workflow_id) if each.kind == "activity")
    client.reset(project_id, workflow_id, step=step.id, build="current")
    assert client.wait(project_id, workflow_id).result == ["B", "Ada from B", "bye from B"]
    first = client.reset(project_id, workflow_id, "first")
    assert client.wait(project_id, workflow_id).run_id == first.run_id
    with pytest.raises(ApiError, match="has no step 99999") as refused:
        client.reset(project_id, workflow_id, step="99999")
    assert refused.value.code == "step_not_found"


def test_a_project_and_a_run_are_paused_and_go_on(client: Client, project_id: str) -> None:
    client.deploy(project_id, [BASKET_CODE])
    workflow_id = client.execute(project_id, "Basket").workflow_id
    eventually(lambda: client.execution(project_id, workflow_id).build_id)
    assert client.pause_run(project_id, workflow_id, reason="wait").message == f"Execution {workflow_id} is paused"
    client.signal(project_id, workflow_id, "close")
    assert client.wait(project_id, workflow_id, timeout=0.5).status == "RUNNING"
    assert client.resume_run(project_id, workflow_id, reason="go").message == f"Execution {workflow_id} goes on"
    assert client.wait(project_id, workflow_id).status == "COMPLETED"
    with pytest.raises(ApiError, match="no longer runs"):
        client.pause_run(project_id, workflow_id)

    paused = client.pause(project_id, reason="month's end").paused
    assert paused is not None
    assert paused.reason == "month's end"
    [shown] = [each for each in client.projects() if each.id == project_id]
    assert shown.paused == paused
    waiting = client.execute(project_id, "Basket").workflow_id
    assert client.resume(project_id).paused is None
    client.signal(project_id, waiting, "close")
    assert client.wait(project_id, waiting).status == "COMPLETED"


def test_a_start_takes_a_signal_or_an_update_along(client: Client, project_id: str) -> None:
    client.deploy(project_id, [BASKET_CODE])
    one = unique_id("basket")
    begun = client.update_with_start(project_id, "Basket", workflow_id=one, update="add", update_args=["pear"])
    assert begun.update is not None
    assert (begun.workflow_id, begun.update.status, begun.update.result) == (one, "completed", 1)
    more = client.update_with_start(
        project_id, "Basket", workflow_id=one, update="add", update_args=["apple"], timeout=20
    )
    assert more.update is not None
    assert (more.run_id, more.update.result) == (begun.run_id, 2)
    with pytest.raises(ApiError, match="an item has a name") as refused:
        client.update_with_start(project_id, "Basket", workflow_id=one, update="add", update_args=[""])
    assert refused.value.code == "update_refused"
    ended = client.signal_with_start(project_id, "Basket", workflow_id=one, signal="close")
    assert (ended.run_id, ended.update) == (begun.run_id, None)
    assert client.wait(project_id, one).result == ["pear", "apple"]
    with pytest.raises(ApiError, match="has no signal nothing") as unknown:
        client.signal_with_start(project_id, "Basket", workflow_id=one, signal="nothing")
    assert unknown.value.code == "signal_not_found"
    other = unique_id("basket")
    client.signal_with_start(project_id, "Basket", workflow_id=other, signal="close", memo={"a": 1})
    assert client.wait(project_id, other).memo == {"a": 1}


def test_a_schedule_is_changed_and_what_does_not_fit_is_refused(client: Client, project_id: str) -> None:
    client.deploy(project_id, [ECHO_CODE])
    made = client.put_schedule(
        project_id, "daily", "Echo", args=["tea"], calendar=[{"hour": 9, "dayOfWeek": "mon-fri"}], paused=True
    )
    assert (made.name, made.paused, made.overlap) == ("daily", True, ScheduleOverlap.SKIP)
    changed = client.put_schedule(
        project_id, "daily", "Echo", args=["milk"], interval_seconds=3600, overlap="bufferOne", note="hourly"
    )
    assert (changed.interval_seconds, changed.overlap, changed.note) == (3600, ScheduleOverlap.BUFFER_ONE, "hourly")
    assert len(changed.next_runs) > 1
    client.trigger_schedule(project_id, "daily")
    runs = eventually(lambda: client.schedule(project_id, "daily").recent_runs)
    assert client.wait(project_id, runs[0].workflow_id).result == "echo: milk"
    for wrong, part in (({"cron": ["nonsense"]}, "cron"), ({"args": [7], "cron": ["@daily"]}, "not of type 'string'")):
        with pytest.raises(ApiError, match=part):
            client.put_schedule(project_id, "wrong", "Echo", **wrong)
    client.put_schedule(project_id, "wrong", "Echo", args=[7], cron=["@daily"], paused=True, unchecked=True)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ApiError):
        client.backfill_schedule(project_id, "daily", begin, begin - timedelta(days=2))
    for name in ("daily", "wrong"):
        client.delete_schedule(project_id, name)
    assert list(client.schedules(project_id)) == []


def test_the_asynchronous_client_has_runs_in_hand_as_well(service_url: str, project_id: str) -> None:
    async def use() -> None:
        async with AsyncClient(service_url) as client:
            await client.deploy(project_id, [BASKET_CODE])
            one = unique_id("basket")
            await client.update_with_start(project_id, "Basket", workflow_id=one, update="add", update_args=["pear"])
            again = await client.reset(project_id, one, "last")
            assert (await client.execution(project_id, one)).run_id == again.run_id
            assert (await client.pause(project_id)).paused is not None
            assert (await client.resume(project_id)).paused is None
            begun = await client.start_batch(
                project_id,
                "signal",
                filter={"workflow_id_prefix": one, "status": [ExecutionStatus.RUNNING]},
                name="close",
            )
            report = await client.wait_for_batch(project_id, begun.batch_id, timeout=30)
            assert (report.done, report.failed) == (1, 0)
            assert (await client.wait(project_id, one)).status == "COMPLETED"
            assert [each.batch_id async for each in client.batches(project_id)] == [begun.batch_id]
            await client.stop(project_id)

    asyncio.run(asyncio.wait_for(use(), 90))
