"""Webhooks at work: who calls is looked at first, and then it is done what the webhook says."""

import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workerhost.errors import CallNotAuthorizedError, MappingFailedError
from workerhost.model import is_valid_id
from workerhost.runtime.executions.messages import Messages, UpdateStage
from workerhost.runtime.executions.operations import Executions
from workerhost.runtime.executions.starting.message import Message, SignalMessage, UpdateMessage
from workerhost.runtime.executions.starting.start_options import IfExists, StartOptions
from workerhost.runtime.executions.starting.starter import ExecutionStarter
from workerhost.runtime.webhooks.checks import completed
from workerhost.runtime.webhooks.headers import CallHeaders
from workerhost.runtime.webhooks.known import KnownWebhooks
from workerhost.runtime.webhooks.mapping import CallValues, fill, is_path
from workerhost.runtime.webhooks.rates import CallRates
from workerhost.runtime.webhooks.repeats import request_id
from workerhost.runtime.webhooks.signatures import Proof, prove
from workerhost.store import Store, Webhook, WebhookAuthentication
from workerhost.words import AuthenticationKind, RunId, SignatureScheme, WebhookAction, WorkflowId


@dataclass(frozen=True)
class WebhookCall:
    """A call of a webhook, by somebody who may call it."""

    webhook: Webhook
    proof: Proof


