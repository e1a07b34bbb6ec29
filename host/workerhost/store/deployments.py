"""Queries about deployments: which builds the new runs of a project take, and what changed that."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from workerhost.errors import PublishConflictError
from workerhost.model import ActiveRamp, BuildSummary, Deployment, WorkflowCode
from workerhost.store.announcements import announce
from workerhost.store.builds import save_build
from workerhost.store.clock import ago, now
from workerhost.store.database import Database
from workerhost.store.models import (
    Base,
    BuildRow,
    CompiledCodeRow,
    DeploymentEventRow,
    MovedRunRow,
    ProjectRow,
    RampOutcomeRow,
    ResetRow,
    WorkflowRow,
)
from workerhost.store.projects import deployment_of_row, project_not_found, ramp_as_json
from workerhost.store.workflows import activate_version, add_version, find_workflow, workflow_not_found
from workerhost.words import BuildId, DeploymentEventKind, RunId, WorkflowId

EVENTS_SHOWN = 50
BUILDS_SHOWN = 200


_ROWS = (ProjectRow, MovedRunRow, ResetRow)
_PROJECTS, _MOVED_RUNS, _RESET_RUNS = (Base.metadata.tables[row.__tablename__] for row in _ROWS)
_DEPLOYMENT = (
    select(
        *(_PROJECTS.c.deployment_revision, _PROJECTS.c.current_build, _PROJECTS.c.ramp),
        *(_MOVED_RUNS.c.run_id, _MOVED_RUNS.c.to_build),
    )
    .outerjoin_from(_PROJECTS, _MOVED_RUNS, _MOVED_RUNS.c.project_id == _PROJECTS.c.id)
    .where(_PROJECTS.c.id == bindparam("project"))
)
_RESETS = select(_RESET_RUNS.c.workflow_id, _RESET_RUNS.c.run_id).where(
    _RESET_RUNS.c.project_id == bindparam("project")
)


@dataclass(frozen=True)
class DeploymentChange:
    """What a call wants to change, all of it at once or nothing."""

    project_id: str
    expected: Deployment
    """The deployment that the caller looked at."""
    current: BuildId | None
    """The build that is to be current, by its id."""
    kind: DeploymentEventKind
    """What happened, as the list of events shows it."""
    message: str
    ramp: ActiveRamp | None = None
    """The ramp that is to be under way. A ramp whose `since` is 0 begins with this change."""
    build: BuildSummary | None = None
    """The build that the change is about. It is stored where it is not stored yet, with the versions in it."""
    codes: tuple[WorkflowCode, ...] = ()
    """Versions to store."""
    activates: bool = True
    """Whether the versions in `codes` become active."""
    others_rest: bool = False
    """Whether all workflows that are not among `codes` lose their active version."""
    removes: str | None = None
    """Name of a workflow to delete."""


@dataclass(frozen=True)
class DeployedBuild:
    """A stored build, and when it last became current."""

    id: BuildId
    versions: dict[str, str]
    became_current_at: datetime | None
    workflow_types: tuple[str, ...]


@dataclass(frozen=True)
class DeploymentEvent:
    """Something that changed a deployment."""

    at: datetime
    kind: str
    """A `DeploymentEventKind`, or the word of a later version."""
    build: BuildId | None
    message: str


class DeploymentStore:
    """Deployments. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change(self, change: DeploymentChange) -> Deployment:
        """Make the change and return the deployment that results.

        Raises:
            PublishConflictError: another call has changed the deployment meanwhile; nothing is changed.
            ConflictError: a version exists with other code.
            NotFoundError: the project, or the workflow to delete, does not exist.
        """
        return self._database.write(lambda session: _change(session, change))

    def get(self, project_id: str) -> tuple[Deployment, dict[RunId, BuildId], dict[WorkflowId, RunId]]:
        """Return the project's deployment, the build of each run that was moved, and the runs that are being reset.

        Raises:
            NotFoundError: there is no such project.
        """
        with self._database.reading() as session:
            rows = session.execute(_DEPLOYMENT, {"project": project_id}).all()
            resets = session.execute(_RESETS, {"project": project_id}).all()
        if not rows:
            raise project_not_found(project_id)
        moved = {row.run_id: row.to_build for row in rows if row.run_id is not None}
        return deployment_of_row(rows[0]), moved, {row.workflow_id: row.run_id for row in resets}

    def builds(self, project_id: str) -> list[DeployedBuild]:
        """Return the project's builds: first those that became current, the latest first, then those that never did."""
        columns = BuildRow.id, BuildRow.versions, BuildRow.became_current_at, BuildRow.workflow_types  # not its sources
        query = (
            select(*columns)
            .where(BuildRow.project_id == project_id)
            .order_by(BuildRow.became_current_at.desc().nulls_last(), BuildRow.created_at.desc())
            .limit(BUILDS_SHOWN)
        )
        with self._database.reading() as session:
            return [
                DeployedBuild(row.id, row.versions or {}, row.became_current_at, tuple(row.workflow_types))
                for row in session.execute(query)
            ]

    def previous(self, project_id: str, current: BuildId | None) -> BuildId | None:
        """Return the id of the build that was current before another one, or None where there was none."""
        was_current = BuildRow.became_current_at.is_not(None) & (BuildRow.id != (current or ""))
        query = (
            select(BuildRow.id)
            .where(BuildRow.project_id == project_id, was_current)
            .order_by(BuildRow.became_current_at.desc())
            .limit(1)
        )
        with self._database.reading() as session:
            return session.scalars(query).first()

    def was_current(self, project_id: str, build_id: BuildId) -> bool:
        """Tell whether a build is or was the project's current one."""
        with self._database.reading() as session:
            row = session.get(BuildRow, (project_id, build_id))
            return row is not None and row.became_current_at is not None

    def events(self, project_id: str) -> list[DeploymentEvent]:
        """Return what happened to the project's deployment, the last first."""
        query = (
            select(DeploymentEventRow)
            .where(DeploymentEventRow.project_id == project_id)
            .order_by(DeploymentEventRow.id.desc())
            .limit(EVENTS_SHOWN)
        )
        with self._database.reading() as session:
            return [DeploymentEvent(row.at, row.kind, row.build, row.message) for row in session.scalars(query)]

    def forget_events(self, days: float) -> None:
        """Delete the events that are more than `days` old, of all projects."""
        old = delete(DeploymentEventRow).where(DeploymentEventRow.at < ago(86400 * days))
        self._database.write(lambda session: session.execute(old))


