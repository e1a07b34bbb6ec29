"""Queries about resets that are under way, whose new runs go on with another build than their histories name."""

from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from workerhost.errors import ConflictError
from workerhost.store.clock import ago, now
from workerhost.store.database import Database
from workerhost.store.deployments import note_event
from workerhost.store.models import MovedRunRow, ProjectRow, ResetRow
from workerhost.store.moves import MovedRun, next_revision
from workerhost.words import BuildId, DeploymentEventKind, RunId, WorkflowId

LONGEST_SECONDS = 60
"""After so long a reset is no more under way: its host has died, and its new run takes the build of its history."""


class ResetStore:
    """Resets under way. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, project_id: str, workflow_id: WorkflowId, run_id: RunId) -> int:
        """Record that a run is being reset, and return the revision of the deployment with which all hosts know.

        Raises:
            ConflictError: another call resets an execution of that id.
        """

        def begin(session: Session) -> int:
            session.get(ProjectRow, project_id, with_for_update=True)  # one at a time
            these = _these(project_id, workflow_id)
            if session.scalars(select(ResetRow).where(*these, ResetRow.began_at > ago(LONGEST_SECONDS))).first():
                raise ConflictError(
                    f"another call resets execution {workflow_id}; wait for its end", code="reset_under_way"
                )
            session.execute(delete(ResetRow).where(*these))
            values = {"project_id": project_id, "workflow_id": workflow_id, "run_id": run_id, "began_at": now()}
            session.execute(insert(ResetRow).values(values))
            return next_revision(session, project_id)

        return self._database.write(begin)

    def end(self, project_id: str, workflow_id: WorkflowId, run: MovedRun | None) -> int:
        """Record that the reset is over, with the run that it has begun, and return the deployment's revision.

        Args:
            project_id: whose execution it is.
            workflow_id: of the execution.
            run: the new one and its build, which its history need not name yet; None where there is none.
        """

        def end(session: Session) -> int:
            revision = next_revision(session, project_id)
            session.execute(delete(ResetRow).where(*_these(project_id, workflow_id)))
            if run is not None and session.get(MovedRunRow, (project_id, run.run_id)) is None:
                session.execute(insert(MovedRunRow).values(project_id=project_id, moved_at=now(), **vars(run)))
                message = f"execution {run.workflow_id} was reset, and goes on with this build"
                note_event(session, project_id, DeploymentEventKind.MOVED, run.to_build, message)
            return revision

        return self._database.write(end)

    def forget(self) -> None:
        """Delete the resets that are no more under way, since their hosts have died."""
        left = delete(ResetRow).where(ResetRow.began_at < ago(LONGEST_SECONDS))
        self._database.write(lambda session: session.execute(left))

    def build_of(self, project_id: str, workflow_id: WorkflowId, run_id: RunId) -> tuple[BuildId | None, bool]:
        """Return the build that a run was given by a move or a reset, and whether that may still be decided."""
        with self._database.reading() as session:
            # In this order: what ends a reset writes the run, too.
            reset = session.scalars(
                select(ResetRow).where(*_these(project_id, workflow_id), ResetRow.began_at > ago(LONGEST_SECONDS))
            ).first()
            row = session.get(MovedRunRow, (project_id, run_id))
            return row.to_build if row else None, reset is not None and reset.run_id != run_id


def _these(project_id: str, workflow_id: WorkflowId) -> tuple[Any, Any]:
    return ResetRow.project_id == project_id, ResetRow.workflow_id == workflow_id
