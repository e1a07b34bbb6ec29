"""Answers about webhooks."""

from typing import Any

from workerhost.answers.base import Answer, OrText
from workerhost.words import AuthenticationKind, RunId, SignatureScheme, WebhookAction, WorkflowId


class WebhookAuthenticationInfo(Answer):
    """How a webhook knows its callers. The secret is never shown."""

    kind: OrText[AuthenticationKind]
    scheme: OrText[SignatureScheme] | None = None
    """Where signatures stand, and what is signed; None where nothing is signed."""
    header: str | None = None
    """The name of the header that holds the secret; None where none does."""
    replay_window_seconds: int | None = None
    """How old a signature may be; None where signatures have no time."""


class WebhookInfo(Answer):
    """A webhook of a project, and what becomes of its calls."""

    webhook: str
    """Its name."""
    path: str
    """Where it is called."""
    action: OrText[WebhookAction]
    workflow_type: str | None = None
    """What is started; for signals and updates, where no execution of the id runs. None where nothing is."""
    name: str | None = None
    """The name of the signal, the update or the query."""
    workflow_id: str | None = None
    """As it is, or the JSONPath of it in a call; None where each call starts an execution of its own."""
    args: tuple[Any, ...]
    """With JSONPaths in the places of what comes from a call."""
    start_args: tuple[Any, ...] = ()
    """Of an execution that is started for a signal or an update."""
    authentication: WebhookAuthenticationInfo
    rate_per_minute: int
    workflow: str | None = None
    """The drawn workflow that it belongs to; None where a user made it."""


class WebhookList(Answer):
    """All webhooks of a project, by name."""

    webhooks: tuple[WebhookInfo, ...]


class WebhookResult(Answer):
    """The execution that a call of a webhook has started, or told something."""

    workflow_id: WorkflowId
    run_id: RunId | None = None
    """Its run; an update of one that ran names none."""


class WebhookQueryResult(Answer):
    """What an execution has answered to the query of a webhook."""

    workflow_id: WorkflowId
    result: Any