def note_event(
    session: Session, project_id: str, kind: DeploymentEventKind, build: BuildId | None, message: str
) -> None:
    """Add an event to the project's list, within the caller's transaction."""
    session.add(DeploymentEventRow(project_id=project_id, at=now(), kind=kind, build=build, message=message))


def _change(session: Session, change: DeploymentChange) -> Deployment:
    project = session.get(ProjectRow, change.project_id, with_for_update=True)
    if project is None:
        raise project_not_found(change.project_id)
    known = deployment_of_row(project)
    is_new = _mark(known) == _mark(change.expected)
    if not is_new and not _is_done(known, change):
        raise PublishConflictError(project.id, known.current)
    if change.removes is not None:
        _remove_workflow(session, project.id, change.removes, must_exist=is_new)
    _store_versions(session, change)
    if is_new:
        _point(session, project, change)
    return deployment_of_row(project)


def _mark(deployment: Deployment) -> object:
    """Return what must not have changed since the caller looked: the builds that new runs take."""
    return deployment.current, deployment.ramp and (deployment.ramp.build, deployment.ramp.since)


def _is_done(known: Deployment, change: DeploymentChange) -> bool:
    """Tell whether the change has been made already: by another call, or by an attempt whose answer was lost."""
    ramps = [replace(ramp, since=0) if ramp else None for ramp in (known.ramp, change.ramp)]
    return known.current == change.current and ramps[0] == ramps[1]


def _remove_workflow(session: Session, project_id: str, name: str, *, must_exist: bool) -> None:
    row = find_workflow(session, project_id, name)
    if row is not None:
        session.execute(delete(WorkflowRow).where(WorkflowRow.id == row.id))
    elif must_exist:
        raise workflow_not_found(project_id, name)


def _store_versions(session: Session, change: DeploymentChange) -> None:
    for code in change.codes:
        workflow_id = add_version(session, change.project_id, code)
        if change.activates:
            activate_version(session, workflow_id, code.version)
    if change.others_rest:
        others = select(WorkflowRow.id).where(
            WorkflowRow.project_id == change.project_id, WorkflowRow.name.not_in([code.name for code in change.codes])
        )
        rest = update(CompiledCodeRow).where(CompiledCodeRow.workflow_id.in_(others)).values(is_active=False)
        session.execute(rest)


def _point(session: Session, project: ProjectRow, change: DeploymentChange) -> None:
    """Write which builds are current and ramping, under a new revision."""
    project.deployment_revision += 1
    if change.build is not None:
        save_build(session, change.build)
        values: dict[str, Any] = {"versions": dict(change.build.versions)}
        if change.build.id == change.current != project.current_build:
            values["became_current_at"] = now()
        key = (BuildRow.project_id == project.id) & (BuildRow.id == change.build.id)
        session.execute(update(BuildRow).where(key).values(values))
    project.current_build = change.current
    ramp = change.ramp
    if ramp is not None and not ramp.since:
        session.execute(delete(RampOutcomeRow).where(RampOutcomeRow.project_id == project.id))
        ramp = replace(ramp, since=project.deployment_revision)
    project.ramp = ramp_as_json(ramp)
    concerned = change.build.id if change.build else change.current
    note_event(session, project.id, change.kind, concerned, change.message)
    session.flush()
    announce(session, project.id)
