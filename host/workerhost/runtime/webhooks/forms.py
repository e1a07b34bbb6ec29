"""Webhooks as they are sent, in calls or in drawings."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from workerhost.forms.fields import ID_RULE, NO_CONTROL_CHARACTERS, Form, Name
from workerhost.model import is_valid_id
from workerhost.runtime.webhooks.mapping import is_path
from workerhost.runtime.webhooks.rates import HIGHEST_RATE, RATE_PER_MINUTE
from workerhost.store import Webhook, WebhookAuthentication
from workerhost.words import AuthenticationKind, SignatureScheme, WebhookAction


def _id_or_path(value: str) -> str:
    if not is_path(value) and not is_valid_id(value):
        raise ValueError(f"{ID_RULE}, or be a JSONPath that begins with $.")
    return value


def _without_blanks_around(value: str) -> str:
    if value.strip() != value:
        raise ValueError("must not begin or end with blanks, which a header would lose")
    return value


Secret = Annotated[
    str,
    StringConstraints(min_length=16, max_length=1000),
    NO_CONTROL_CHARACTERS,
    AfterValidator(_without_blanks_around),
]
"""What a webhook and its sender alone know."""

HeaderName = Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9-]+$")]


class AuthenticationBody(Form):
    """How a webhook knows its callers."""

    kind: AuthenticationKind
    secret: Secret | None = None
    """Without it, the one that the webhook has is kept."""
    header: HeaderName | None = None
    """The name of the header that holds the secret."""
    scheme: SignatureScheme | None = None
    """Where signatures stand, and what is signed."""
    replay_window_seconds: Annotated[int, Field(ge=1, le=86_400, strict=True)] | None = None
    """How old a signature may be."""


class WebhookForm(Form):
    """What becomes of the calls of a webhook."""

    action: WebhookAction
    workflow_type: Name | None = None
    """What is started, for signals and updates where no execution of the id runs."""
    name: Name | None = None
    """The name of the signal, the update or the query."""
    workflow_id: Annotated[str, StringConstraints(max_length=1000), AfterValidator(_id_or_path)] | None = None
    """As it is, or the JSONPath of it in a call."""
    args: list[Any] = []
    """With JSONPaths in the places of what comes from a call."""
    start_args: list[Any] = []
    """Of an execution that is started for a signal or an update, with JSONPaths as well."""
    authentication: AuthenticationBody
    rate_per_minute: Annotated[int, Field(ge=1, le=HIGHEST_RATE, strict=True)] = RATE_PER_MINUTE

    def webhook(self, project_id: str, name: str) -> Webhook:
        """Return this for the runtime."""
        return Webhook(
            project_id=project_id,
            name=name,
            action=self.action,
            workflow_type=self.workflow_type,
            message_name=self.name,
            workflow_id=self.workflow_id,
            args=self.args,
            start_args=self.start_args,
            authentication=WebhookAuthentication(
                kind=self.authentication.kind,
                scheme=self.authentication.scheme,
                header=self.authentication.header,
                replay_window_seconds=self.authentication.replay_window_seconds,
                secret=self.authentication.secret,
            ),
            rate_per_minute=self.rate_per_minute,
        )
