"""The store knows which schedules and webhooks belong to drawn workflows, and one host at a time sets them up."""

from dataclasses import replace

import pytest
from sqlalchemy import text, update

from support import DATABASES, store_published
from workerhost import BuildSummary, WorkflowCode
from workerhost.drawing import CompiledDrawing, Drawing, TriggerKind
from workerhost.errors import NotFoundError
from workerhost.store import Store, Webhook, WebhookAuthentication
from workerhost.store.clock import ago
from workerhost.store.models import ProjectRow
from workerhost.store.triggers import HELD_SECONDS, OwnedTrigger
from workerhost.words import AuthenticationKind, WebhookAction

SCHEDULE, WEBHOOK = TriggerKind.SCHEDULE, TriggerKind.WEBHOOK
KNOWN = WebhookAuthentication(AuthenticationKind.NONE)
HOOK = Webhook("shop", "orders", WebhookAction.START, "Order", None, None, [], [], KNOWN, 600)


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def project(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)


def _published(store: Store, drawing: CompiledDrawing | None = None) -> None:
    build = BuildSummary("shop", "d1", {"echo.workflow": "x = 1"}, ("Echo",), ())
    store_published(store, WorkflowCode("echo", "1", "x = 1", drawing=drawing), build, None)


def test_a_trigger_is_claimed_settled_and_released(store: Store) -> None:
    store.triggers.claim("shop", SCHEDULE, "daily", "order")
    assert store.triggers.owned("shop") == {(SCHEDULE, "daily"): OwnedTrigger("order", None)}
    store.triggers.settle("shop", SCHEDULE, "daily", "digest")
    assert store.triggers.owned("shop") == {(SCHEDULE, "daily"): OwnedTrigger("order", "digest")}
    assert store.triggers.owner("shop", SCHEDULE, "daily") == "order"
    assert store.triggers.owner("shop", WEBHOOK, "daily") is None
    store.triggers.claim("shop", SCHEDULE, "daily", "bill")
    assert store.triggers.owned("shop") == {(SCHEDULE, "daily"): OwnedTrigger("bill", None)}
    store.triggers.release("shop", SCHEDULE, "daily")
    assert store.triggers.owned("shop") == {}
    with pytest.raises(NotFoundError):
        store.triggers.claim("elsewhere", SCHEDULE, "daily", "order")


def test_a_webhook_of_a_user_is_left_alone(store: Store) -> None:
    store.webhooks.put(replace(HOOK, name="mine"))
    assert store.triggers.put_webhook(replace(HOOK, name="mine", rate_per_minute=1), "order", "digest") is False
    assert store.triggers.put_webhook(HOOK, "order", "digest") is True
    assert store.triggers.put_webhook(replace(HOOK, rate_per_minute=1), "order", "other") is True
    assert {each.name: each.rate_per_minute for each in store.webhooks.all("shop")} == {"mine": 600, "orders": 1}
    assert store.triggers.owned("shop") == {(WEBHOOK, "orders"): OwnedTrigger("order", "other")}
    for name in ("mine", "orders", "nowhere"):
        store.triggers.delete_webhook("shop", name)
    assert [each.name for each in store.webhooks.all("shop")] == ["mine"]


def test_one_host_at_a_time_sets_up_the_triggers_of_a_project(store: Store) -> None:
    _published(store)
    assert store.triggers.hold("shop") == 1
    assert store.triggers.hold("shop") is None
    store.triggers.let_go("shop", None)
    assert store.triggers.hold("shop") == 1
    with store.database.writing() as session:
        session.execute(update(ProjectRow).values(triggers_held_at=ago(HELD_SECONDS + 1)))
    assert store.triggers.hold("shop") == 1, "the one that held it has died"
    assert store.triggers.hold("elsewhere") is None


def test_projects_are_found_whose_triggers_are_not_those_of_their_deployment(store: Store) -> None:
    assert store.triggers.left(10) == []
    _published(store)
    assert store.triggers.left(10) == [], "nothing is drawn there, which is noted"
    with store.database.reading() as session:
        assert session.scalar(text("SELECT triggers_revision FROM projects")) == 1
    store.triggers.claim("shop", SCHEDULE, "daily", "order")
    store.triggers.let_go("shop", None)
    assert store.triggers.left(10) == ["shop"]
    store.triggers.let_go("shop", 1)
    assert store.triggers.left(10) == []


def test_projects_with_drawings_are_looked_at(store: Store) -> None:
    _published(store, CompiledDrawing(Drawing("canvas", {}), "drawings 1"))
    assert store.triggers.left(10) == ["shop"]