class Webhooks:
    """The webhooks of projects. Safe to use from any thread; every call may block.

    Args:
        store: where projects and webhooks are.
        starter: starts executions.
        executions: sends signals.
        messages: sends updates and queries.
        known: webhooks that this host has seen lately.
    """

    def __init__(
        self,
        store: Store,
        starter: ExecutionStarter,
        executions: Executions,
        messages: Messages,
        known: KnownWebhooks,
    ) -> None:
        self._store = store
        self._starter = starter
        self._executions = executions
        self._messages = messages
        self._known = known
        self._rates = CallRates()
        unknown = secrets.token_hex(32)
        self._of_nobody = WebhookAuthentication(AuthenticationKind.HMAC, SignatureScheme.GENERIC, secret=unknown)

    def put(self, webhook: Webhook) -> tuple[Webhook, bool]:
        """Create a webhook or put it in the place of the one of its name, and return it and whether it is new.

        Raises:
            InvalidRequestError: something in it is missing or does not go together.
            NotFoundError: there is no such project.
        """
        stored = self._store.webhooks.put(completed(webhook))
        self._known.forget(webhook.project_id, webhook.name)
        return stored

    def delete(self, project_id: str, name: str) -> None:
        """Delete a webhook.

        Raises:
            NotFoundError: there is no such project or webhook.
        """
        self._store.webhooks.delete(project_id, name)
        self._known.forget(project_id, name)

    def admit(self, project_id: str, name: str, headers: CallHeaders, body: bytes) -> WebhookCall:
        """Return what is called, where who calls may do so and does not call too often.

        Only calls of those who may call are counted, so that a stranger cannot use up what others may call.

        Args:
            project_id: of the webhook's project.
            name: of the webhook.
            headers: of the call.
            body: of the call, as it was sent.

        Raises:
            CallNotAuthorizedError: the caller may not, or there is no such webhook.
            TooManyCallsError: the webhook takes no more calls for now.
            StoreUnavailableError: the database does not answer.
        """
        webhook = self._known.find(project_id, name)
        # A webhook that is not there costs the same time, so that nobody can find out which ones are.
        proof = prove(webhook.authentication if webhook else self._of_nobody, headers, body, time.time())
        if webhook is None or proof is None:
            raise CallNotAuthorizedError
        self._rates.count(webhook)
        return WebhookCall(webhook, proof)

    def carry_out(self, call: WebhookCall, values: CallValues) -> tuple[WorkflowId, RunId | None]:
        """Do what the webhook says, and return the ids of the execution and, but for updates, of its run.

        A call that was carried out already, as far as its sender names it, is answered as it was.

        Args:
            call: that was admitted, of a webhook that does not ask.
            values: what the paths of the webhook select from.

        Raises:
            MappingFailedError: what the webhook takes from the call is not in it, or is no workflow id.
            InvalidArgumentsError: what it takes from the call does not fit what the code takes.
            NotFoundError: the project has no such workflow type or execution, or its code nothing of that name.
            ConflictError: an execution of that id runs or has ended, or no worker takes the update.
            RefusedByCodeError: the project's code refuses the update.
            TemporalUnavailableError: Temporal does not answer.
        """
        webhook = call.webhook
        request = request_id(webhook, values, call.proof)
        found = _found(webhook, values)
        workflow_id = _workflow_id(webhook, found["id"], request)
        if webhook.action == WebhookAction.START:
            options = StartOptions(request_id=request)
            return self._starter.start(
                webhook.project_id, webhook.workflow_type or "", found["args"], workflow_id, options
            )
        if webhook.workflow_type is not None:
            return self._tell_or_start(webhook, webhook.workflow_type, workflow_id, found, request)
        return workflow_id, self._tell(webhook, workflow_id, found["args"], request)

    def ask(self, call: WebhookCall, values: CallValues) -> tuple[WorkflowId, Any]:
        """Have an execution answer the query of the webhook, and return its id and the answer.

        Args:
            call: that was admitted, of a webhook that asks.
            values: what the paths of the webhook select from.

        Raises:
            MappingFailedError: what the webhook takes from the call is not in it, or is no workflow id.
            InvalidArgumentsError: what it takes from the call does not fit the query.
            NotFoundError: the project has no such execution, or its code no such query.
            ConflictError: no worker is there to answer.
            RefusedByCodeError: the project's code fails at the query.
            TemporalUnavailableError: Temporal does not answer.
        """
        webhook = call.webhook
        found = _found(webhook, values)
        workflow_id = _workflow_id(webhook, found["id"], None)
        project = self._store.projects.get(webhook.project_id)
        return workflow_id, self._messages.query(project, workflow_id, webhook.message_name or "", found["args"])

    def _tell_or_start(
        self,
        webhook: Webhook,
        workflow_type: str,
        workflow_id: WorkflowId,
        found: Mapping[str, Any],
        request: str | None,
    ) -> tuple[WorkflowId, RunId | None]:
        name, args = webhook.message_name or "", found["args"]
        message: Message = SignalMessage(name, args)
        if webhook.action == WebhookAction.UPDATE:
            message = UpdateMessage(name, args, request, UpdateStage.ACCEPTED, seconds=0)
        options = StartOptions(request_id=request, if_exists=IfExists.USE)
        started = self._starter.start_with_message(
            webhook.project_id, workflow_type, found["start_args"], workflow_id, message, options
        )
        return workflow_id, started.run_id

    def _tell(self, webhook: Webhook, workflow_id: WorkflowId, args: list[Any], request: str | None) -> RunId | None:
        project, name = self._store.projects.get(webhook.project_id), webhook.message_name or ""
        if webhook.action == WebhookAction.SIGNAL:
            return self._executions.signal(project, workflow_id, name, args, request_id=request)
        self._messages.update(
            project, workflow_id, name, args, update_id=request, until=UpdateStage.ACCEPTED, seconds=0
        )
        return None


def _found(webhook: Webhook, values: CallValues) -> dict[str, Any]:
    """Return what the webhook takes from a call, which never is the secret that the caller has sent along."""
    shown = replace(values, headers=values.headers.without(webhook.authentication.header))
    taken: dict[str, Any] = fill(
        {"id": webhook.workflow_id, "args": webhook.args, "start_args": webhook.start_args}, shown
    )
    return taken


def _workflow_id(webhook: Webhook, found: Any, request: str | None) -> WorkflowId:
    """Return the workflow id of what is called for.

    Without one that the webhook names, it is made of what names the call, so that one call is one execution.
    """
    if found is None and webhook.workflow_id is None:
        end = f"{webhook.name}-{request}" if request else str(uuid.uuid4())
        return WorkflowId(f"{webhook.project_id}-{end}")
    text = str(found) if isinstance(found, int) and not isinstance(found, bool) else found
    if is_path(webhook.workflow_id) and not (isinstance(text, str) and is_valid_id(text)):
        raise MappingFailedError(
            f"what the call has at {webhook.workflow_id} is no workflow id, which must begin with a letter or digit "
            "and hold only letters, digits, - and _, at most 128 of them"
        )
    return WorkflowId(text)
