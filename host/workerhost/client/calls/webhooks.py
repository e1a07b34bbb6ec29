"""Calls about webhooks."""

from collections.abc import Mapping, Sequence
from typing import Any

from workerhost.answers import CommandResult, WebhookInfo, WebhookList
from workerhost.client.calls.call import Call, project_path, without_none


def webhooks(project_id: str) -> Call[WebhookList]:
    """List the webhooks of a project."""
    return Call("GET", project_path(project_id, "webhooks"), WebhookList)


def webhook(project_id: str, name: str) -> Call[WebhookInfo]:
    """Look at a webhook."""
    return Call("GET", project_path(project_id, "webhooks", name), WebhookInfo)


def put_webhook(  # noqa: PLR0913, PLR0917  all of it says what is wanted
    project_id: str,
    webhook: str,
    action: str,
    authentication: Mapping[str, Any],
    workflow_type: str | None,
    name: str | None,
    workflow_id: str | None,
    args: Sequence[Any],
    start_args: Sequence[Any],
    rate_per_minute: int | None,
) -> Call[WebhookInfo]:
    """Create a webhook, or put it in the place of the one of that name."""
    body = {
        "action": action,
        "workflowType": workflow_type,
        "name": name,
        "workflowId": workflow_id,
        "args": list(args),
        "startArgs": list(start_args) or None,
        "authentication": without_none(authentication),
        "ratePerMinute": rate_per_minute,
    }
    return Call("PUT", project_path(project_id, "webhooks", webhook), WebhookInfo, body)


def delete_webhook(project_id: str, name: str) -> Call[CommandResult]:
    """Delete a webhook."""
    return Call("DELETE", project_path(project_id, "webhooks", name), CommandResult)
