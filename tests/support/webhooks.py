"""Webhooks as tests make and call them."""

import hashlib
import hmac
from typing import Any

from werkzeug.test import TestResponse

from support.basket import BASKET
from workerhost.testing import Api

SECRET = "a secret of sixteen characters"
NONE = {"kind": "none"}
GENERIC = {"kind": "hmac", "secret": SECRET}


GIVE = """
from temporalio import workflow


@workflow.defn
class Give:
    @workflow.run
    async def run(self, *given: object) -> list:
        return list(given)
"""


def webhook_project(api: Api, project_id: str) -> str:
    """Deploy and start a project whose workflows webhooks start, signal and update, and return its id."""
    api.deploy(project_id, "give", {"version": "1", "workflowCode": GIVE}, start=False)
    api.deploy(project_id, "basket", {"version": "1", "workflowCode": BASKET})
    return project_id


def put_webhook(api: Api, project: str, webhook: str = "orders", **body: Any) -> Any:
    """Put a webhook, which starts `Give` and knows no callers unless `body` says otherwise."""
    if body.get("action", "start") == "start":
        body = {"action": "start", "workflowType": "Give", **body}
    return api.put(f"/projects/{project}/webhooks/{webhook}", {"authentication": NONE, **body})


def call_webhook(
    api: Api,
    project: str,
    data: bytes | str = b"{}",
    headers: dict[str, str] | None = None,
    *,
    name: str = "orders",
    query: str = "",
    media_type: str = "application/json",
) -> TestResponse:
    """Call a webhook as a stranger does."""
    return api.client.post(f"/hooks/{project}/{name}{query}", data=data, headers=headers, content_type=media_type)


def accepted(answer: TestResponse) -> Any:
    """Return the answer to a call that was accepted."""
    assert answer.status_code == 202, answer.get_data(as_text=True)
    return answer.get_json()


def result_of(api: Api, project: str, answer: TestResponse) -> Any:
    """Return the result of what a call has started."""
    return api.outcome(project, accepted(answer)["workflowId"])["result"]


def digest(text: str, secret: str = SECRET) -> str:
    """Return the signature of a text, in hex digits."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def headers_of(scheme: str, body: str, at: int, secret: str = SECRET) -> dict[str, str]:
    """Return the headers with which senders of a scheme sign a body at a time."""
    if scheme == "github":
        return {"X-Hub-Signature-256": f"sha256={digest(body, secret)}"}
    if scheme == "stripe":
        return {"Stripe-Signature": f"t={at},v1={digest(f'{at}.{body}', secret)}"}
    if scheme == "slack":
        return {
            "X-Slack-Signature": f"v0={digest(f'v0:{at}:{body}', secret)}",
            "X-Slack-Request-Timestamp": str(at),
        }
    return {"X-Signature-256": f"sha256={digest(body, secret)}"}
