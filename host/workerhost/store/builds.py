"""Queries about builds that passed their checks."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workerhost.errors import NotFoundError
from workerhost.model import BuildSummary, Project
from workerhost.store.database import Database
from workerhost.store.models import BuildRow
from workerhost.words import CURRENT, BuildId

IDS_AT_ONCE = 500
"""How many ids one statement has at most."""


class BuildStore:
    """Builds by id. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, project_id: str, build_id: BuildId) -> BuildSummary | None:
        """Return a build that passed its checks, or None where the project has none of that id."""
        with self._database.reading() as session:
            row = session.get(BuildRow, (project_id, build_id))
            return None if row is None else _summary(row)

    def named(self, project: Project, build: BuildId) -> BuildSummary:
        """Return a build of the project that is named by its id or as `current`.

        Raises:
            NotFoundError: the project has no such build, or no current one yet.
        """
        build_id = project.current_build if build == CURRENT else build
        if build_id is None:
            raise NotFoundError(f"project {project.id} has no current build yet", code="build_not_found")
        found = self.get(project.id, build_id)
        if found is None:
            raise NotFoundError(f"project {project.id} has no build {build_id}", code="build_not_found")
        return found

    def workflow_types(self, project_id: str) -> dict[BuildId, tuple[str, ...]]:
        """Return the workflow types of all builds of a project, by their ids."""
        query = select(BuildRow.id, BuildRow.workflow_types).where(BuildRow.project_id == project_id)
        with self._database.reading() as session:
            return {build_id: tuple(types) for build_id, types in session.execute(query)}

    def versions(self, project_id: str, build_id: BuildId) -> Mapping[str, str]:
        """Return the version of each workflow in a build, by its name; nothing where the project has no such build."""
        query = select(BuildRow.versions).where(BuildRow.project_id == project_id, BuildRow.id == build_id)
        with self._database.reading() as session:
            return session.scalar(query) or {}

    def types(self, project_id: str, build_id: BuildId) -> Mapping[str, Any] | None:
        """Return what the types of a build take and return; None where that is not known, as of an earlier version."""
        query = select(BuildRow.types).where(BuildRow.project_id == project_id, BuildRow.id == build_id)
        with self._database.reading() as session:
            return session.scalar(query)

    def set_types(self, build: BuildSummary) -> None:
        """Note what the types of a stored build take and return."""
        is_it = (BuildRow.project_id == build.project_id) & (BuildRow.id == build.id)
        types = None if build.types is None else dict(build.types)
        self._database.write(lambda session: session.execute(update(BuildRow).where(is_it).values(types=types)))

    def add(self, build: BuildSummary) -> None:
        """Store a build that passed its checks; one that is there already stays as it is."""
        self._database.write(lambda session: save_build(session, build))

    def required_plugins(self, builds: Iterable[tuple[str, BuildId]]) -> dict[tuple[str, BuildId], tuple[str, ...]]:
        """Return the names of the plugins that a host needs to run each build.

        Args:
            builds: project id and build id of each. Builds that are not stored are left out of the answer.
        """
        keys = set(builds)
        query = select(BuildRow.project_id, BuildRow.id, BuildRow.required_plugins)
        found = {}
        with self._database.reading() as session:
            for projects in batched_ids(project_id for project_id, _ in keys):
                for project_id, build_id, plugins in session.execute(query.where(BuildRow.project_id.in_(projects))):
                    if (project_id, build_id) in keys:
                        found[project_id, build_id] = tuple(plugins or ())
        return found


def save_build(session: Session, build: BuildSummary) -> None:
    """Store `build` within the caller's transaction, unless it is stored already."""
    key = (build.project_id, build.id)
    if session.get(BuildRow, key) is not None:
        return
    row = BuildRow(
        project_id=build.project_id,
        id=build.id,
        modules=build.modules,
        workflow_types=list(build.workflow_types),
        activity_names=list(build.activity_names),
        required_plugins=list(build.required_plugins),
        versions=dict(build.versions),
        types=None if build.types is None else dict(build.types),
        created_at=datetime.now(UTC),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Another host stored it in this moment; where the project itself is gone, the error stands.
        if session.get(BuildRow, key) is None:
            raise


def batched_ids(ids: Iterable[str]) -> Iterator[list[str]]:
    """Yield the ids in lists that are short enough for one statement."""
    left = sorted(set(ids))
    while left:
        yield left[:IDS_AT_ONCE]
        left = left[IDS_AT_ONCE:]


def _summary(row: BuildRow) -> BuildSummary:
    return BuildSummary(
        project_id=row.project_id,
        id=row.id,
        modules=row.modules,
        workflow_types=tuple(row.workflow_types),
        activity_names=tuple(row.activity_names),
        required_plugins=tuple(row.required_plugins or ()),
        versions=row.versions or {},
    )
