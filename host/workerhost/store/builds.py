"""Queries about builds that passed their checks."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from workerhost.model import BuildSummary
from workerhost.store.database import Database
from workerhost.store.models import BuildRow


class BuildStore:
    """Builds by digest. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, project_id: str, digest: str) -> BuildSummary | None:
        """Return a build that passed its checks, or None where the project has none of that digest."""
        with self._database.reading() as session:
            row = session.get(BuildRow, (project_id, digest))
            return None if row is None else _summary(row)

    def add(self, build: BuildSummary) -> None:
        """Store a build that passed its checks; one that is there already stays as it is."""
        with self._database.writing() as session:
            save_build(session, build)


def save_build(session: Session, build: BuildSummary) -> None:
    """Store `build` within the caller's transaction, unless it is there."""
    if session.get(BuildRow, (build.project_id, build.digest)) is None:
        session.add(
            BuildRow(
                project_id=build.project_id,
                digest=build.digest,
                modules=build.modules,
                workflow_types=list(build.workflow_types),
                activity_names=list(build.activity_names),
                created_at=datetime.now(UTC),
            )
        )
        session.flush()


def _summary(row: BuildRow) -> BuildSummary:
    return BuildSummary(
        project_id=row.project_id,
        digest=row.digest,
        modules=row.modules,
        workflow_types=tuple(row.workflow_types),
        activity_names=tuple(row.activity_names),
    )
