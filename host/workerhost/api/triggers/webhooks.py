"""Webhooks of a project: addresses that others call to start, signal and update executions."""

from typing import Annotated, Any

from flask import Blueprint, Response
from pydantic import AfterValidator, Field, StringConstraints

from workerhost.answers import CommandResult, WebhookInfo, WebhookList, WebhookResult
from workerhost.api.conversions import webhook_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, RawBody, service
from workerhost.api.reading.fields import ID_RULE, NO_CONTROL_CHARACTERS, Id, Name
from workerhost.api.reading.headers import FreeHeaders
from workerhost.api.reading.posted import read_posted
from workerhost.api.reading.query import FreeQuery
from workerhost.api.response import respond
from workerhost.api.waiting import step_aside
from workerhost.model import is_valid_id
from workerhost.runtime.webhooks.headers import CallHeaders
from workerhost.runtime.webhooks.mapping import CallValues, is_path
from workerhost.runtime.webhooks.rates import HIGHEST_RATE, RATE_PER_MINUTE
from workerhost.store import Webhook, WebhookAuthentication
from workerhost.words import AuthenticationKind, SignatureScheme, WebhookAction

blueprint = Blueprint("webhooks", __name__)


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


class AuthenticationBody(Body):
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


class WebhookBody(Body):
    """What becomes of the calls of a webhook."""

    action: WebhookAction
    workflow_type: Name | None = None
    """What is started, for signals and updates where no execution of the id runs."""
    name: Name | None = None
    """The name of the signal or the update."""
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


class CallingHeaders(FreeHeaders):
    """How a caller shows who it is, and which call it is. Which of them are read depends on the webhook."""

    idempotency_key: str = ""
    """Names the call: another one of the same name is answered as the first one, and does nothing more."""
    x_signature_256: str = ""
    """Of the scheme `generic`: `sha256=` and the signature in hex digits."""
    x_signature_timestamp: str = ""
    """Of the scheme `generic` with a replay window: when the call was signed, in seconds since 1970."""
    x_hub_signature_256: str = ""
    """Of the scheme `github`: `sha256=` and the signature in hex digits."""
    x_github_delivery: Annotated[str, Field(alias="X-GitHub-Delivery")] = ""
    """Of the scheme `github`: names the call, where `Idempotency-Key` does not."""
    stripe_signature: str = ""
    """Of the scheme `stripe`: `t=` and the time of the signature, `,v1=` and the signature in hex digits."""
    x_slack_signature: str = ""
    """Of the scheme `slack`: `v0=` and the signature in hex digits."""
    x_slack_request_timestamp: str = ""
    """Of the scheme `slack`: when the call was signed, in seconds since 1970."""
    x_webhook_secret: str = ""
    """Of the kind `header`: the secret, unless the webhook names another header for it."""


@blueprint.get("/projects/<project_id>/webhooks")
@described(WebhookList)
def all_webhooks(project_id: Id) -> Response:
    """List the webhooks of the project."""
    found = service().store.webhooks.all(project_id)
    return respond(WebhookList(webhooks=tuple(webhook_info(each) for each in found)))


@blueprint.get("/projects/<project_id>/webhooks/<name>")
@described(WebhookInfo)
def get_webhook(project_id: Id, name: Id) -> Response:
    """Show one webhook."""
    return respond(webhook_info(service().store.webhooks.get(project_id, name)))


@blueprint.put("/projects/<project_id>/webhooks/<name>")
@described({200: WebhookInfo, 201: WebhookInfo})
def put_webhook(project_id: Id, name: Id, body: WebhookBody) -> Response:
    """Create the webhook, or put it in the place of the one of that name."""
    webhook, created = service().runs.webhooks.put(body.webhook(project_id, name))
    return respond(webhook_info(webhook), 201 if created else 200)


@blueprint.delete("/projects/<project_id>/webhooks/<name>")
@described(CommandResult)
def delete_webhook(project_id: Id, name: Id) -> Response:
    """Delete the webhook."""
    service().runs.webhooks.delete(project_id, name)
    return respond(CommandResult(success=True, message=f"Webhook {name} of project {project_id} deleted"))


@blueprint.post("/hooks/<project_id>/<name>")
@described({202: WebhookResult})
def call_webhook(project_id: Id, name: Id, query: FreeQuery, headers: CallingHeaders, body: RawBody) -> Response:
    """Have a webhook do what it says, with what the call brings along."""
    sent = CallHeaders.as_sent(headers.sent)
    call = service().runs.webhooks.admit(project_id, name, sent, body.data)
    values = CallValues(read_posted(body.data), sent, query.parameters)
    if call.webhook.action == WebhookAction.UPDATE:
        step_aside()
    workflow_id, run_id = service().runs.webhooks.carry_out(call, values)
    if run_id is None:
        return respond(WebhookResult(workflow_id=workflow_id), 202)
    return respond(WebhookResult(workflow_id=workflow_id, run_id=run_id), 202)
