"""Webhooks."""

from workerhost.answers import WebhookAuthenticationInfo, WebhookInfo
from workerhost.api.conversions.executions import given
from workerhost.store import Webhook


def webhook_info(webhook: Webhook, workflow: str | None = None) -> WebhookInfo:
    """Return a webhook as the API shows it: without its secret, and with the drawn workflow that brought it along."""
    authentication = webhook.authentication
    return WebhookInfo(
        webhook=webhook.name,
        path=f"/hooks/{webhook.project_id}/{webhook.name}",
        action=webhook.action,
        workflow_type=webhook.workflow_type,
        name=webhook.message_name,
        workflow_id=webhook.workflow_id,
        args=tuple(webhook.args),
        start_args=tuple(webhook.start_args),
        authentication=WebhookAuthenticationInfo(
            kind=authentication.kind,
            scheme=authentication.scheme,
            header=authentication.header,
            replay_window_seconds=authentication.replay_window_seconds,
        ),
        rate_per_minute=webhook.rate_per_minute,
        **given(workflow=workflow),
    )
