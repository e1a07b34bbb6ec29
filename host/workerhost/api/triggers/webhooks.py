"""Webhooks of a project: addresses that others call to start, signal, update and query executions."""

from typing import Annotated

from flask import Blueprint, Response
from pydantic import Field

from workerhost.answers import CommandResult, WebhookInfo, WebhookList, WebhookQueryResult, WebhookResult
from workerhost.api.conversions import webhook_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, RawBody, service
from workerhost.api.reading.fields import Id
from workerhost.api.reading.headers import FreeHeaders
from workerhost.api.reading.posted import read_posted
from workerhost.api.reading.query import FreeQuery
from workerhost.api.response import respond
from workerhost.api.waiting import step_aside
from workerhost.drawing import TriggerKind
from workerhost.runtime.webhooks.forms import WebhookForm
from workerhost.runtime.webhooks.headers import CallHeaders
from workerhost.runtime.webhooks.mapping import CallValues
from workerhost.words import WebhookAction

blueprint = Blueprint("webhooks", __name__)


class WebhookBody(WebhookForm, Body):
    """What becomes of the calls of a webhook."""


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
    owners = service().triggers.owners(project_id, TriggerKind.WEBHOOK)
    return respond(WebhookList(webhooks=tuple(webhook_info(each, owners.get(each.name)) for each in found)))


@blueprint.get("/projects/<project_id>/webhooks/<name>")
@described(WebhookInfo)
def get_webhook(project_id: Id, name: Id) -> Response:
    """Show one webhook."""
    found = service().store.webhooks.get(project_id, name)
    return respond(webhook_info(found, service().triggers.owners(project_id, TriggerKind.WEBHOOK).get(name)))


@blueprint.put("/projects/<project_id>/webhooks/<name>")
@described({200: WebhookInfo, 201: WebhookInfo})
def put_webhook(project_id: Id, name: Id, body: WebhookBody) -> Response:
    """Create the webhook, or put it in the place of the one of that name."""
    service().triggers.refuse_owned(project_id, TriggerKind.WEBHOOK, name)
    webhook, created = service().runs.webhooks.put(body.webhook(project_id, name))
    return respond(webhook_info(webhook), 201 if created else 200)


@blueprint.delete("/projects/<project_id>/webhooks/<name>")
@described(CommandResult)
def delete_webhook(project_id: Id, name: Id) -> Response:
    """Delete the webhook."""
    service().triggers.refuse_owned(project_id, TriggerKind.WEBHOOK, name)
    service().runs.webhooks.delete(project_id, name)
    return respond(CommandResult(success=True, message=f"Webhook {name} of project {project_id} deleted"))


@blueprint.post("/hooks/<project_id>/<name>")
@described({200: WebhookQueryResult, 202: WebhookResult})
def call_webhook(project_id: Id, name: Id, query: FreeQuery, headers: CallingHeaders, body: RawBody) -> Response:
    """Have a webhook do what it says, with what the call brings along."""
    sent = CallHeaders.as_sent(headers.sent)
    call = service().runs.webhooks.admit(project_id, name, sent, body.data)
    values = CallValues(read_posted(body.data), sent, query.parameters)
    if call.webhook.action in {WebhookAction.UPDATE, WebhookAction.QUERY}:
        step_aside()
    if call.webhook.action == WebhookAction.QUERY:
        asked, result = service().runs.webhooks.ask(call, values)
        return respond(WebhookQueryResult(workflow_id=asked, result=result))
    workflow_id, run_id = service().runs.webhooks.carry_out(call, values)
    if run_id is None:
        return respond(WebhookResult(workflow_id=workflow_id), 202)
    return respond(WebhookResult(workflow_id=workflow_id, run_id=run_id), 202)
