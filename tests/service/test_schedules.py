"""Schedules over the API: they start runs of a project at their times, and are the project's alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.refusals import refused
from support.schedules import DAILY, path_of, schedule_names, scheduled_project
from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually

EVERY_SECOND = {"workflowType": "Echo", "args": ["tick"], "intervalSeconds": 1}
WAITING = {"workflowType": "Waits", "intervalSeconds": 86400}


@pytest.fixture
def project(api: Api, project_id: str) -> Iterator[str]:
    yield from scheduled_project(api, project_id)


def running(api: Api, project: str) -> list[str]:
    """Return the ids of the runs that wait, as Temporal lists them, which is a moment late."""
    found = api.get(f"/projects/{project}/executions?status=RUNNING&workflowType=Waits")["executions"]
    return [each["workflowId"] for each in found]


def test_an_interval_starts_runs_of_the_project_on_its_current_build(api: Api, project: str) -> None:
    made = api.put(path_of(project, "tick"), EVERY_SECOND, 201)
    assert (made["name"], made["intervalSeconds"], made["args"], made["recentRuns"]) == ("tick", 1, ["tick"], [])
    assert len(made["nextRuns"]) == 10
    runs = eventually(lambda: found if len(found := api.get(path_of(project, "tick"))["recentRuns"]) >= 2 else [])
    assert [each["startedAt"] for each in runs] == sorted((each["startedAt"] for each in runs), reverse=True)
    first = runs[-1]
    assert first["workflowId"].startswith(f"{project}.tick-")
    assert first["scheduledAt"] <= first["startedAt"]
    assert api.outcome(project, first["workflowId"])["result"] == "echo: tick"
    done = eventually(lambda: [each for each in api.get(path_of(project, "tick"))["recentRuns"] if each["status"]])
    assert {each["status"] for each in done} <= {"RUNNING", "COMPLETED"}
    shown = f"/projects/{project}/executions"
    found = eventually(lambda: api.get(shown)["executions"])
    assert first["workflowId"] in [each["workflowId"] for each in found]
    assert api.get(f"{shown}/{first['workflowId']}")["memo"] == {}


def test_times_come_from_cron_calendar_and_time_zone(api: Api, project: str) -> None:
    body = {
        "workflowType": "Echo",
        "args": [{"deep": [1, None]}],
        "cron": ["30 9 * * mon-fri", "@yearly  # the new year"],
        "calendar": [{"hour": [7, {"start": 8, "end": 9}], "dayOfWeek": "sat", "comment": "market"}],
        "timeZone": "Asia/Kolkata",
        "overlap": "bufferOne",
        "jitterSeconds": 0,
        "catchUpSeconds": 60,
        "paused": True,
        "note": "try it",
    }
    made = api.put(f"{path_of(project, 'market')}?unchecked=true", body, 201)
    assert {key: made[key] for key in body} == body
    assert made["intervalSeconds"] is None
    times = [datetime.fromisoformat(each) for each in made["nextRuns"]]
    assert times == sorted(times)
    assert len(times) == 10
    here = {(each + timedelta(hours=5.5)).strftime("%a %H:%M") for each in times}
    assert here <= {
        *(f"{day} 09:30" for day in ("Mon", "Tue", "Wed", "Thu", "Fri")),
        "Sat 07:00",
        "Sat 08:00",
        "Sat 09:00",
        *(f"{day} 00:00" for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")),
    }
    assert "Sat 08:00" in here
    assert api.get(path_of(project, "market")) == made


def test_a_schedule_that_is_read_can_be_put_again_and_what_is_left_out_is_default(api: Api, project: str) -> None:
    every = {**EVERY_SECOND, "intervalSeconds": 3600, "note": "hourly", "overlap": "allowAll", "jitterSeconds": 2.5}
    made = api.put(path_of(project, "hourly"), every, 201)
    shown = {key: value for key, value in made.items() if key not in ("name", "nextRuns", "recentRuns")}
    assert api.put(path_of(project, "hourly"), shown, 200) == made
    changed = api.put(path_of(project, "hourly"), {"workflowType": "Waits", "calendar": {"hour": 3}}, 200)
    assert changed == api.get(path_of(project, "hourly"))
    assert changed | {"nextRuns": []} == {
        "name": "hourly",
        "workflowType": "Waits",
        "args": [],
        "cron": [],
        "intervalSeconds": None,
        "calendar": [{"hour": 3}],
        "timeZone": "UTC",
        "overlap": "skip",
        "jitterSeconds": 0,
        "catchUpSeconds": 365 * 86400,
        "paused": False,
        "note": None,
        "nextRuns": [],
        "recentRuns": [],
    }
    assert {each[11:] for each in changed["nextRuns"]} == {"03:00:00.000Z"}


def test_a_trigger_starts_a_run_now_and_overlap_says_what_happens_to_the_one_before(api: Api, project: str) -> None:
    api.put(path_of(project, "wait"), WAITING)
    api.post(f"{path_of(project, 'wait')}/trigger", expect=202)
    [first] = eventually(lambda: api.get(path_of(project, "wait"))["recentRuns"])
    eventually(lambda: datetime.now(UTC) - datetime.fromisoformat(first["startedAt"]) > timedelta(seconds=1.1))
    api.post(f"{path_of(project, 'wait')}/trigger")
    api.post(f"{path_of(project, 'wait')}/trigger", {"overlap": "allowAll"})
    eventually(lambda: len(api.get(path_of(project, "wait"))["recentRuns"]) == 2)
    eventually(lambda: len(running(api, project)) == 2)
    assert [each["status"] for each in api.get(path_of(project, "wait"))["recentRuns"]] == [None, "RUNNING"]
    eventually(lambda: datetime.now(UTC) - datetime.fromisoformat(first["startedAt"]) > timedelta(seconds=2.5))
    api.post(f"{path_of(project, 'wait')}/trigger", {"overlap": "terminateOther"})
    eventually(lambda: len(api.get(path_of(project, "wait"))["recentRuns"]) == 3)
    eventually(lambda: api.outcome(project, first["workflowId"])["status"] == "TERMINATED")


def test_a_paused_schedule_starts_nothing_until_it_is_resumed(api: Api, project: str) -> None:
    api.put(path_of(project, "tick"), {**EVERY_SECOND, "paused": True})
    assert api.post(f"{path_of(project, 'tick')}/resume", expect=202)["message"] == "Schedule tick goes on"
    eventually(lambda: api.get(path_of(project, "tick"))["recentRuns"])
    api.post(f"{path_of(project, 'tick')}/pause", {"note": "too many"}, 202)
    paused = api.get(path_of(project, "tick"))
    assert (paused["paused"], paused["note"]) == (True, "too many")
    assert paused["nextRuns"]
    api.post(f"{path_of(project, 'tick')}/trigger")
    runs = eventually(lambda: (now := api.get(path_of(project, "tick"))["recentRuns"]) != paused["recentRuns"] and now)
    eventually(lambda: datetime.now(UTC) - datetime.fromisoformat(runs[0]["startedAt"]) > timedelta(seconds=2.1))
    ids = [each["runId"] for each in runs]
    assert [each["runId"] for each in api.get(path_of(project, "tick"))["recentRuns"]] == ids
    api.post(f"{path_of(project, 'tick')}/resume")
    resumed = api.get(path_of(project, "tick"))
    assert (resumed["paused"], resumed["note"]) == (False, "too many")


def test_a_backfill_starts_each_run_of_a_time_that_has_passed(api: Api, project: str) -> None:
    api.put(path_of(project, "daily"), DAILY)
    days = {"from": "2026-01-30T00:00:00Z", "to": "2026-02-02T01:00:00+01:00"}
    answer = api.post(f"{path_of(project, 'daily')}/backfill", days, 202)
    assert answer["message"] == "Schedule daily was asked to start the runs of 4 times"
    runs = eventually(lambda: found if len(found := api.get(path_of(project, "daily"))["recentRuns"]) == 4 else [])
    ids = {f"{project}.daily-2026-{day}T00:00:00Z" for day in ("01-30", "01-31", "02-01", "02-02")}
    assert {each["workflowId"] for each in runs} == ids
    assert {each["status"] for each in runs} <= {"RUNNING", "COMPLETED", None}
    for each in ids:
        assert api.outcome(project, each)["result"] == "echo: tea"
    nothing = {"from": "2026-01-30T01:00:00Z", "to": "2026-01-30T02:00:00Z", "overlap": "allowAll"}
    assert "of 0 times" in api.post(f"{path_of(project, 'daily')}/backfill", nothing)["message"]
    year = {"from": "2020-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    refused(api, "POST", f"{path_of(project, 'daily')}/backfill", year, 400, "lie 1000 times", "in parts")


def test_a_list_has_the_schedules_of_the_project_by_name(api: Api, project: str) -> None:
    assert api.get(path_of(project)) == {"schedules": [], "cursor": None}
    for name in ("c", "a", "b"):
        api.put(path_of(project, name), {**DAILY, "args": ["x" * 20_000 if name == "b" else name]})
    first = api.get(f"{path_of(project)}?limit=2")
    assert [each["name"] for each in first["schedules"]] == ["a", "b"]
    assert first["schedules"][1]["args"][0]["cut"] is True
    assert api.get(path_of(project, "b"))["args"] == ["x" * 20_000]
    second = api.get(f"{path_of(project)}?limit=2&cursor={first['cursor']}")
    assert ([each["name"] for each in second["schedules"]], second["cursor"]) == (["c"], None)
    assert second["schedules"][0] == api.get(path_of(project, "c"))
    other = f"{project}-other"
    api.put(f"/projects/{other}")
    for owner, cursor in ((other, first["cursor"]), (project, "x"), (project, "W10=")):
        refused(api, "GET", f"{path_of(owner)}?cursor={cursor}", None, 400, "cursor is not valid")
    refused(api, "GET", f"{path_of(project)}?colour=1", None, 400, "colour is not a known parameter")
    assert schedule_names(api, other) == []


def test_a_schedule_is_gone_when_it_is_deleted_and_can_be_made_again(api: Api, project: str) -> None:
    api.put(path_of(project, "daily"), DAILY, 201)
    assert api.delete(path_of(project, "daily"))["message"] == f"Schedule daily of project {project} deleted"
    assert schedule_names(api, project) == []
    everything: list[tuple[str, str, Any]] = [("GET", "", None), ("DELETE", "", None)]
    everything += [("POST", f"/{what}", {}) for what in ("trigger", "pause", "resume")]
    everything.append(("POST", "/backfill", {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}))
    other = f"{project}-other"
    api.deploy(other, start=False)
    api.put(path_of(project, "mine"), DAILY)
    for method, more, body in everything:
        answer = refused(api, method, path_of(project, "daily") + more, body, 404, "has no schedule daily")
        assert answer["code"] == "schedule_not_found"
        refused(api, method, path_of(other, "mine") + more, body, 404, "has no schedule mine")
        missing = refused(api, method, path_of(f"{project}-none", "mine") + more, body, 404, "does not exist")
        assert missing["code"] == "project_not_found"
    api.put(path_of(project, "daily"), DAILY, 201)


def test_schedules_go_with_the_project(api: Api, project: str) -> None:
    for name in ("one", "two", "three"):
        api.put(path_of(project, name), DAILY)
    neighbour = f"{project}-neighbour"
    api.deploy(neighbour, start=False)
    api.put(path_of(neighbour, "stays"), DAILY)
    api.delete(f"/projects/{project}")
    api.deploy(project, start=False)
    assert schedule_names(api, project) == []
    refused(api, "GET", path_of(project, "one"), None, 404, "has no schedule one")
    assert schedule_names(api, neighbour) == ["stays"]
    api.delete(f"/projects/{neighbour}")


def test_schedules_follow_the_task_queue_of_their_project(api: Api, project: str) -> None:
    api.put(path_of(project, "wait"), WAITING)
    queue = f"{project}-elsewhere"
    api.put(f"/projects/{project}", {"taskQueue": queue})
    assert api.get(path_of(project, "wait"))["args"] == []
    api.post(f"{path_of(project, 'wait')}/trigger")
    [run] = eventually(lambda: api.get(path_of(project, "wait"))["recentRuns"])
    assert api.get(f"/projects/{project}/executions/{run['workflowId']}")["status"] == "RUNNING"


def test_of_two_puts_at_once_one_makes_the_schedule_and_both_are_answered(
    api: Api, service: Service, project: str
) -> None:
    apis = [Api.of(service) for _ in range(8)]

    def put(hour: int) -> int:
        body = {"workflowType": "Echo", "args": ["tea"], "calendar": {"hour": hour}}
        return apis[hour].client.put(path_of(project, "race"), json=body).status_code

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(put, range(8))) == [200] * 7 + [201]
    assert schedule_names(api, project) == ["race"]
    assert len(api.get(path_of(project, "race"))["calendar"]) == 1
