"""How activities and runs end is counted exactly, and written while the service runs and when it stops."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from support.figures import stored_activities, stored_workflows
from workerhost.runtime.service import Service
from workerhost.runtime.statistics.sketch import DurationSketch, merge_stored
from workerhost.settings import Settings
from workerhost.store import ActivityFigures, Store, WorkflowFigures
from workerhost.testing import Api, eventually, unique_id
from workerhost.words import Isolation

ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

COUNTS = {"executions", "successes", "failures", "timeouts", "cancellations", "retries", "continuations"}
COUNTS |= {"total_duration_ms", "history_bytes"}

CODE = {
    "version": "1",
    "workflowCode": """
import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

SHORTLY = {"start_to_close_timeout": timedelta(seconds=20)}
QUICKLY = RetryPolicy(initial_interval=timedelta(milliseconds=10), backoff_coefficient=1)


@workflow.defn
class Everything:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("work", 0.02, **SHORTLY)
        await workflow.execute_local_activity("work", 0.02, **SHORTLY)
        await workflow.execute_activity("fail", 2, retry_policy=QUICKLY, **SHORTLY)
        late = timedelta(seconds=1)
        for name in ("late", "heartbeats_late"):
            try:
                once = RetryPolicy(maximum_attempts=1)
                await workflow.execute_activity(name, start_to_close_timeout=late, retry_policy=once)
            except ActivityError:
                pass
        hanging = workflow.start_activity("hang", heartbeat_timeout=timedelta(seconds=20), **SHORTLY)
        await asyncio.sleep(0.3)
        hanging.cancel()
        try:
            await hanging
        except ActivityError:
            pass


@workflow.defn
class Ends:
    @workflow.run
    async def run(self, how: str) -> None:
        if how == "again":
            workflow.continue_as_new("now")
        if how == "fail":
            raise ApplicationError("no")
        if how == "wait":
            await asyncio.sleep(3600)


@workflow.defn
class Slow:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("work", 2.0, **SHORTLY)
""",
    "activitiesCode": """
import asyncio
import time

from temporalio import activity
from temporalio.exceptions import ApplicationError


@activity.defn
async def work(seconds: float) -> None:
    await asyncio.sleep(seconds)


@activity.defn
def fail(times: int) -> None:
    if activity.info().attempt <= times:
        raise ValueError("not yet")


@activity.defn
async def late() -> None:
    await asyncio.sleep(1.3)


@activity.defn
async def heartbeats_late() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(0.1)


@activity.defn
async def hang() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(0.05)


@activity.defn
async def elsewhere() -> None:
    activity.raise_complete_async()
