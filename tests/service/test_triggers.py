"""Drawings bring schedules and webhooks along, which are set up when they are published and go with them."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import update

from support.trigger_compiler import MarksCompiler, marks, schedule, webhook
from support.webhooks import call_webhook, put_webhook, result_of
from workerhost.drawing import TriggerKind
from workerhost.runtime.service import Service
from workerhost.runtime.triggers import following
from workerhost.settings import Settings
from workerhost.store.clock import ago
from workerhost.store.models import ProjectRow
from workerhost.store.triggers import HELD_SECONDS
from workerhost.testing import Api, eventually
from workerhost.testing.services import running_service


@pytest.fixture
def plugins() -> Mapping[str, object]:
    return {"marks": MarksCompiler()}


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    api.put(f"/projects/{project_id}")
    return project_id


def publish(api: Api, project: str, version: str, source: Any, expect: int = 200, name: str = "order") -> Any:
    return api.put(f"/projects/{project}/workflows/{name}", {"version": version, "source": source}, expect)


def schedules(api: Api, project: str) -> dict[str, Any]:
    return {each["name"]: each for each in api.get(f"/projects/{project}/schedules")["schedules"]}


def webhooks(api: Api, project: str) -> dict[str, Any]:
    return {each["webhook"]: each for each in api.get(f"/projects/{project}/webhooks")["webhooks"]}


def test_a_published_drawing_has_its_schedule_and_its_webhook(api: Api, project: str) -> None:
    source = marks("a", schedule("daily", timeZone="Europe/Berlin"), webhook("orders"))
    assert publish(api, project, "1", source)["warnings"] == []
    found = schedules(api, project)["daily"]
    assert (found["workflowType"], found["cron"], found["timeZone"]) == ("order", ["0 5 * * *"], "Europe/Berlin")
    assert found["workflow"] == "order"
    hook = webhooks(api, project)["orders"]
    assert (hook["workflowType"], hook["action"], hook["workflow"]) == ("order", "start", "order")
    assert api.get(f"/projects/{project}/schedules/daily")["workflow"] == "order"
    assert api.get(f"/projects/{project}/webhooks/orders")["workflow"] == "order"
    api.post("/workers/start", {"projectId": project})
    assert result_of(api, project, call_webhook(api, project, '{"x": 1}')) == ["a", {"x": 1}]
    api.post(f"/projects/{project}/schedules/daily/trigger", {}, 202)


def test_the_next_version_changes_adds_and_takes_down_triggers(api: Api, project: str) -> None:
    publish(api, project, "1", marks("a", schedule("daily"), schedule("weekly", "0 5 * * 1"), webhook("orders")))
    changed = marks("a", schedule("daily", "0 6 * * *"), webhook("bills"), webhook("orders", ratePerMinute=7))
    publish(api, project, "2", changed)
    assert {name: each["cron"] for name, each in schedules(api, project).items()} == {"daily": ["0 6 * * *"]}
    assert {name: each["ratePerMinute"] for name, each in webhooks(api, project).items()} == {"bills": 600, "orders": 7}
    api.post(f"/projects/{project}/workflows/order/activate", {"version": "1"})
    assert set(schedules(api, project)) == {"daily", "weekly"}
    assert set(webhooks(api, project)) == {"orders"}


def test_triggers_go_with_their_workflow_and_others_stay(api: Api, project: str) -> None:
    publish(api, project, "1", marks("a", schedule("daily"), webhook("orders")))
    publish(api, project, "1", marks("b", schedule("nightly"), webhook("bills")), name="bill")
    put_webhook(api, project, "mine", workflowType="order")
    api.delete(f"/projects/{project}/workflows/order")
    assert set(schedules(api, project)) == {"nightly"}
    assert set(webhooks(api, project)) == {"bills", "mine"}
    api.delete(f"/projects/{project}/workflows/bill")
    assert schedules(api, project) == {}
    assert set(webhooks(api, project)) == {"mine"}


def test_a_rollback_and_a_promotion_bring_their_triggers_back(api: Api, project: str) -> None:
    publish(api, project, "1", marks("a", schedule("daily")))
    body = {"version": "2", "source": marks("b", schedule("weekly", "0 5 * * 1")), "ramp": 50}
    api.put(f"/projects/{project}/workflows/order", body)
    assert set(schedules(api, project)) == {"daily"}, "a build that is tried changes no triggers"
    api.post(f"/projects/{project}/deployment/promote")
    assert set(schedules(api, project)) == {"weekly"}
    api.post(f"/projects/{project}/deployment/rollback")
    assert set(schedules(api, project)) == {"daily"}


def test_a_schedule_that_was_paused_stays_paused_when_the_drawing_is_published_again(api: Api, project: str) -> None:
    publish(api, project, "1", marks("a", schedule("daily")))
    path = f"/projects/{project}/schedules/daily"
    api.post(f"{path}/pause", {"note": "holidays"}, 202)
    publish(api, project, "2", marks("b", schedule("daily", "0 7 * * *", note="each day")))
    found = api.get(path)
    assert (found["paused"], found["note"], found["cron"]) == (True, "holidays", ["0 7 * * *"])
    api.post(f"{path}/resume", {}, 202)
    publish(api, project, "3", marks("c", schedule("daily", "0 8 * * *", note="each day")))
    found = api.get(path)
    assert (found["paused"], found["note"], found["cron"]) == (False, "each day", ["0 8 * * *"])


def test_what_belongs_to_a_drawing_is_changed_there_alone(api: Api, project: str) -> None:
    publish(api, project, "1", marks("a", schedule("daily"), webhook("orders")))
    path = f"/projects/{project}"
    body = {"workflowType": "order", "cron": ["0 1 * * *"]}
    refusals = [
        api.put(f"{path}/schedules/daily", body, expect=409),
        api.delete(f"{path}/schedules/daily", expect=409),
        api.put(f"{path}/webhooks/orders", webhook("orders", workflowType="order")["definition"], expect=409),
        api.delete(f"{path}/webhooks/orders", expect=409),
    ]
    for refusal in refusals:
        assert refusal["code"] == "trigger_of_workflow"
        assert "belongs to workflow order, whose drawing says what it does" in refusal["error"]
    begin, end = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
    api.post(f"{path}/schedules/daily/backfill", {"from": begin, "to": end}, 202)
    assert schedules(api, project)["daily"]["cron"] == ["0 5 * * *"]


def test_a_name_that_a_user_has_taken_refuses_the_drawing_and_stores_nothing(api: Api, project: str) -> None:
    publish(api, project, "1", marks("b", webhook("bills")), name="bill")
    put_webhook(api, project, "orders", workflowType="bill")
    path = f"/projects/{project}"
    api.put(f"{path}/schedules/daily", {"workflowType": "bill", "cron": ["0 1 * * *"]})
    source = marks("a", schedule("daily"), webhook("orders"), webhook("bills"))
    refused = publish(api, project, "1", source, expect=409)
    assert refused["code"] == "trigger_taken"
    for what in ("schedule daily", "webhook orders"):
        assert f"{what} of project {project} is there already, and was not made for this drawing" in refused["error"]
    assert f"webhook bills of project {project} is a trigger of workflow bill" in refused["error"]
    assert [each["name"] for each in api.get(f"{path}/workflows")["workflows"]] == ["bill"]
    assert schedules(api, project)["daily"].get("workflow") is None
    twice = marks("a", webhook("new"), webhook("new"))
    assert publish(api, project, "1", twice, expect=409)["code"] == "trigger_taken"


def test_definitions_that_do_not_fit_refuse_the_drawing_with_all_problems(api: Api, project: str) -> None:
    source = marks(
        "a",
        schedule("daily", "0 99 * * *", overlap="maybe"),
        schedule("zoned", timeZone="Europe/Atlantis"),
        schedule("a name"),
        webhook("orders", authentication={"kind": "hmac"}),
        webhook("tells", action="signal"),
        webhook("other", color="red"),
        {"kind": "alarm", "name": "x", "definition": {}},
    )
    refused = publish(api, project, "1", source, expect=422)
    assert refused["code"] == "drawing_refused"
    reasons = [each["reason"] for each in refused["problems"]]
    assert {each["node"] for each in refused["problems"]} == {"begin"}
    for beginning in (
        "schedule daily: cron.0 has '99'",
        "schedule daily: overlap",
        "schedule zoned: timeZone: there is no time zone Europe/Atlantis",
        "schedule a name: its name must begin with a letter or digit",
        "webhook orders: authentication.secret is required",
        "webhook tells: name is required for the action signal",
        "webhook other: color is not a known field",
        "alarm x: a trigger is a schedule or a webhook",
    ):
        assert any(each.startswith(beginning) for each in reasons), (beginning, reasons)
    assert api.get(f"/projects/{project}/workflows")["workflows"] == []
    compiled = api.post(f"/projects/{project}/compile", {"source": marks("a", schedule("a name"))})
    assert compiled["problems"][0]["reason"].startswith("schedule a name: its name")


def test_a_webhook_of_a_drawing_tells_a_run_that_waits(api: Api, project: str) -> None:
    told = webhook("tells", action="signal", name="tell", workflowId="$.body.id", args=["$.body.word"])
    publish(api, project, "1", marks("a", told))
    api.post("/workers/start", {"projectId": project})
    run = api.begin(project, "order", "wait")
    assert call_webhook(api, project, f'{{"id": "{run}", "word": "go"}}', name="tells").status_code == 202
    assert api.outcome(project, run)["result"] == ["a", "wait", "go"]


def test_a_secret_that_a_drawing_carries_is_not_shown_among_its_triggers(api: Api, project: str) -> None:
    authentication = {"kind": "hmac", "secret": "a secret of a drawing"}
    publish(api, project, "1", marks("a", webhook("orders", authentication=authentication)))
    shown = api.get(f"/projects/{project}/workflows/order/versions/1")
    assert shown["triggers"][0]["definition"]["authentication"] == {"kind": "hmac"}
    assert "secret" not in webhooks(api, project)["orders"]["authentication"]
    assert call_webhook(api, project).status_code == 401


def test_a_deleted_project_leaves_no_triggers_behind(api: Api, project: str) -> None:
    publish(api, project, "1", marks("a", schedule("daily"), webhook("orders")))
    api.delete(f"/projects/{project}")
    api.put(f"/projects/{project}")
    assert schedules(api, project) == {}
    assert webhooks(api, project) == {}


def test_with_temporal_away_a_drawing_goes_live_and_its_schedule_follows(
    api: Api, service: Service, settings: Settings, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = marks("a", schedule("daily"), schedule("weekly", "0 5 * * 1"), webhook("orders"))
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    with running_service(settings, {"marks": MarksCompiler()}) as cut_off:
        published = publish(Api.of(cut_off), project, "1", source)
    assert published["success"]
    for warning, name in zip(published["warnings"], ("daily", "weekly"), strict=True):
        assert (warning["workflow"], warning["node"]) == ("order", "begin")
        beginning = f"schedule {name} is not as the drawing says yet, which is tried again: Temporal does not answer"
        assert warning["reason"].startswith(beginning)
    assert set(webhooks(api, project)) == {"orders"}

    def follow() -> set[str]:
        service.triggers.follow_left()
        return set(schedules(api, project))

    eventually(lambda: follow() == {"daily", "weekly"})
    assert publish(api, project, "1", source)["warnings"] == []


def test_a_schedule_of_a_user_is_never_taken_over(
    api: Api, service: Service, settings: Settings, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(api, project, "1", marks("b"), name="bill")
    api.put(f"/projects/{project}/schedules/daily", {"workflowType": "bill", "cron": ["0 1 * * *"]})
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    with running_service(settings, {"marks": MarksCompiler()}) as cut_off:  # which cannot see that the name is taken
        publish(Api.of(cut_off), project, "1", marks("a", schedule("daily")))
    [(workflow, problem)] = eventually(lambda: service.triggers.follow(project))
    assert workflow == "order"
    assert "there is a schedule daily that was not made for this drawing; delete it" in problem.reason
    assert schedules(api, project)["daily"]["workflowType"] == "bill"
    api.delete(f"/projects/{project}/schedules/daily")
    assert service.triggers.follow(project) == []
    assert schedules(api, project)["daily"]["workflow"] == "order"


def test_what_a_host_left_half_done_is_finished(
    api: Api, service: Service, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "HOLD_SECONDS", 0.1)
    publish(api, project, "1", marks("a"))
    assert service.store.triggers.hold(project) is not None, "a host begins, and dies"
    service.store.triggers.claim(project, TriggerKind.SCHEDULE, "gone", "order")
    [warning] = publish(api, project, "2", marks("b", schedule("daily")))["warnings"]
    assert "other calls set up triggers of the project at the moment" in warning["reason"]
    service.triggers.follow_left()
    assert schedules(api, project) == {}
    with service.store.database.writing() as session:
        session.execute(update(ProjectRow).values(triggers_held_at=ago(HELD_SECONDS + 1)))
    service.triggers.follow_left()
    assert set(schedules(api, project)) == {"daily"}
    assert service.store.triggers.left(10) == []
    assert set(service.store.triggers.owned(project)) == {(TriggerKind.SCHEDULE, "daily")}
