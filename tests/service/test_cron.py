"""Each run of a cron workflow or a schedule takes the build that is current at its first task."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, Schedule, ScheduleActionStartWorkflow, ScheduleIntervalSpec, ScheduleSpec

from support.runs import Runs
from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually

TICK = """
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def mark() -> str:
    return "MARK"


@workflow.defn
class Tick:
    @workflow.run
    async def run(self) -> list[str]:
        return ["MARK", await workflow.execute_activity(mark, start_to_close_timeout=timedelta(seconds=10))]
"""
EVERY_SECOND = timedelta(seconds=1)

End = Callable[[], Awaitable[None]]


def _tick(mark: str) -> dict[str, str]:
    return {"version": mark, "workflowCode": TICK.replace("MARK", mark)}


async def _begin_cron(client: Client, project_id: str) -> End:
    handle = await client.start_workflow(
        "Tick", id=f"{project_id}-tick", task_queue=f"{project_id}-queue", cron_schedule="@every 1s"
    )
    return client.get_workflow_handle(handle.id).terminate


async def _begin_schedule(client: Client, project_id: str) -> End:
    action = ScheduleActionStartWorkflow("Tick", id=f"{project_id}-tick", task_queue=f"{project_id}-queue")
    spec = ScheduleSpec(intervals=[ScheduleIntervalSpec(EVERY_SECOND)])
    handle = await client.create_schedule(project_id, Schedule(action=action, spec=spec))
    return handle.delete


async def _ended(client: Client, project_id: str) -> list[tuple[datetime, list[str]]]:
    """Return when each run that has ended had its first task, and its result."""
    found = []
    async for each in client.list_workflows(f"TaskQueue = '{project_id}-queue' AND CloseTime IS NOT NULL"):
        history = await client.get_workflow_handle(each.id, run_id=each.run_id).fetch_history()
        last = history.events[-1]
        if not last.HasField("workflow_execution_completed_event_attributes"):
            continue  # terminated at the end of the test
        started = next(e for e in history.events if e.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED)
        result = last.workflow_execution_completed_event_attributes.result
        [value] = await client.data_converter.decode(result.payloads)
        found.append((started.event_time.ToDatetime(UTC), value))
    return found


@pytest.mark.parametrize("begin", [_begin_cron, _begin_schedule], ids=["cron", "schedule"])
def test_each_run_takes_the_build_that_is_current_at_its_first_task(
    api: Api,
    service: Service,
    project_id: str,
    begin: Callable[[Client, str], Awaitable[End]],
) -> None:
    runs = Runs(api, service, project_id, "tick", _tick("A"))
    end = runs.call(lambda client: begin(client, project_id))
    published: list[tuple[datetime, datetime, str]] = []
    try:
        for before, mark in (("A", "B"), ("B", "C")):
            eventually(lambda before=before: _has_run(runs, before))  # type: ignore[misc]
            began = datetime.now(UTC)
            runs.publish(_tick(mark))
            published.append((began, datetime.now(UTC), mark))
        eventually(lambda: _has_run(runs, "C"))
    finally:
        runs.call(lambda _: end())

    for first_task, result in runs.call(lambda client: _ended(client, project_id)):
        possible = {"A"}
        for began, answered, mark in published:
            if first_task > answered:
                possible = {mark}
            elif first_task > began:
                possible.add(mark)
        assert result in [[mark, mark] for mark in possible], (first_task, result, published)


def _has_run(runs: Runs, mark: str) -> bool:
    ended = runs.call(lambda client: _ended(client, runs.project_id))
    return [mark, mark] in [result for _, result in ended]
