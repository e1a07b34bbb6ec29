"""Queries about projects."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workerhost.errors import ConflictError, NotFoundError
from workerhost.model import ActiveRamp, Deployment, Pause, Project
from workerhost.store.announcements import announce
from workerhost.store.clock import now
from workerhost.store.database import Database
from workerhost.store.models import Base, ProjectRow
from workerhost.store.project_logs.trimming import remove_logs
from workerhost.store.stored_words import stored_word
from workerhost.words import DesiredState

_TABLE = Base.metadata.tables[ProjectRow.__tablename__]
_GET = select(_TABLE).where(_TABLE.c.id == bindparam("project"))
_SET_DESIRED_STATE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("project"))
    .values(desired_state=bindparam("state"), generation=_TABLE.c.generation + bindparam("more"))
    .returning(*_TABLE.c)
)


class ProjectStore:
    """Projects and the state they should be in. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Project]:
        """Return every project, by id."""
        with self._database.reading() as session:
            return [project_of_row(row) for row in session.scalars(select(ProjectRow).order_by(ProjectRow.id))]

    def get(self, project_id: str) -> Project:
        """Return one project.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self._database.reading() as session:
            row = session.execute(_GET, {"project": project_id}).one_or_none()
        if row is None:
            raise project_not_found(project_id)
        return project_of_row(row)

    def put(
        self, project_id: str, *, name: str | None, task_queue: str | None, settings: Mapping[str, Any] | None
    ) -> tuple[Project, bool]:
        """Create the project or change what is given, and return it and whether it is new.

        Raises:
            ConflictError: another project has that task queue.
        """

        def put(session: Session) -> tuple[Project, bool]:
            row = session.get(ProjectRow, project_id)
            created = row is None
            if row is None:
                row = ProjectRow(
                    id=project_id,
                    name=project_id,
                    task_queue_name=f"{project_id}-queue",
                    desired_state=DesiredState.STOPPED,
                    settings={},
                    generation=0,
                    deployment_revision=0,
                    triggers_revision=0,
                )
                session.add(row)
            row.name = name if name is not None else row.name
            row.task_queue_name = task_queue if task_queue is not None else row.task_queue_name
            row.settings = dict(settings) if settings is not None else row.settings
            session.flush()
            return project_of_row(row), created

        for _ in range(2):  # where two create the same project at once, the second try of the later one finds it
            try:
                return self._database.write(put)
            except IntegrityError as error:
                taken = error
        raise ConflictError(
            f"another project already uses that task queue: {task_queue or f'{project_id}-queue'}",
            code="task_queue_taken",
        ) from taken

    def delete(self, project_id: str) -> None:
        """Delete the project with its workflows, their code, its builds and its log.

        Raises:
            NotFoundError: there is none of that id.
        """

        def remove(session: Session) -> None:
            find_project(session, project_id)
            remove_logs(session, project_id)
            session.execute(delete(ProjectRow).where(ProjectRow.id == project_id))

        self._database.write(remove)

    def set_desired_state(self, project_id: str, state: DesiredState, *, restart: bool = False) -> Project:
        """Write whether the project should be running or stopped, and return the project.

        Args:
            project_id: which one.
            state: what it should be.
            restart: whether new workers are to take the place of those that run.

        Raises:
            NotFoundError: there is none of that id.
        """

        def change(session: Session) -> Project:
            values = {"project": project_id, "state": state, "more": int(restart)}
            row = session.execute(_SET_DESIRED_STATE, values).one_or_none()
            if row is None:
                raise project_not_found(project_id)
            return project_of_row(row)

        return self._database.write(change)

    def pause(self, project_id: str, reason: str | None) -> Project:
        """Have the project wait, and return it; one that waits already keeps its time and reason.

        Raises:
            NotFoundError: there is none of that id.
        """
        return self._write_pause(project_id, _TABLE.c.paused_at.is_(None), paused_at=now(), pause_reason=reason)

    def resume(self, project_id: str) -> Project:
        """Have the project wait no more, and return it.

        Raises:
            NotFoundError: there is none of that id.
        """
        return self._write_pause(project_id, _TABLE.c.paused_at.is_not(None), paused_at=None, pause_reason=None)

    def _write_pause(self, project_id: str, condition: Any, **values: Any) -> Project:
        statement = update(_TABLE).where(_TABLE.c.id == project_id, condition).values(values)

        def change(session: Session) -> Project:
            session.execute(statement)
            announce(session, project_id)
            row = session.execute(_GET, {"project": project_id}).one_or_none()
            if row is None:
                raise project_not_found(project_id)
            return project_of_row(row)

        return self._database.write(change)


def find_project(session: Session, project_id: str) -> ProjectRow:
    """Return the project's row.

    Raises:
        NotFoundError: there is none of that id.
    """
    row = session.get(ProjectRow, project_id)
    if row is None:
        raise project_not_found(project_id)
    return row


def project_not_found(project_id: str) -> NotFoundError:
    """Return the error for a project that does not exist."""
    return NotFoundError(f"project {project_id} does not exist", code="project_not_found")


def project_of_row(row: Any) -> Project:
    """Return the project of a row, or of any tuple with its columns."""
    return Project(
        id=row.id,
        name=row.name or row.id,
        task_queue=row.task_queue_name,
        desired_state=stored_word(row.desired_state, DesiredState.STOPPED),
        settings=row.settings or {},
        generation=row.generation,
        deployment=deployment_of_row(row),
        pause=Pause(row.paused_at, row.pause_reason) if row.paused_at else None,
    )


def deployment_of_row(row: Any) -> Deployment:
    """Return the deployment of a project's row, or of any tuple with its columns."""
    return Deployment(row.deployment_revision, row.current_build, ramp_of_json(row.ramp))


def ramp_of_json(values: Mapping[str, Any] | None) -> ActiveRamp | None:
    """Return the ramp that a project's column `ramp` holds, or None where there is none."""
    if values is None:
        return None
    return ActiveRamp(**{**values, "started_at": datetime.fromisoformat(values["started_at"])})


def ramp_as_json(ramp: ActiveRamp | None) -> dict[str, Any] | None:
    """Return the ramp as the column `ramp` of a project holds it."""
    return None if ramp is None else {**asdict(ramp), "started_at": ramp.started_at.isoformat()}
