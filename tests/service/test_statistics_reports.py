"""How code ran is told by what it is asked for, adds up over hosts and hours, and says what deserves a look."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.counted_workflows import CODE
from workerhost.observed import Period
from workerhost.runtime.service import Service
from workerhost.runtime.statistics.sketch import DurationSketch
from workerhost.settings import Settings
from workerhost.store import ActivityFigures
from workerhost.testing import Api

HOUR = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """What was written of times long ago stays as it is."""
    return settings.model_copy(update={"statistics_hours_kept_days": 3650, "statistics_days_kept_days": 36500})


def measured(project: str, milliseconds: int, host: str = "a", count: int = 20, **more: Any) -> ActivityFigures:
    """Return figures of an activity that took so long each time."""
    sketch = DurationSketch()
    for _ in range(count):
        sketch.add(milliseconds)
    values = {
        "project_id": project,
        "activity_name": "pay",
        "period": Period.HOUR,
        "period_start": HOUR,
        "host_id": host,
        "executions": count,
        "successes": count,
        "failures": 0,
        "timeouts": 0,
        "cancellations": 0,
        "retries": 0,
        "total_duration_ms": count * milliseconds,
        "sketch": sketch.to_bytes(),
        "last_at": HOUR + timedelta(minutes=5),
    }
    return ActivityFigures(**{**values, **more})


def test_real_runs_are_told_by_activity_and_by_workflow_type(api: Api, project_id: str, service: Service) -> None:
    api.deploy(project_id, "counted", CODE)
    api.run(project_id, "Burn", 0.05)
    api.run(project_id, "Leaf")
    assert service.observation.statistics is not None
    service.observation.statistics.flush_statistics()
    found = api.get(f"/projects/{project_id}/statistics?by=activity")
    assert [(each["value"], each["executions"]) for each in found["groups"]] == [("burn", 1)]
    assert found["averageMs"] >= 50
    assert found["p50Ms"] == pytest.approx(found["averageMs"], rel=0.05)
    runs = api.get(f"/projects/{project_id}/statistics?by=workflowType")
    assert {(each["value"], each["successes"]) for each in runs["groups"]} == {("Burn", 1), ("Leaf", 1)}
    of_all = api.get("/statistics?by=build")
    assert of_all["executions"] == 2
    for found in (runs, of_all):
        unused = {
            each["what"]
            for each in found["attention"]
            if each["projectId"] == project_id and "never used" in each["reason"]
        }
        assert {"activity never_called", "workflow type Unused"} <= unused
        assert not {"activity burn", "workflow type Leaf"} & unused


@pytest.mark.parametrize("of_all", [False, True])
def test_hosts_hours_and_days_add_up(api: Api, service: Service, of_all: bool) -> None:
    api.put("/projects/shop")
    day = HOUR.replace(hour=0) - timedelta(days=1)
    rows = [
        measured("shop", 10, "a"),
        measured("shop", 30, "b", failures=4, successes=16),
        measured("shop", 30, "b", period_start=HOUR + timedelta(hours=1)),
        measured("shop", 50, "", count=60, period=Period.DAY, period_start=day, activity_name="ship"),
    ]
    service.store.statistics.write(rows, [])
    path = "/statistics" if of_all else "/projects/shop/statistics"
    whole = "from=2026-03-01T12:00:00Z&to=2026-03-02T11:00:00Z"
    found = api.get(f"{path}?{whole}&by=hour")
    assert (found["executions"], found["failures"], found["averageMs"]) == (120, 4, 36.7)
    assert found["p50Ms"] == pytest.approx(30, rel=0.02) or found["p50Ms"] == pytest.approx(50, rel=0.02)
    assert found["percentilesOf"] == 1
    groups = [(each["value"], each["executions"]) for each in found["groups"]]
    assert groups == [("2026-03-01", 60), ("2026-03-02T09:00:00Z", 40), ("2026-03-02T10:00:00Z", 20)]
    days = api.get(f"{path}?{whole}&by=day")["groups"]
    assert [(each["value"], each["executions"]) for each in days] == [("2026-03-01", 60), ("2026-03-02", 60)]
    names = api.get(f"{path}?{whole}&by=activity")["groups"]
    assert {(each["value"], each["executions"]) for each in names} == {("pay", 60), ("ship", 60)}
    one_hour = api.get(f"{path}?from=2026-03-02T10:00:00Z&to=2026-03-02T11:00:00Z")
    assert (one_hour["executions"], one_hour["groups"]) == (20, [])
    reason = "7% of 60 executions failed"
    assert {"what": "activity pay", "reason": reason, "projectId": "shop"} in found["attention"]


@pytest.mark.parametrize("path", ["/statistics", "/projects/shop/statistics"])
def test_what_takes_longer_than_in_the_week_before_deserves_a_look(api: Api, service: Service, path: str) -> None:
    for project in ("shop", "other"):
        api.put(f"/projects/{project}")
    before = HOUR - timedelta(days=3)
    rows = [
        measured("shop", 400),
        measured("shop", 200, period_start=before),
        measured("shop", 90_000, period_start=HOUR - timedelta(days=8)),
        measured("shop", 300, activity_name="ship"),
        measured("shop", 290, activity_name="ship", period_start=before),
        measured("other", 1000, activity_name="ship"),
        measured("other", 1000, activity_name="ship", period_start=before),
        measured("shop", 400, activity_name="(others)"),
    ]
    service.store.statistics.write(rows, [])
    found = api.get(f"{path}?from=2026-03-02T09:00:00Z&to=2026-03-02T10:00:00Z")["attention"]
    reason = "it takes 400 ms on average, 100% longer than the 200 ms of the week before"
    assert found == [{"what": "activity pay", "reason": reason, "projectId": "shop"}]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "which is not before to, 2026-03-01T00:00:00Z"),
        ("from=today", "from must be a time with its zone"),
        ("by=week", "by: Input should be 'hour', 'day', 'activity', 'workflowType' or 'build'"),
        ("by=build&of=activities", "of is activities, which have no build; by=build goes with of=runs"),
        ("from=0001-01-01T00:00:00Z", "from and to must be between the years 2 and 9998"),
    ],
)
@pytest.mark.parametrize("path", ["/statistics", "/projects/idle/statistics"])
def test_what_does_not_fit_is_refused_with_a_sentence(api: Api, path: str, query: str, said: str) -> None:
    api.put("/projects/idle")
    assert said in api.get(f"{path}?{query}", expect=400)["error"]
    assert api.get("/projects/nobody/statistics", expect=404)["code"] == "project_not_found"
