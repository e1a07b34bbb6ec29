"""What does not go together in a webhook."""

from dataclasses import replace

from workerhost.errors import InvalidRequestError
from workerhost.runtime.webhooks.mapping import check_paths
from workerhost.runtime.webhooks.signatures import REPLAY_WINDOW_SECONDS, SECRET_HEADER, TIMED
from workerhost.store import Webhook, WebhookAuthentication
from workerhost.words import AuthenticationKind, SignatureScheme, WebhookAction


def completed(webhook: Webhook) -> Webhook:
    """Return the webhook with what it left out set as it will be.

    Raises:
        InvalidRequestError: something in it is missing or does not go together; the sentence names it.
    """
    _check_action(webhook)
    check_paths({"workflowId": webhook.workflow_id, "args": webhook.args, "startArgs": webhook.start_args})
    return replace(webhook, authentication=_authentication(webhook.authentication))


def _check_action(webhook: Webhook) -> None:
    if webhook.action == WebhookAction.START:
        _require("workflowType", webhook.workflow_type, f"for the action {webhook.action}")
        _refuse("name", webhook.message_name, "is for the actions signal, update and query alone")
        _refuse("startArgs", webhook.start_args or None, "is for the actions signal and update alone")
        return
    _require("name", webhook.message_name, f"for the action {webhook.action}")
    _require("workflowId", webhook.workflow_id, f"for the action {webhook.action}")
    if webhook.action == WebhookAction.QUERY:
        _refuse("workflowType", webhook.workflow_type, "is for the actions start, signal and update alone")
        _refuse("startArgs", webhook.start_args or None, "is for the actions signal and update alone")
        return
    if webhook.workflow_type is None:
        _refuse("startArgs", webhook.start_args or None, "needs workflowType, which says what is started with them")


def _authentication(given: WebhookAuthentication) -> WebhookAuthentication:
    if given.kind != AuthenticationKind.HMAC:
        _refuse("authentication.scheme", given.scheme, "is for the kind hmac alone")
        _refuse("authentication.replayWindowSeconds", given.replay_window_seconds, "is for the kind hmac alone")
    if given.kind != AuthenticationKind.HEADER:
        _refuse("authentication.header", given.header, "is for the kind header alone")
    if given.kind == AuthenticationKind.NONE:
        _refuse("authentication.secret", given.secret, "is not for the kind none")
        return given
    if given.kind == AuthenticationKind.HEADER:
        return replace(given, header=given.header or SECRET_HEADER)
    return _signed(given)


def _signed(given: WebhookAuthentication) -> WebhookAuthentication:
    scheme = given.scheme or SignatureScheme.GENERIC
    window = given.replay_window_seconds
    if scheme == SignatureScheme.GITHUB:
        _refuse("authentication.replayWindowSeconds", window, "is not for the scheme github, which signs no time")
    if scheme in TIMED and window is None:
        window = REPLAY_WINDOW_SECONDS
    return replace(given, scheme=scheme, replay_window_seconds=window)


def _require(field: str, value: object, when: str) -> None:
    if value is None:
        raise InvalidRequestError(f"{field} is required {when}")


def _refuse(field: str, value: object, why: str) -> None:
    if value is not None:
        raise InvalidRequestError(f"{field} {why}")
