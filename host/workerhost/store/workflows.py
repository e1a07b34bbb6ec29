"""Queries about workflows and the versions of their compiled code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from workerhost.drawing import NodeLine, Trigger
from workerhost.errors import ConflictError, NotFoundError
from workerhost.model import WorkflowCode
from workerhost.store.database import Database
from workerhost.store.models import CompiledCodeRow, ProjectRow, WorkflowRow
from workerhost.store.projects import find_project
from workerhost.store.stored_drawings import columns_of, drawing_of, loaded_triggers_of, map_of, triggers_of

_SOURCES = (
    CompiledCodeRow.version,
    CompiledCodeRow.workflow_code,
    CompiledCodeRow.activities_code,
    CompiledCodeRow.modules,
)
_ACTIVE_CODE = (
    select(WorkflowRow.name, *_SOURCES)  # without the drawings, which may be large and which no build needs
    .join(CompiledCodeRow)
    .where(WorkflowRow.project_id == bindparam("project"), CompiledCodeRow.is_active)
    .order_by(WorkflowRow.name)
)


@dataclass(frozen=True)
class StoredWorkflow:
    """A workflow with the versions of its code, oldest first."""

    project_id: str
    name: str
    active_version: str | None
    versions: tuple[str, ...]


@dataclass(frozen=True)
class StoredVersion:
    """One version of a workflow's code, as it is stored."""

    code: WorkflowCode
    compiled_at: datetime
    is_active: bool


class WorkflowStore:
    """Workflows and their code. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, project_id: str) -> list[StoredWorkflow]:
        """Return the project's workflows, by name.

        Raises:
            NotFoundError: there is no such project.
        """
        with self._database.reading() as session:
            find_project(session, project_id)
            rows = session.execute(
                select(WorkflowRow.name, CompiledCodeRow.version, CompiledCodeRow.is_active)
                .outerjoin(CompiledCodeRow)
                .where(WorkflowRow.project_id == project_id)
                .order_by(WorkflowRow.name, CompiledCodeRow.compiled_at, CompiledCodeRow.version)
            ).all()
        names = dict.fromkeys(row.name for row in rows)
        return [_stored_workflow(project_id, name, [row for row in rows if row.name == name]) for name in names]

    def active_code(self, project_id: str) -> tuple[WorkflowCode, ...]:
        """Return the active code of each workflow of the project, by name, without the drawings that it came from."""
        with self._database.reading() as session:
            return tuple(
                _workflow_code(row.name, row) for row in session.execute(_ACTIVE_CODE, {"project": project_id})
            )

    def active_triggers(self, project_id: str) -> list[tuple[str, Trigger]]:
        """Return what begins or reaches runs of the active versions that were drawn, with the workflow of each.

        Where another code loader than the database brought the project's code, they are those of what it brought.
        """
        query = (
            select(WorkflowRow.name, CompiledCodeRow.compiled)
            .join(CompiledCodeRow)
            .where(WorkflowRow.project_id == project_id, CompiledCodeRow.is_active)
            .order_by(WorkflowRow.name)
        )
        with self._database.reading() as session:
            loaded = session.scalar(select(ProjectRow.loaded_triggers).where(ProjectRow.id == project_id))
            if loaded is not None:
                return loaded_triggers_of(loaded)
            rows = session.execute(query).all()
        return [(row.name, trigger) for row in rows for trigger in triggers_of(row.compiled)]

    def map(self, project_id: str, name: str, version: str) -> Sequence[NodeLine]:
        """Return where the code of each node of a version begins; nothing where it was not drawn or does not exist."""
        with self._database.reading() as session:
            workflow_id = _workflow_id(session, project_id, name)
            query = select(CompiledCodeRow.compiled).where(
                CompiledCodeRow.workflow_id == workflow_id, CompiledCodeRow.version == version
            )
            return map_of(session.scalar(query))

    def code(self, project_id: str, name: str, version: str) -> WorkflowCode | None:
        """Return one version of a workflow's code with its drawing, or None where that version does not exist."""
        with self._database.reading() as session:
            row = session.get(CompiledCodeRow, (_workflow_id(session, project_id, name), version))
            return None if row is None else _drawn_code(name, row)

    def version(self, project_id: str, name: str, version: str) -> StoredVersion:
        """Return one version of a workflow's code with its drawing.

        Raises:
            NotFoundError: the project, the workflow or the version does not exist.
        """
        with self._database.reading() as session:
            find_project(session, project_id)
            workflow = find_workflow(session, project_id, name)
            if workflow is None:
                raise workflow_not_found(project_id, name)
            row = session.get(CompiledCodeRow, (workflow.id, version))
            if row is None:
                raise NotFoundError(f"workflow {name} has no version {version}", code="version_not_found")
            return StoredVersion(_drawn_code(name, row), row.compiled_at, row.is_active)

    def exists(self, project_id: str, name: str) -> bool:
        """Tell whether the project has a workflow of that name."""
        with self._database.reading() as session:
            return find_workflow(session, project_id, name) is not None

    def project_of(self, workflow_id: str) -> str:
        """Return the id of the project that the workflow belongs to.

        Args:
            workflow_id: the workflow's row id, or `<projectId>/<name>`.

        Raises:
            NotFoundError: there is no such workflow.
        """
        project_id, _, name = workflow_id.partition("/")
        named = (WorkflowRow.project_id == project_id) & (WorkflowRow.name == name)
        query = select(WorkflowRow.project_id).where(or_(WorkflowRow.id == workflow_id, named))
        with self._database.reading() as session:
            found = session.scalars(query).first()
        if found is None:
            raise NotFoundError(f"workflow {workflow_id} does not exist", code="workflow_not_found")
        return found

    def refuse_other_code(self, project_id: str, code: WorkflowCode) -> None:
        """Raise an error if that version of the workflow exists with other code, or with another drawing.

        Raises:
            ConflictError: it does.
        """
        with self._database.reading() as session:
            _find_version(session, _workflow_id(session, project_id, code.name), code)


