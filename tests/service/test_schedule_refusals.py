"""Schedules that do not fit, are not there or are not the project's, and what is said without Temporal."""

from collections.abc import Iterator
from typing import Any

import pytest
from temporalio.client import Client, Schedule, ScheduleActionStartWorkflow, ScheduleSpec

from support.refusals import refused
from support.schedules import DAILY, path_of, schedule_names, scheduled_project
from workerhost.runtime.service import Service
from workerhost.testing import Api, unique_id
from workerhost.testing.services import running_service

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
    yield from scheduled_project(api, project_id)


def test_a_body_that_does_not_fit_is_refused_and_nothing_is_made(api: Api, project: str) -> None:
    for wrong, parts in WRONG:
        body = {key: value for key, value in {**DAILY, **wrong}.items() if value is not None}
        refused(api, "PUT", path_of(project, "wrong"), body, 400, *parts)
    refused(api, "GET", path_of(project, "wrong"), None, 404)


def test_types_names_and_times_that_are_not_there_are_refused(api: Api, project: str) -> None:
    answer = refused(
        api, "PUT", path_of(project, "x"), {**DAILY, "workflowType": "Missing"}, 404, "it has: Echo, Waits"
    )
    assert answer["code"] == "workflow_type_not_found"
    refused(api, "PUT", path_of(project, "a.b"), DAILY, 400, "name must begin with a letter or digit")
    refused(api, "PUT", path_of(f"{project}-none", "x"), DAILY, 404, "does not exist")
    refused(api, "PUT", path_of(project, "x"), None, 415)
    api.put(path_of(project, "daily"), DAILY)
    made = api.get(path_of(project, "daily"))
    refused(api, "PUT", path_of(project, "daily"), {**DAILY, "timeZone": "Mars/Olympus"}, 400, "Mars/Olympus")
    for body, said in (
        ({}, "from is required"),
        ({"from": "2026-01-01T00:00:00Z"}, "to is required"),
        ({"from": "yesterday", "to": "2026-01-01T00:00:00Z"}, "from must be a time with its zone"),
        ({"from": 5, "to": "2026-01-01T00:00:00Z"}, "from must be a time with its zone"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "a from that is before to"),
        ({"from": "0001-01-01T00:00:00+14:00", "to": "2026-01-01T00:00:00Z"}, "between the years 2000 and 2100"),
        ({"from": "2026-01-01T00:00:00Z", "to": "9999-12-31T23:59:59-14:00"}, "between the years 2000 and 2100"),
    ):
        refused(api, "POST", f"{path_of(project, 'daily')}/backfill", body, 400, said)
    refused(api, "POST", f"{path_of(project, 'daily')}/trigger", {"overlap": "x"}, 400, "overlap")
    refused(api, "POST", f"{path_of(project, 'daily')}/pause", {"why": "x"}, 400, "why is not a known field")
    assert api.get(path_of(project, "daily")) == made


def test_a_schedule_of_another_client_is_left_alone(api: Api, service: Service, project: str) -> None:
    schedule_id = f"{project}.theirs"

    async def make(client: Client) -> None:
        action = ScheduleActionStartWorkflow("Echo", args=["x"], id="theirs", task_queue=unique_id("queue"))
        await client.create_schedule(schedule_id, Schedule(action, ScheduleSpec(cron_expressions=["@daily"])))

    service.temporal.call(make)
    refused(api, "GET", path_of(project, "theirs"), None, 404, "has no schedule theirs")
    refused(api, "PUT", path_of(project, "theirs"), DAILY, 409, "another client of Temporal")
    assert schedule_names(api, project) == []
    api.delete(f"/projects/{project}")

    async def delete(client: Client) -> None:
        await client.get_schedule_handle(schedule_id).delete()

    service.temporal.call(delete)


def test_without_temporal_it_is_said_and_the_project_stays(
    api: Api, service: Service, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.put(path_of(project, "daily"), DAILY)
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    with running_service(service.settings) as cut_off:
        elsewhere = Api.of(cut_off)
        for method, body in (("GET", None), ("PUT", DAILY), ("DELETE", None)):
            answer = refused(elsewhere, method, path_of(project, "daily"), body, 503, "Temporal does not answer")
            assert answer["code"] == "temporal_unavailable"
        refused(elsewhere, "GET", path_of(project), None, 503)
        refused(elsewhere, "DELETE", f"/projects/{project}", None, 503)
        assert elsewhere.get(f"/projects/{project}")["desiredState"] == "running"
    assert schedule_names(api, project) == ["daily"]
