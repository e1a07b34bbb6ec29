"""Queries about the triggers of drawn workflows: the schedules and webhooks that a workflow brought along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, UpdateBase, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from workerhost.drawing import Trigger, TriggerKind
from workerhost.store.clock import ago, now
from workerhost.store.database import Database
from workerhost.store.models import CompiledCodeRow, ProjectRow, WebhookRow, WorkflowRow, WorkflowTriggerRow
from workerhost.store.projects import project_not_found
from workerhost.store.stored_drawings import stored_triggers
from workerhost.store.webhooks import Webhook, merge_webhook

HELD_SECONDS = 180.0
"""How long a host may set up the triggers of a project alone. One that has died is not waited for any longer."""

TriggerKey = tuple[TriggerKind, str]
"""Kind and name, which are a trigger's own in its project."""


@dataclass(frozen=True)
class OwnedTrigger:
    """A schedule or a webhook that a workflow brought along."""

    workflow: str
    digest: str | None
    """Of the definition that it was set up with; None where that is not done."""


class TriggerStore:
    """Which schedules and webhooks belong to workflows. Safe to use from any thread; every call may block.

    Every call raises `StoreUnavailableError` where the database does not answer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def owned(self, project_id: str) -> Mapping[TriggerKey, OwnedTrigger]:
        """Return what belongs to workflows of the project."""
        query = select(WorkflowTriggerRow).where(WorkflowTriggerRow.project_id == project_id)
        with self._database.reading() as session:
            return {
                (TriggerKind(row.kind), row.name): OwnedTrigger(row.workflow, row.digest)
                for row in session.scalars(query)
            }

    def owner(self, project_id: str, kind: TriggerKind, name: str) -> str | None:
        """Return the workflow that brought one along, or None where none did."""
        with self._database.reading() as session:
            row = session.get(WorkflowTriggerRow, (project_id, kind, name))
            return None if row is None else row.workflow

    def claim(self, project_id: str, kind: TriggerKind, name: str, workflow: str) -> None:
        """Write that a schedule or a webhook is a workflow's, before it is set up or changed.

        Raises:
            NotFoundError: there is no such project.
        """

        def claim(session: Session) -> None:
            held = select(ProjectRow.id).where(ProjectRow.id == project_id)
            if session.scalar(held.with_for_update(read=True, key_share=True)) is None:
                raise project_not_found(project_id)
            session.merge(
                WorkflowTriggerRow(project_id=project_id, kind=kind, name=name, workflow=workflow, digest=None)
            )

        self._database.write(claim)

    def settle(self, project_id: str, kind: TriggerKind, name: str, digest: str) -> None:
        """Write that it is set up with the definition of that digest."""
        done = update(WorkflowTriggerRow).where(*_is_it(project_id, kind, name)).values(digest=digest)
        self._execute(done)

    def release(self, project_id: str, kind: TriggerKind, name: str) -> None:
        """Write that it is no workflow's any more, since it is gone."""
        gone = delete(WorkflowTriggerRow).where(*_is_it(project_id, kind, name))
        self._execute(gone)

    def put_webhook(self, webhook: Webhook, workflow: str, digest: str) -> bool:
        """Make or change a webhook that is a workflow's; tell whether that was done: not where it is a user's.

        Raises:
            InvalidRequestError: it needs a secret, and there is none to keep.
        """

        def put(session: Session) -> bool:
            key = (webhook.project_id, TriggerKind.WEBHOOK, webhook.name)
            is_owned = session.get(WorkflowTriggerRow, key) is not None
            if not is_owned and session.get(WebhookRow, (webhook.project_id, webhook.name)) is not None:
                return False
            merge_webhook(session, webhook)
            project_id, kind, name = key
            session.merge(
                WorkflowTriggerRow(project_id=project_id, kind=kind, name=name, workflow=workflow, digest=digest)
            )
            return True

        return self._database.write(put)

    def delete_webhook(self, project_id: str, name: str) -> None:
        """Delete a webhook that is a workflow's; nothing happens where there is none."""

        def remove(session: Session) -> None:
            owned = delete(WorkflowTriggerRow).where(*_is_it(project_id, TriggerKind.WEBHOOK, name))
            if session.execute(owned.returning(WorkflowTriggerRow.name)).first() is not None:
                is_it = (WebhookRow.project_id == project_id, WebhookRow.name == name)
                session.execute(delete(WebhookRow).where(*is_it))

        self._database.write(remove)

    def keep_loaded(self, project_id: str, triggers: Mapping[str, Sequence[Trigger]] | None) -> None:
        """Write which triggers the drawings have that another code loader than the database brought.

        Args:
            project_id: of the project.
            triggers: by workflow; None where the database has the project's code.
        """
        wanted = None if triggers is None else stored_triggers(triggers)
        with self._database.reading() as session:
            if session.scalar(select(ProjectRow.loaded_triggers).where(ProjectRow.id == project_id)) == wanted:
                return
        values = {"loaded_triggers": wanted, "triggers_revision": -1}
        self._execute(update(ProjectRow).where(ProjectRow.id == project_id).values(values))

    def hold(self, project_id: str) -> int | None:
        """Take the right to set up the triggers of a project, and return the revision of its deployment.

        None where another caller has that right, or the project is gone. It ends after `HELD_SECONDS`.
        """
        is_free = or_(ProjectRow.triggers_held_at.is_(None), ProjectRow.triggers_held_at < ago(HELD_SECONDS))
        take = (
            update(ProjectRow)
            .where(ProjectRow.id == project_id, is_free)
            .values(triggers_held_at=now())
            .returning(ProjectRow.deployment_revision)
        )

        def hold(session: Session) -> int | None:
            return session.scalar(take.execution_options(synchronize_session=False))

        return self._database.write(hold)

    def let_go(self, project_id: str, done: int | None) -> None:
        """Give the right back.

        Args:
            project_id: whose triggers they are.
            done: the revision whose triggers are set up; None where something is left to be done.
        """
        values = {"triggers_held_at": None, "triggers_revision": -1 if done is None else done}
        change = update(ProjectRow).where(ProjectRow.id == project_id).values(values)
        self._execute(change)

    def left(self, limit: int) -> list[str]:
        """Return some projects whose triggers are not those of their deployment, in no order.

        Those without drawings are noted as done first, all at once.
        """
        differs = ProjectRow.triggers_revision != ProjectRow.deployment_revision
        drawn = (
            select(CompiledCodeRow.workflow_id)
            .join(WorkflowRow)
            .where(
                WorkflowRow.project_id == ProjectRow.id,
                CompiledCodeRow.is_active,
                CompiledCodeRow.compiled.is_not(None),
            )
        )
        owning = select(WorkflowTriggerRow.name).where(WorkflowTriggerRow.project_id == ProjectRow.id)
        plain = (
            update(ProjectRow)
            .where(differs, ~exists(drawn), ~exists(owning), ProjectRow.loaded_triggers.is_(None))
            .values(triggers_revision=ProjectRow.deployment_revision)
        )
        query = select(ProjectRow.id).where(differs).order_by(func.random()).limit(limit)
        with self._database.reading() as session:
            if not session.scalars(query).first():
                return []
        self._execute(plain)
        with self._database.reading() as session:
            return list(session.scalars(query))

    def _execute(self, statement: UpdateBase) -> None:
        def execute(session: Session) -> None:
            session.execute(statement.execution_options(synchronize_session=False))

        self._database.write(execute)


def _is_it(project_id: str, kind: TriggerKind, name: str) -> tuple[ColumnElement[bool], ...]:
    return (
        WorkflowTriggerRow.project_id == project_id,
        WorkflowTriggerRow.kind == kind,
        WorkflowTriggerRow.name == name,
    )
