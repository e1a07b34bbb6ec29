"""Queries about projects."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workerhost.errors import ConflictError, NotFoundError
from workerhost.model import Project
from workerhost.store.database import Database
from workerhost.store.models import ProjectRow


class ProjectStore:
    """Projects and the state they should be in. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Project]:
        """Return every project, by id."""
        with self._database.reading() as session:
            return [_project(row) for row in session.scalars(select(ProjectRow).order_by(ProjectRow.id))]

    def wanted(self) -> list[Project]:
        """Return the projects that should run, by id."""
        query = select(ProjectRow).where(ProjectRow.desired_state == "running").order_by(ProjectRow.id)
        with self._database.reading() as session:
            return [_project(row) for row in session.scalars(query)]

    def get(self, project_id: str) -> Project:
        """Return one project.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self._database.reading() as session:
            return _project(find_project(session, project_id))

    def put(
        self, project_id: str, *, name: str | None, task_queue: str | None, settings: Mapping[str, Any] | None
    ) -> tuple[Project, bool]:
        """Create the project or change what is given, and return it and whether it is new.

        Raises:
            ConflictError: another project has that task queue.
        """
        try:
            with self._database.writing() as session:
                row = session.get(ProjectRow, project_id)
                created = row is None
                if row is None:
                    row = ProjectRow(
                        id=project_id,
                        name=project_id,
                        task_queue_name=f"{project_id}-queue",
                        desired_state="stopped",
                        settings={},
                    )
                    session.add(row)
                row.name = name if name is not None else row.name
                row.task_queue_name = task_queue if task_queue is not None else row.task_queue_name
                row.settings = dict(settings) if settings is not None else row.settings
                session.flush()
                return _project(row), created
        except IntegrityError as error:
            raise ConflictError(
                f"another project already uses that task queue: {task_queue or f'{project_id}-queue'}",
                code="task_queue_taken",
            ) from error

    def delete(self, project_id: str) -> None:
        """Delete the project with its workflows, their code and its builds.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self._database.writing() as session:
            find_project(session, project_id)
            session.execute(delete(ProjectRow).where(ProjectRow.id == project_id))

    def set_desired_state(self, project_id: str, state: str) -> Project:
        """Write what the project should be, `running` or `stopped`, and return it.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self._database.writing() as session:
            row = find_project(session, project_id)
            row.desired_state = state
            return _project(row)

    def set_current_build(self, project_id: str, digest: str) -> None:
        """Make the build of that digest the one that new runs of the project take."""
        with self._database.writing() as session:
            session.execute(update(ProjectRow).where(ProjectRow.id == project_id).values(current_build=digest))


def find_project(session: Session, project_id: str) -> ProjectRow:
    """Return the project's row.

    Raises:
        NotFoundError: there is none of that id.
    """
    row = session.get(ProjectRow, project_id)
    if row is None:
        raise NotFoundError(f"project {project_id} does not exist", code="project_not_found")
    return row


def _project(row: ProjectRow) -> Project:
    return Project(
        id=row.id,
        name=row.name or row.id,
        task_queue=row.task_queue_name,
        desired_state=row.desired_state,
        settings=row.settings or {},
        current_build=row.current_build,
    )
