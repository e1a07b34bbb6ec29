"""Schedules over the API: they start runs of a project at their times, and are the project's alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client, Schedule, ScheduleActionStartWorkflow, ScheduleSpec

from support.refusals import refused
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, eventually, unique_id
from workerhost.testing.services import running_service

WAITS = """
from temporalio import workflow


@workflow.defn
class Waits:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)
"""

EVERY_SECOND = {"workflowType": "Echo", "args": ["tick"], "intervalSeconds": 1}
DAILY = {"workflowType": "Echo", "args": ["tea"], "cron": ["@daily"]}
WAITING = {"workflowType": "Waits", "intervalSeconds": 86400}

WRONG: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({"workflowType": None}, ["workflowType is required"]),
    ({"cron": None}, ["the body must say when", "cron, intervalSeconds or calendar"]),
    ({"cron": []}, ["the body must say when"]),
    ({"cron": "@daily"}, ["cron"]),
    ({"cron": [5]}, ["cron.0"]),
    ({"cron": ["@daily", "1 x * * *"]}, ["cron.1 has 'x' at character 3, in its 2nd field (hour)"]),
    ({"cron": ["1 2 3"]}, ["cron.0 has 3 fields"]),
    ({"cron": ["CRON_TZ=Europe/Nowhere 1 2 * * *"]}, ["cron.0: Temporal knows no time zone Europe/Nowhere"]),
    ({"cron": ["CRON_TZ=Asia/Tokyo 1 2 * * *", "1 2 * * *"]}, ["a schedule has one"]),
    ({"cron": ["* * * * *"] * 21}, ["cron", "20"]),
    ({"cron": ["1\t2 * * *"]}, ["cron.0 must not hold control characters"]),
    ({"timeZone": "Europe/Nowhere"}, ["timeZone: Temporal knows no time zone Europe/Nowhere", "Europe/Berlin"]),
    ({"timeZone": "Local"}, ["timeZone must not be Local"]),
    ({"timeZone": ""}, ["timeZone is required"]),
    ({"intervalSeconds": 0}, ["intervalSeconds", "greater than or equal to 1"]),
    ({"intervalSeconds": 1.5}, ["intervalSeconds"]),
    ({"intervalSeconds": "60"}, ["intervalSeconds"]),
    ({"intervalSeconds": 10**12}, ["intervalSeconds"]),
    ({"calendar": [{"hour": 24}]}, ["calendar.0.hour has 24, which takes 0 to 23"]),
    ({"calendar": {"minute": "x"}}, ["calendar.0.minute has 'x', which takes 0 to 59"]),
    ({"calendar": [{}]}, ["calendar.0 must name at least one of second"]),
    ({"calendar": [{"day": 1}]}, ["calendar.0.day is not a known field"]),
    ({"calendar": [{"hour": None}]}, ["calendar.0.hour has None"]),
    ({"calendar": 5}, ["calendar"]),
    ({"calendar": [{"hour": [1] * 101}]}, ["calendar.0.hour must not be longer than 100"]),
    ({"overlap": "sometimes"}, ["overlap", "'skip'", "'bufferOne'", "'allowAll'"]),
    ({"jitterSeconds": -1}, ["jitterSeconds", "greater than or equal to 0"]),
    ({"catchUpSeconds": 9}, ["catchUpSeconds", "greater than or equal to 10"]),
    ({"paused": "yes"}, ["paused"]),
    ({"note": "\0"}, ["note must not hold NUL"]),
    ({"args": "tea"}, ["args"]),
    ({"args": [5]}, ["args[0]", "string"]),
    ({"colour": 1}, ["colour is not a known field"]),
    ({"args": ["x" * 3_000_000]}, ["arguments", "MiB as JSON"]),
)
"""What makes a body not fit, and parts of what is said of it."""


@pytest.fixture
def project(api: Api, project_id: str) -> Iterator[str]:
    """A project that is deleted with its schedules, since all tests share a Temporal server."""
    api.deploy(project_id, "echo", {"version": "1", "workflowCode": ECHO}, start=False)
    api.deploy(project_id, "waits", {"version": "1", "workflowCode": WAITS})
    yield project_id
    api.call("DELETE", f"/projects/{project_id}", None, (200, 404))


def path(project: str, name: str = "") -> str:
    return f"/projects/{project}/schedules/{name}".removesuffix("/")


def names(api: Api, project: str) -> list[str]:
    return [each["name"] for each in api.get(path(project))["schedules"]]


def running(api: Api, project: str) -> list[str]:
    """Return the ids of the runs that wait, as Temporal lists them, which is a moment late."""
    found = api.get(f"/projects/{project}/executions?status=RUNNING&workflowType=Waits")["executions"]
    return [each["workflowId"] for each in found]


def test_an_interval_starts_runs_of_the_project_on_its_current_build(api: Api, project: str) -> None:
    made = api.put(path(project, "tick"), EVERY_SECOND, 201)
    assert (made["name"], made["intervalSeconds"], made["args"], made["recentRuns"]) == ("tick", 1, ["tick"], [])
    assert len(made["nextRuns"]) == 10
    runs = eventually(lambda: found if len(found := api.get(path(project, "tick"))["recentRuns"]) >= 2 else [])
    assert [each["startedAt"] for each in runs] == sorted((each["startedAt"] for each in runs), reverse=True)
    first = runs[-1]
    assert first["workflowId"].startswith(f"{project}.tick-")
    assert first["scheduledAt"] <= first["startedAt"]
    assert api.outcome(project, first["workflowId"])["result"] == "echo: tick"
    done = eventually(lambda: [each for each in api.get(path(project, "tick"))["recentRuns"] if each["status"]])
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
    made = api.put(f"{path(project, 'market')}?unchecked=true", body, 201)
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
    assert api.get(path(project, "market")) == made


def test_a_schedule_that_is_read_can_be_put_again_and_what_is_left_out_is_default(api: Api, project: str) -> None:
    every = {**EVERY_SECOND, "intervalSeconds": 3600, "note": "hourly", "overlap": "allowAll", "jitterSeconds": 2.5}
    made = api.put(path(project, "hourly"), every, 201)
    shown = {key: value for key, value in made.items() if key not in ("name", "nextRuns", "recentRuns")}
    assert api.put(path(project, "hourly"), shown, 200) == made
    changed = api.put(path(project, "hourly"), {"workflowType": "Waits", "calendar": {"hour": 3}}, 200)
    assert changed == api.get(path(project, "hourly"))
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
    api.put(path(project, "wait"), WAITING)
    api.post(f"{path(project, 'wait')}/trigger", expect=202)
    [first] = eventually(lambda: api.get(path(project, "wait"))["recentRuns"])
    eventually(lambda: datetime.now(UTC) - datetime.fromisoformat(first["startedAt"]) > timedelta(seconds=1.1))
    api.post(f"{path(project, 'wait')}/trigger")
    api.post(f"{path(project, 'wait')}/trigger", {"overlap": "allowAll"})
    eventually(lambda: len(api.get(path(project, "wait"))["recentRuns"]) == 2)
    eventually(lambda: len(running(api, project)) == 2)
    assert [each["status"] for each in api.get(path(project, "wait"))["recentRuns"]] == [None, "RUNNING"]
    eventually(lambda: datetime.now(UTC) - datetime.fromisoformat(first["startedAt"]) > timedelta(seconds=2.5))
    api.post(f"{path(project, 'wait')}/trigger", {"overlap": "terminateOther"})
    eventually(lambda: len(api.get(path(project, "wait"))["recentRuns"]) == 3)
    eventually(lambda: api.outcome(project, first["workflowId"])["status"] == "TERMINATED")


def test_a_paused_schedule_starts_nothing_until_it_is_resumed(api: Api, project: str) -> None:
    api.put(path(project, "tick"), {**EVERY_SECOND, "paused": True})
    assert api.post(f"{path(project, 'tick')}/resume", expect=202)["message"] == "Schedule tick goes on"
    eventually(lambda: api.get(path(project, "tick"))["recentRuns"])
    api.post(f"{path(project, 'tick')}/pause", {"note": "too many"}, 202)
    paused = api.get(path(project, "tick"))
    assert (paused["paused"], paused["note"]) == (True, "too many")
    assert paused["nextRuns"]
    api.post(f"{path(project, 'tick')}/trigger")
    runs = eventually(lambda: (now := api.get(path(project, "tick"))["recentRuns"]) != paused["recentRuns"] and now)
    eventually(lambda: datetime.now(UTC) - datetime.fromisoformat(runs[0]["startedAt"]) > timedelta(seconds=2.1))
    ids = [each["runId"] for each in runs]
    assert [each["runId"] for each in api.get(path(project, "tick"))["recentRuns"]] == ids
    api.post(f"{path(project, 'tick')}/resume")
    resumed = api.get(path(project, "tick"))
    assert (resumed["paused"], resumed["note"]) == (False, "too many")


def test_a_backfill_starts_each_run_of_a_time_that_has_passed(api: Api, project: str) -> None:
    api.put(path(project, "daily"), DAILY)
    days = {"from": "2026-01-30T00:00:00Z", "to": "2026-02-02T01:00:00+01:00"}
    answer = api.post(f"{path(project, 'daily')}/backfill", days, 202)
    assert answer["message"] == "Schedule daily was asked to start the runs of 4 times"
    runs = eventually(lambda: found if len(found := api.get(path(project, "daily"))["recentRuns"]) == 4 else [])
    ids = {f"{project}.daily-2026-{day}T00:00:00Z" for day in ("01-30", "01-31", "02-01", "02-02")}
    assert {each["workflowId"] for each in runs} == ids
    assert {each["status"] for each in runs} <= {"RUNNING", "COMPLETED", None}
    for each in ids:
        assert api.outcome(project, each)["result"] == "echo: tea"
    nothing = {"from": "2026-01-30T01:00:00Z", "to": "2026-01-30T02:00:00Z", "overlap": "allowAll"}
    assert "of 0 times" in api.post(f"{path(project, 'daily')}/backfill", nothing)["message"]
    year = {"from": "2020-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    refused(api, "POST", f"{path(project, 'daily')}/backfill", year, 400, "lie 1000 times", "in parts")


def test_a_list_has_the_schedules_of_the_project_by_name(api: Api, project: str) -> None:
    assert api.get(path(project)) == {"schedules": [], "cursor": None}
    for name in ("c", "a", "b"):
        api.put(path(project, name), {**DAILY, "args": ["x" * 20_000 if name == "b" else name]})
    first = api.get(f"{path(project)}?limit=2")
    assert [each["name"] for each in first["schedules"]] == ["a", "b"]
    assert first["schedules"][1]["args"][0]["cut"] is True
    assert api.get(path(project, "b"))["args"] == ["x" * 20_000]
    second = api.get(f"{path(project)}?limit=2&cursor={first['cursor']}")
    assert ([each["name"] for each in second["schedules"]], second["cursor"]) == (["c"], None)
    assert second["schedules"][0] == api.get(path(project, "c"))
    other = f"{project}-other"
    api.put(f"/projects/{other}")
    for bad in (f"{path(other)}?cursor={first['cursor']}", f"{path(project)}?cursor=x", f"{path(project)}?cursor=W10="):
        refused(api, "GET", bad, None, 400, "cursor is not valid")
    refused(api, "GET", f"{path(project)}?colour=1", None, 400, "colour is not a known parameter")
    assert names(api, other) == []


def test_a_schedule_is_gone_when_it_is_deleted_and_can_be_made_again(api: Api, project: str) -> None:
    api.put(path(project, "daily"), DAILY, 201)
    assert api.delete(path(project, "daily"))["message"] == f"Schedule daily of project {project} is deleted"
    assert names(api, project) == []
    everything: list[tuple[str, str, Any]] = [("GET", "", None), ("DELETE", "", None)]
    everything += [("POST", f"/{what}", {}) for what in ("trigger", "pause", "resume")]
    everything.append(("POST", "/backfill", {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}))
    other = f"{project}-other"
    api.deploy(other, start=False)
    api.put(path(project, "mine"), DAILY)
    for method, more, body in everything:
        answer = refused(api, method, path(project, "daily") + more, body, 404, "has no schedule daily")
        assert answer["code"] == "schedule_not_found"
        refused(api, method, path(other, "mine") + more, body, 404, "has no schedule mine")
        missing = refused(api, method, path(f"{project}-none", "mine") + more, body, 404, "does not exist")
        assert missing["code"] == "project_not_found"
    api.put(path(project, "daily"), DAILY, 201)


def test_schedules_go_with_the_project(api: Api, project: str) -> None:
    for name in ("one", "two", "three"):
        api.put(path(project, name), DAILY)
    neighbour = f"{project}-neighbour"
    api.deploy(neighbour, start=False)
    api.put(path(neighbour, "stays"), DAILY)
    api.delete(f"/projects/{project}")
    api.deploy(project, start=False)
    assert names(api, project) == []
    refused(api, "GET", path(project, "one"), None, 404, "has no schedule one")
    assert names(api, neighbour) == ["stays"]
    api.delete(f"/projects/{neighbour}")


def test_schedules_follow_the_task_queue_of_their_project(api: Api, project: str) -> None:
    api.put(path(project, "wait"), WAITING)
    queue = f"{project}-elsewhere"
    api.put(f"/projects/{project}", {"taskQueue": queue})
    assert api.get(path(project, "wait"))["args"] == []
    api.post(f"{path(project, 'wait')}/trigger")
    [run] = eventually(lambda: api.get(path(project, "wait"))["recentRuns"])
    assert api.get(f"/projects/{project}/executions/{run['workflowId']}")["status"] == "RUNNING"


def test_of_two_puts_at_once_one_makes_the_schedule_and_both_are_answered(
    api: Api, service: Service, project: str
) -> None:
    apis = [Api.of(service) for _ in range(8)]

    def put(hour: int) -> int:
        body = {"workflowType": "Echo", "args": ["tea"], "calendar": {"hour": hour}}
        return apis[hour].client.put(path(project, "race"), json=body).status_code

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(put, range(8))) == [200] * 7 + [201]
    assert names(api, project) == ["race"]
    assert len(api.get(path(project, "race"))["calendar"]) == 1


def test_a_schedule_of_another_client_is_left_alone(api: Api, service: Service, project: str) -> None:
    schedule_id = f"{project}.theirs"

    async def make(client: Client) -> None:
        action = ScheduleActionStartWorkflow("Echo", args=["x"], id="theirs", task_queue=unique_id("queue"))
        await client.create_schedule(schedule_id, Schedule(action, ScheduleSpec(cron_expressions=["@daily"])))

    service.temporal.call(make)
    refused(api, "GET", path(project, "theirs"), None, 404, "has no schedule theirs")
    refused(api, "PUT", path(project, "theirs"), DAILY, 409, "another client of Temporal")
    assert names(api, project) == []
    api.delete(f"/projects/{project}")

    async def delete(client: Client) -> None:
        await client.get_schedule_handle(schedule_id).delete()

    service.temporal.call(delete)


def test_a_body_that_does_not_fit_is_refused_and_nothing_is_made(api: Api, project: str) -> None:
    for wrong, parts in WRONG:
        body = {key: value for key, value in {**DAILY, **wrong}.items() if value is not None}
        refused(api, "PUT", path(project, "wrong"), body, 400, *parts)
    refused(api, "GET", path(project, "wrong"), None, 404)


def test_types_names_and_times_that_are_not_there_are_refused(api: Api, project: str) -> None:
    answer = refused(api, "PUT", path(project, "x"), {**DAILY, "workflowType": "Missing"}, 404, "it has: Echo, Waits")
    assert answer["code"] == "workflow_type_not_found"
    refused(api, "PUT", path(project, "a.b"), DAILY, 400, "name must begin with a letter or digit")
    refused(api, "PUT", path(f"{project}-none", "x"), DAILY, 404, "does not exist")
    refused(api, "PUT", path(project, "x"), None, 415)
    api.put(path(project, "daily"), DAILY)
    made = api.get(path(project, "daily"))
    refused(api, "PUT", path(project, "daily"), {**DAILY, "timeZone": "Mars/Olympus"}, 400, "Mars/Olympus")
    for body, said in (
        ({}, "from is required"),
        ({"from": "2026-01-01T00:00:00Z"}, "to is required"),
        ({"from": "yesterday", "to": "2026-01-01T00:00:00Z"}, "from must be a time with its zone"),
        ({"from": 5, "to": "2026-01-01T00:00:00Z"}, "from must be a time with its zone"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "a from that is before to"),
        ({"from": "0001-01-01T00:00:00+14:00", "to": "2026-01-01T00:00:00Z"}, "between the years 2000 and 2100"),
        ({"from": "2026-01-01T00:00:00Z", "to": "9999-12-31T23:59:59-14:00"}, "between the years 2000 and 2100"),
    ):
        refused(api, "POST", f"{path(project, 'daily')}/backfill", body, 400, said)
    refused(api, "POST", f"{path(project, 'daily')}/trigger", {"overlap": "x"}, 400, "overlap")
    refused(api, "POST", f"{path(project, 'daily')}/pause", {"why": "x"}, 400, "why is not a known field")
    assert api.get(path(project, "daily")) == made


def test_without_temporal_it_is_said_and_the_project_stays(
    api: Api, service: Service, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.put(path(project, "daily"), DAILY)
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    with running_service(service.settings) as cut_off:
        elsewhere = Api.of(cut_off)
        for method, body in (("GET", None), ("PUT", DAILY), ("DELETE", None)):
            answer = refused(elsewhere, method, path(project, "daily"), body, 503, "Temporal does not answer")
            assert answer["code"] == "temporal_unavailable"
        refused(elsewhere, "GET", path(project), None, 503)
        refused(elsewhere, "DELETE", f"/projects/{project}", None, 503)
        assert elsewhere.get(f"/projects/{project}")["desiredState"] == "running"
    assert names(api, project) == ["daily"]
