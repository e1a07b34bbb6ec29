"""The store keeps webhooks with their secrets, and lets them go with their projects."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from support import DATABASES
from workerhost.errors import InvalidRequestError, NotFoundError
from workerhost.store import Store, Webhook, WebhookAuthentication
from workerhost.store.models import WebhookRow
from workerhost.words import AuthenticationKind, SignatureScheme, WebhookAction

KNOWN = WebhookAuthentication(AuthenticationKind.HMAC, SignatureScheme.STRIPE, None, 300, "a secret")
WEBHOOK = Webhook(
    "shop",
    "orders",
    WebhookAction.START,
    "Order",
    None,
    "$.body.id",
    ["$.body", {"a": [1, None]}],
    ["$.body.id"],
    KNOWN,
    600,
)


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def project(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)


def test_a_webhook_is_kept_changed_and_deleted(store: Store) -> None:
    assert store.webhooks.put(WEBHOOK) == (WEBHOOK, True)
    assert store.webhooks.get("shop", "orders") == WEBHOOK
    assert store.webhooks.find("shop", "orders") == WEBHOOK
    changed = replace(WEBHOOK, args=[], rate_per_minute=7)
    assert store.webhooks.put(changed) == (changed, False)
    other = replace(WEBHOOK, name="bills")
    store.webhooks.put(other)
    assert store.webhooks.all("shop") == [other, changed]
    store.webhooks.delete("shop", "orders")
    assert store.webhooks.all("shop") == [other]
    for action in (store.webhooks.get, store.webhooks.delete):
        with pytest.raises(NotFoundError, match="project shop has no webhook orders"):
            action("shop", "orders")


def test_a_secret_is_kept_for_callers_of_the_same_kind_alone(store: Store) -> None:
    without = replace(WEBHOOK, authentication=replace(KNOWN, secret=None, scheme=SignatureScheme.SLACK))
    with pytest.raises(InvalidRequestError, match="secret is required"):
        store.webhooks.put(without)
    store.webhooks.put(WEBHOOK)
    kept, _ = store.webhooks.put(without)
    assert (kept.authentication.secret, kept.authentication.scheme) == ("a secret", "slack")
    with pytest.raises(InvalidRequestError, match="secret is required"):
        store.webhooks.put(replace(WEBHOOK, authentication=WebhookAuthentication(AuthenticationKind.HEADER)))
    assert store.webhooks.get("shop", "orders") == kept


def test_a_webhook_belongs_to_its_project_and_goes_with_it(store: Store) -> None:
    with pytest.raises(NotFoundError, match="project other does not exist"):
        store.webhooks.put(replace(WEBHOOK, project_id="other"))
    store.webhooks.put(WEBHOOK)
    assert store.webhooks.find("other", "orders") is None
    store.projects.delete("shop")
    assert store.webhooks.find("shop", "orders") is None


def test_words_of_a_later_version_do_not_keep_webhooks_from_being_read(store: Store) -> None:
    store.webhooks.put(WEBHOOK)
    with store.database.writing() as session:
        session.execute(update(WebhookRow).values(action="ask", authentication={"kind": "passkey", "scheme": "x"}))
    [found] = store.webhooks.all("shop")
    assert found.authentication.kind == "hmac", "which refuses who does not sign"