def workflow_not_found(project_id: str, name: str) -> NotFoundError:
    """Return the error for a workflow that the project does not have."""
    return NotFoundError(f"project {project_id} has no workflow {name}", code="workflow_not_found")


def find_workflow(session: Session, project_id: str, name: str) -> WorkflowRow | None:
    """Return the workflow's row, or None where the project has none of that name."""
    return session.scalars(
        select(WorkflowRow).where(WorkflowRow.project_id == project_id, WorkflowRow.name == name)
    ).first()


def _workflow_id(session: Session, project_id: str, name: str) -> str:
    row = find_workflow(session, project_id, name)
    return row.id if row is not None else f"{project_id}/{name}"


def _workflow_code(name: str, row: Any) -> WorkflowCode:
    modules = {} if row.modules is None else row.modules
    return WorkflowCode(name, row.version, row.workflow_code, row.activities_code, modules)


def _drawn_code(name: str, row: CompiledCodeRow) -> WorkflowCode:
    return replace(_workflow_code(name, row), drawing=drawing_of(row))


def _stored_workflow(project_id: str, name: str, rows: Iterable[object]) -> StoredWorkflow:
    versions = [(row.version, row.is_active) for row in rows]  # type: ignore[attr-defined]
    return StoredWorkflow(
        project_id=project_id,
        name=name,
        active_version=next((version for version, is_active in versions if is_active), None),
        versions=tuple(version for version, _ in versions if version is not None),
    )


def _find_version(session: Session, workflow_id: str, code: WorkflowCode) -> CompiledCodeRow | None:
    row = session.get(CompiledCodeRow, (workflow_id, code.version))
    if row is None:
        return None
    stored = _drawn_code(code.name, row)
    if replace(stored, drawing=None) != replace(code, drawing=None):
        raise _version_exists(code, "other code")
    if code.drawing is not None and stored.drawing != code.drawing:
        raise _version_exists(code, "another drawing" if stored.drawing else "code that was not drawn")
    return row


def _version_exists(code: WorkflowCode, what: str) -> ConflictError:
    return ConflictError(
        f"version {code.version} of workflow {code.name} exists with {what}; use a new version", code="version_exists"
    )


def add_version(session: Session, project_id: str, code: WorkflowCode) -> str:
    """Store a version of a workflow's code within the caller's transaction, and return the workflow's row id.

    Raises:
        ConflictError: that version exists with other code, or with another drawing.
    """
    workflow_id = _workflow_id(session, project_id, code.name)
    if session.get(WorkflowRow, workflow_id) is None:
        session.add(WorkflowRow(id=workflow_id, project_id=project_id, name=code.name))
        session.flush()
    if _find_version(session, workflow_id, code) is None:
        session.add(
            CompiledCodeRow(
                workflow_id=workflow_id,
                version=code.version,
                workflow_code=code.workflow_code,
                activities_code=code.activities_code,
                modules=dict(code.modules) or None,
                **columns_of(code.drawing),
                is_active=False,
                compiled_at=datetime.now(UTC),
            )
        )
        session.flush()
    return workflow_id


def activate_version(session: Session, workflow_id: str, version: str) -> None:
    """Make one version of the workflow active and all others not, within the caller's transaction."""
    rows = update(CompiledCodeRow).where(CompiledCodeRow.workflow_id == workflow_id)
    session.execute(rows.where(CompiledCodeRow.version != version).values(is_active=False))
    session.execute(rows.where(CompiledCodeRow.version == version).values(is_active=True))
