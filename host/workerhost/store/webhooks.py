"""Queries about the webhooks of projects."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workerhost.errors import InvalidRequestError, NotFoundError
from workerhost.store.database import Database
from workerhost.store.models import WebhookRow
from workerhost.store.projects import find_project
from workerhost.store.stored_words import stored_word
from workerhost.words import AuthenticationKind, SignatureScheme, WebhookAction


@dataclass(frozen=True)
class WebhookAuthentication:
    """How a webhook knows its callers."""

    kind: AuthenticationKind
    scheme: SignatureScheme | None = None
    """Of signatures; None where nothing is signed."""
    header: str | None = None
    """The name of the header that holds the secret; None where none does."""
    replay_window_seconds: int | None = None
    """How old a signature may be; None where signatures have no time."""
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Webhook:
    """An address of a project that others call, and what becomes of their calls."""

    project_id: str
    name: str
    action: WebhookAction
    workflow_type: str | None
    """What is started; None for queries, and for signals and updates that are for executions that run."""
    message_name: str | None
    """The name of the signal, the update or the query; None for starts."""
    workflow_id: str | None
    """As it is, or the JSONPath of it in a call."""
    args: Sequence[Any]
    """Each with JSONPaths in the place of what comes from a call."""
    start_args: Sequence[Any]
    """Of an execution that is started for a signal or an update; with JSONPaths as well."""
    authentication: WebhookAuthentication
    rate_per_minute: int


class WebhookStore:
    """The webhooks of projects. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, project_id: str) -> list[Webhook]:
        """Return the webhooks of the project, by name.

        Raises:
            NotFoundError: there is no such project.
        """
        query = select(WebhookRow).where(WebhookRow.project_id == project_id).order_by(WebhookRow.name)
        with self._database.reading() as session:
            find_project(session, project_id)
            return [_webhook_of_row(row) for row in session.scalars(query)]

    def find(self, project_id: str, name: str) -> Webhook | None:
        """Return one webhook, or None where there is none of that name or no such project."""
        with self._database.reading() as session:
            row = session.get(WebhookRow, (project_id, name))
            return None if row is None else _webhook_of_row(row)

    def get(self, project_id: str, name: str) -> Webhook:
        """Return one webhook.

        Raises:
            NotFoundError: there is no such project or webhook.
        """
        with self._database.reading() as session:
            find_project(session, project_id)
            row = session.get(WebhookRow, (project_id, name))
            if row is None:
                raise _webhook_not_found(project_id, name)
            return _webhook_of_row(row)

    def put(self, webhook: Webhook) -> tuple[Webhook, bool]:
        """Create the webhook or put it in the place of the one of its name, and return it and whether it is new.

        One without a secret keeps that of the one before, where that one knew its callers in the same way.

        Raises:
            NotFoundError: there is no such project.
            InvalidRequestError: it needs a secret, and there is none to keep.
        """

        return self._database.write(lambda session: merge_webhook(session, webhook))

    def delete(self, project_id: str, name: str) -> None:
        """Delete one webhook.

        Raises:
            NotFoundError: there is no such project or webhook.
        """

        def remove(session: Session) -> None:
            find_project(session, project_id)
            is_it = (WebhookRow.project_id == project_id, WebhookRow.name == name)
            if session.execute(delete(WebhookRow).where(*is_it).returning(WebhookRow.name)).first() is None:
                raise _webhook_not_found(project_id, name)

        self._database.write(remove)


def merge_webhook(session: Session, webhook: Webhook) -> tuple[Webhook, bool]:
    """Do within the caller's transaction what `WebhookStore.put` does."""
    find_project(session, webhook.project_id)
    row = session.get(WebhookRow, (webhook.project_id, webhook.name))
    stored = _with_secret(webhook, None if row is None else _webhook_of_row(row))
    session.merge(_row_of_webhook(stored))
    return stored, row is None


def _with_secret(webhook: Webhook, before: Webhook | None) -> Webhook:
    authentication = webhook.authentication
    if authentication.kind == AuthenticationKind.NONE or authentication.secret is not None:
        return webhook
    if before is None or before.authentication.kind != authentication.kind:
        raise InvalidRequestError("authentication.secret is required")
    return replace(webhook, authentication=replace(authentication, secret=before.authentication.secret))


def _webhook_of_row(row: WebhookRow) -> Webhook:
    known = row.authentication
    scheme = known.get("scheme")
    return Webhook(
        project_id=row.project_id,
        name=row.name,
        action=stored_word(row.action, WebhookAction.START),
        workflow_type=row.workflow_type,
        message_name=row.message_name,
        workflow_id=row.workflow_id,
        args=row.args,
        start_args=row.start_args,
        authentication=WebhookAuthentication(
            kind=stored_word(known.get("kind", ""), AuthenticationKind.HMAC),
            scheme=None if scheme is None else stored_word(scheme, SignatureScheme.GENERIC),
            header=known.get("header"),
            replay_window_seconds=known.get("replay_window_seconds"),
            secret=row.secret,
        ),
        rate_per_minute=row.rate_per_minute,
    )


def _row_of_webhook(webhook: Webhook) -> WebhookRow:
    authentication = webhook.authentication
    return WebhookRow(
        project_id=webhook.project_id,
        name=webhook.name,
        action=webhook.action,
        workflow_type=webhook.workflow_type,
        message_name=webhook.message_name,
        workflow_id=webhook.workflow_id,
        args=list(webhook.args),
        start_args=list(webhook.start_args),
        authentication={
            "kind": authentication.kind,
            "scheme": authentication.scheme,
            "header": authentication.header,
            "replay_window_seconds": authentication.replay_window_seconds,
        },
        secret=authentication.secret,
        rate_per_minute=webhook.rate_per_minute,
    )


def _webhook_not_found(project_id: str, name: str) -> NotFoundError:
    return NotFoundError(f"project {project_id} has no webhook {name}", code="webhook_not_found")