""",
}


@pytest.fixture(params=Isolation)
def isolation(request: pytest.FixtureRequest) -> Isolation:
    return Isolation(request.param)


@pytest.fixture
def statements(service: Service) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "statistics" in statement or "worker_totals" in statement:
            seen.append(statement)

    event.listen(service.store.database._engine, "before_cursor_execute", note)
    yield seen
    event.remove(service.store.database._engine, "before_cursor_execute", note)


def _activities(store: Store, project: str) -> dict[str, ActivityFigures]:
    return _summed(stored_activities(store, *ALWAYS, project), "activity_name")


def _summed(rows: Iterable[Any], key: str) -> dict[str, Any]:
    """Return one row for each name: a test that runs over the turn of an hour has two."""
    summed: dict[str, Any] = {}
    for row in rows:
        known = summed.setdefault(getattr(row, key), row)
        if known is not row:
            counts = {each.name for each in fields(row)} & COUNTS
            sums = {name: getattr(known, name) + getattr(row, name) for name in counts}
            sketch = merge_stored([known.sketch, row.sketch])
            summed[getattr(row, key)] = replace(row, **sums, sketch=sketch, last_at=max(known.last_at, row.last_at))
    return summed


def _runs(store: Store, project: str) -> dict[str, WorkflowFigures]:
    return _summed(stored_workflows(store, *ALWAYS, project), "workflow_type")


def _counts(row: ActivityFigures) -> tuple[int, ...]:
    return row.executions, row.successes, row.failures, row.timeouts, row.cancellations, row.retries


def test_figures_are_exact_after_a_graceful_stop(service: Service, api: Api, project_id: str) -> None:
    api.deploy(project_id, "shop", CODE)
    api.run(project_id, "Everything")
    run = api.begin(project_id, "Ends", "wait")
    for how, status in (("again", "COMPLETED"), ("fail", "FAILED")):
        assert api.outcome(project_id, api.begin(project_id, "Ends", how))["status"] in (status, "CONTINUED_AS_NEW")
    eventually(lambda: api.get(f"/projects/{project_id}/executions/{run}")["status"] == "RUNNING")
    api.post(f"/projects/{project_id}/executions/{run}/cancel")
    api.outcome(project_id, run)
    # It ends while the worker drains, and is counted all the same.
    slow = api.begin(project_id, "Slow")
    eventually(lambda: _is_at_work(api, project_id, slow))
    assert service.stop()

    activities = _activities(service.store, project_id)
    assert {name: _counts(row) for name, row in activities.items()} == {
        "work": (3, 3, 0, 0, 0, 0),
        "fail": (3, 1, 2, 0, 0, 2),
        "late": (1, 0, 0, 1, 0, 0),
        "heartbeats_late": (1, 0, 0, 1, 0, 0),
        "hang": (1, 0, 0, 0, 1, 0),
    }
    work = activities["work"]
    assert 2000 <= work.total_duration_ms < 8000
    assert DurationSketch.from_bytes(work.sketch).count == 3
    assert abs(work.last_at - datetime.now(UTC)) < timedelta(minutes=2)
    runs = _runs(service.store, project_id)
    assert (runs["Everything"].executions, runs["Everything"].successes) == (1, 1)
    ends = runs["Ends"]
    assert (ends.executions, ends.continuations, ends.failures, ends.cancellations) == (4, 1, 1, 1)
    assert ends.history_bytes > 0
    assert ends.build_id == service.store.projects.get(project_id).current_build
    totals = service.store.statistics.totals(project_id, service.host.id)
    assert totals is not None
    assert (totals.runs, totals.failed_runs, totals.activities, totals.failed_activities) == (5, 1, 9, 4)
    service.stop()
    assert _activities(service.store, project_id) == activities


def _is_at_work(api: Api, project: str, run: str) -> bool:
    steps = api.get(f"/projects/{project}/executions/{run}/steps")["steps"]
    return any(step["name"] == "work" and step["status"] == "running" for step in steps)


@pytest.mark.parametrize("isolation", [Isolation.THREAD], indirect=True)
def test_idle_projects_cost_no_statement_and_busy_ones_one_for_each_table(
    service: Service, api: Api, project_id: str, statements: list[str]
) -> None:
    api.deploy(project_id, "shop", CODE)
    api.run(project_id, "Ends", "now")
    eventually(lambda: _runs(service.store, project_id))
    statements.clear()
    assert service.observation.statistics is not None
    for _ in range(10):
        service.observation.statistics.flush_statistics()
    assert [each for each in statements if "INSERT" in each] == []


@pytest.mark.parametrize("isolation", [Isolation.THREAD], indirect=True)
def test_the_worker_says_how_much_has_ended_there(api: Api, project_id: str) -> None:
    api.deploy(project_id, "shop", CODE)
    assert api.get(f"/workers/status/{project_id}")["totals"] is None
    api.run(project_id, "Ends", "now")
    api.outcome(project_id, api.begin(project_id, "Ends", "fail"))
    wanted = {"runs": 2, "failedRuns": 1, "activities": 0, "failedActivities": 0}
    eventually(lambda: api.get(f"/workers/status/{project_id}")["totals"] == wanted)


@pytest.mark.parametrize("isolation", [Isolation.THREAD], indirect=True)
def test_a_project_that_is_made_again_has_no_figures_of_the_former_one(
    service: Service, api: Api, project_id: str
) -> None:
    for _ in range(2):
        api.deploy(project_id, "shop", CODE)
        api.run(project_id, "Ends", "now")
        eventually(lambda: api.get(f"/workers/status/{project_id}")["totals"])
        assert api.get(f"/workers/status/{project_id}")["totals"]["runs"] == 1
        assert _runs(service.store, project_id)["Ends"].executions == 1
        api.delete(f"/projects/{project_id}")


@pytest.mark.parametrize("isolation", [Isolation.THREAD], indirect=True)
def test_figures_of_a_time_without_database_are_written_afterwards(service: Service, api: Api, project_id: str) -> None:
    api.deploy(project_id, "shop", CODE)
    api.run(project_id, "Ends", "now")
    eventually(lambda: _runs(service.store, project_id))
    with service.store.database.writing() as session:
        session.execute(text("ALTER TABLE workflow_statistics RENAME TO hidden"))
    api.run(project_id, "Ends", "now")
    assert service.observation.statistics is not None
    with pytest.raises(Exception, match="the database"):
        service.observation.statistics.flush_statistics()
    api.run(project_id, "Ends", "now")
    with service.store.database.writing() as session:
        session.execute(text("ALTER TABLE hidden RENAME TO workflow_statistics"))
    eventually(lambda: _runs(service.store, project_id)["Ends"].executions == 3)


class TestSwitchedOff:
    @pytest.fixture
    def isolation(self) -> Isolation:
        return Isolation.THREAD

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"statistics": False})

    def test_nothing_is_counted(self, service: Service, api: Api) -> None:
        project = unique_id("off")
        api.deploy(project, "shop", CODE)
        api.run(project, "Ends", "now")
        assert service.stop()
        assert _runs(service.store, project) == {}
        assert service.store.statistics.totals(project, service.host.id) is None
