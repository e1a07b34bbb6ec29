"""The calls of the asynchronous client about webhooks."""

from collections.abc import Mapping, Sequence
from typing import Any

from workerhost.answers import CommandResult, WebhookInfo
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import webhooks as calls


class AsyncWebhookCalls(AsyncConnection):
    """Webhooks."""

    async def webhooks(self, project_id: str) -> Sequence[WebhookInfo]:
        """Return the webhooks of the project, by name."""
        found = await self.send(calls.webhooks(project_id))
        return found.webhooks

    async def webhook(self, project_id: str, webhook: str) -> WebhookInfo:
        """Return one webhook; its secret is never shown."""
        return await self.send(calls.webhook(project_id, webhook))

    async def put_webhook(  # noqa: PLR0913  all of it says what is wanted
        self,
        project_id: str,
        webhook: str,
        *,
        action: str,
        authentication: Mapping[str, Any],
        workflow_type: str | None = None,
        name: str | None = None,
        workflow_id: str | None = None,
        args: Sequence[Any] = (),
        start_args: Sequence[Any] = (),
        rate_per_minute: int | None = None,
    ) -> WebhookInfo:
        """Create the webhook, or put it in the place of the one of that name.

        Args:
            project_id: the project.
            webhook: the name of the webhook.
            action: `start`, `signal`, `update` or `query`.
            authentication: as in the body of the API's call: `kind` and what belongs to it. Without `secret`, the
                webhook keeps the one that it has.
            workflow_type: what is started; for a signal or an update, where no execution of the id runs.
            name: of the signal, the update or the query.
            workflow_id: of the execution, or its JSONPath in a call; None where each call starts one of its own.
            args: with JSONPaths in the places of what comes from a call.
            start_args: of an execution that is started for a signal or an update.
            rate_per_minute: calls that are taken in a minute; None for 600.
        """
        return await self.send(
            calls.put_webhook(
                project_id,
                webhook,
                action,
                authentication,
                workflow_type,
                name,
                workflow_id,
                args,
                start_args,
                rate_per_minute,
            )
        )

    async def delete_webhook(self, project_id: str, webhook: str) -> CommandResult:
        """Delete the webhook; a call of its address is refused from then on, within 2 seconds on all hosts."""
        return await self.send(calls.delete_webhook(project_id, webhook))
