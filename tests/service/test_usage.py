"""What projects use is counted by day, exactly, and can be read as JSON and as CSV."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from support.counted_workflows import CODE
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.testing import Api, eventually, running_service
from workerhost.words import Isolation


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    api.deploy(project_id, "counted", CODE)
    return project_id


def usage(api: Api, project: str, service: Service) -> dict[str, Any]:
    """Return what the project has used, with what its host has counted up to now."""
    assert service.observation.usage is not None
    service.observation.usage.flush_usage()
    total: dict[str, Any] = api.get(f"/projects/{project}/usage")["total"]
    return total


def test_a_run_counts_what_temporal_cloud_would_count(api: Api, project: str, service: Service) -> None:
    run = api.begin(project, "Counted")
    path = f"/projects/{project}/executions/{run}"
    eventually(lambda: "childWorkflow" in {step["kind"] for step in api.get(f"{path}/steps")["steps"]})
    assert api.post(f"{path}/query", {"name": "has_gone_on"})["result"] is False
    api.post(f"{path}/signal", {"name": "go_on"})
    assert api.outcome(project, run)["result"] == "done"
    found = usage(api, project, service)
    # Of the run: its start and the mark of its build, three attempts, the marker of the local activity, the timer, the
    # child, the query and the signal; and of the child: its start and its mark.
    assert (found["executions"], found["actions"]) == (2, 2 + 3 + 1 + 1 + 1 + 1 + 1 + 2)
    assert found["publishes"] == 1
    assert found["activitySeconds"] > 0
    assert found["historyBytes"] > 1000


def test_a_run_that_continues_as_new_is_two_and_heartbeats_count_once_in_a_while(
    api: Api, project: str, service: Service
) -> None:
    assert api.run(project, "Twice") == "done"
    api.run(project, "Beat")
    found = usage(api, project, service)
    # Each run has its start and its mark; the activity one attempt and, in 0.2 s, one heartbeat that is sent.
    assert (found["executions"], found["actions"]) == (3, 3 * 2 + 1 + 1)


def test_resets_and_starts_of_schedules_count_as_well(api: Api, project: str, service: Service) -> None:
    run = api.begin(project, "Leaf")
    path = f"/projects/{project}/executions/{run}"
    assert api.outcome(project, run)["result"] == "leaf"
    before = usage(api, project, service)["actions"]
    again = api.post(f"{path}/reset", {"to": "first"}, expect=202)["runId"]
    eventually(lambda: (found := api.get(path))["runId"] == again and found["status"] == "COMPLETED")
    reset = usage(api, project, service)["actions"] - before
    schedule = f"/projects/{project}/schedules/leaf"
    api.put(schedule, {"workflowType": "Leaf", "intervalSeconds": 86400})
    api.post(f"{schedule}/trigger")
    started = eventually(lambda: usage(api, project, service)["actions"] - before - reset)
    # The start of a schedule is three, and the mark of the build is one.
    assert (reset, started) == (2, 4)


def test_the_time_of_a_busy_activity_on_a_processor_is_counted_also_where_its_process_ends_at_once(
    api: Api, project: str, service: Service, isolation: Isolation
) -> None:
    if isolation == Isolation.THREAD:
        api.run(project, "Burn", 0.2)
        assert usage(api, project, service)["cpuSeconds"] == 0
        return
    burnt = api.run(project, "Burn", 0.8)
    before = eventually(lambda: (seen := usage(api, project, service)["cpuSeconds"]) >= burnt and seen)
    assert burnt <= before < burnt + 1
    more = api.run(project, "Burn", 0.3)
    api.post("/workers/stop", {"projectId": project})
    after = eventually(lambda: (seen := usage(api, project, service)["cpuSeconds"]) >= before + more and seen)
    assert before + more <= after < before + more + 1


def test_publishes_count_that_change_something(api: Api, project: str, service: Service) -> None:
    path = f"/projects/{project}/workflows/counted"
    api.put(path, CODE)
    api.put(path, {"version": "2", "workflowCode": "import nothing_of_that_name"}, expect=422)
    assert usage(api, project, service)["publishes"] == 1
    api.put(path, {**CODE, "version": "2", "workflowCode": CODE["workflowCode"] + "\n\nMORE = 1\n"})
    assert usage(api, project, service)["publishes"] == 2


def test_usage_is_csv_for_who_accepts_that(api: Api, project: str, service: Service) -> None:
    api.run(project, "Leaf")
    today = datetime.now(UTC).date()
    days = api.get(f"/projects/{project}/usage")["days"] if usage(api, project, service) else []
    answer = api.client.get(f"/projects/{project}/usage?from={today}", headers={"Accept": "text/csv"})
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{project}-{today}-{today}.csv"'
    (line,) = csv.DictReader(io.StringIO(answer.text))
    assert line == {name: str(value) for name, value in days[0].items()}
    of_all = api.client.get("/usage", headers={"Accept": "text/csv"})
    assert [each["projectId"] for each in csv.DictReader(io.StringIO(of_all.text))] == [project]
    page = api.get("/usage?limit=1")
    assert (page["projects"][0]["executions"], page["cursor"]) == (1, None)


def test_everything_is_written_at_a_stop_and_what_two_hosts_saw_adds_up(
    api: Api, project: str, service: Service, settings: Settings, warm_process: Any
) -> None:
    slowly = settings.model_copy(update={"heartbeat_interval": 60})
    with running_service(slowly, warm_process=warm_process) as there:
        there.observation.observers.acted(project, 1000)
    assert usage(api, project, service)["actions"] == 1000
    service.observation.observers.acted(project, 1)
    assert usage(api, project, service)["actions"] == 1001


def test_usage_of_a_project_outlives_it(api: Api, project: str, service: Service) -> None:
    api.run(project, "Leaf")
    assert usage(api, project, service)["executions"] == 1
    api.post("/workers/stop", {"projectId": project})
    api.delete(f"/projects/{project}")
    assert api.get(f"/projects/{project}/usage")["total"]["executions"] == 1
    assert api.get(f"/projects/{project}/usage?to=2020-01-01", expect=404)["code"] == "project_not_found"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=2026-02-01&to=2026-01-31", "from is 2026-02-01, which is after to, 2026-01-31"),
        ("from=2026-02-30", "from must be a day, as 2026-01-31"),
        ("to=yesterday", "to must be a day, as 2026-01-31"),
        ("day=2026-02-01", "day is not a known parameter; this call takes from and to"),
    ],
)
def test_days_that_do_not_fit_are_refused_with_a_sentence(api: Api, query: str, said: str) -> None:
    api.put("/projects/idle")
    assert api.get(f"/projects/idle/usage?{query}", expect=400)["error"] == said


def test_a_host_that_does_not_count_writes_nothing(
    project: str, settings: Settings, warm_process: Any, api: Api
) -> None:
    off = settings.model_copy(update={"statistics": False})
    with running_service(off, warm_process=warm_process) as there:
        there.observation.observers.acted(project, 1000)
    assert all(day["actions"] < 1000 for day in api.get(f"/projects/{project}/usage")["days"])
