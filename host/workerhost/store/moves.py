"""Queries about runs that were moved to another build than they began on."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from workerhost.errors import NotFoundError
from workerhost.store.announcements import announce
from workerhost.store.clock import now
from workerhost.store.database import Database
from workerhost.store.deployments import note_event
from workerhost.store.left_work import is_left, take_up
from workerhost.store.models import BuildMoveRow, MovedRunRow, ProjectRow
from workerhost.store.stored_words import stored_word
from workerhost.words import BuildId, DeploymentEventKind, HostId, MoveStatus, RunId, WorkflowId


@dataclass(frozen=True)
class MovedRun:
    """A run that goes on with another build."""

    run_id: RunId
    workflow_id: WorkflowId
    workflow_type: str
    from_build: BuildId
    """The build that its history names."""
    to_build: BuildId


@dataclass(frozen=True)
class BuildMove:
    """A move of all open runs of a build, and how far it has come."""

    id: str
    project_id: str
    from_build: BuildId
    to_build: BuildId
    host_id: HostId
    """The host that works on it."""
    status: MoveStatus = MoveStatus.RUNNING
    total: int = 0
    moved: int = 0
    not_moved: Sequence[dict[str, Any]] = field(default=())
    message: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None


class MoveStore:
    """Moved runs, and moves of many runs. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_run(self, project_id: str, run: MovedRun) -> int:
        """Have a run go on with its new build, and return the revision of the deployment from which on that holds."""

        def add(session: Session) -> int:
            revision = _add_runs(session, project_id, [run])
            message = f"execution {run.workflow_id} goes on with this build"
            note_event(session, project_id, DeploymentEventKind.MOVED, run.to_build, message)
            return revision

        return self._database.write(add)

    def return_run(self, project_id: str, run_id: RunId, reason: str) -> None:
        """Have a run go back to the build that its history names; a run that is on that build stays there."""

        def go_back(session: Session) -> None:
            row = session.get(MovedRunRow, (project_id, run_id))
            if row is not None:
                message = f"execution {row.workflow_id} went back to build {row.from_build}: {reason}"
                note_event(session, project_id, DeploymentEventKind.RETURNED, row.to_build, message)
                session.delete(row)
                next_revision(session, project_id)

        self._database.write(go_back)

    def runs(self, project_id: str) -> list[MovedRun]:
        """Return the runs of the project that were moved, open and closed ones."""
        query = select(MovedRunRow).where(MovedRunRow.project_id == project_id)
        with self._database.reading() as session:
            return [
                MovedRun(row.run_id, row.workflow_id, row.workflow_type, row.from_build, row.to_build)
                for row in session.scalars(query)
            ]

    def target(self, project_id: str, run_id: RunId) -> BuildId | None:
        """Return the id of the build that a run was moved to, or None where it was not moved."""
        with self._database.reading() as session:
            row = session.get(MovedRunRow, (project_id, run_id))
            return None if row is None else row.to_build

    def forget(self, project_id: str, runs: Sequence[MovedRun]) -> None:
        """Delete what is known of runs that Temporal keeps no more."""
        self._database.write(lambda session: session.execute(delete(MovedRunRow).where(*_are_runs(project_id, runs))))

    def begin(self, move: BuildMove) -> BuildMove:
        """Record a move of many runs and return it; where another one of the project is under way, return that one."""

        def begin(session: Session) -> BuildMove:
            session.get(ProjectRow, move.project_id, with_for_update=True)  # one at a time
            running = select(BuildMoveRow).where(
                BuildMoveRow.project_id == move.project_id, BuildMoveRow.status == MoveStatus.RUNNING
            )
            row = session.scalars(running).first() or session.get(BuildMoveRow, move.id)
            if row is None:
                row = BuildMoveRow(started_at=now(), **_progress(move))
                session.add(row)
                session.flush()
                session.refresh(row)
            return _move(row)

        return self._database.write(begin)

    def advance(self, move: BuildMove, runs: Sequence[MovedRun]) -> bool:
        """Have the runs go on with their new builds, and write how far the move has come, in one transaction.

        Returns False, and changes nothing, where another host works on the move by now.
        """

        def advance(session: Session) -> bool:
            session.get(ProjectRow, move.project_id, with_for_update=True)  # first, as in `begin`
            is_mine = _save(session, move)
            if is_mine:
                _add_runs(session, move.project_id, runs)
            return is_mine

        return self._database.write(advance)

    def save(self, move: BuildMove) -> bool:
        """Write how far the move has come; return False where another host works on it by now."""

        def save(session: Session) -> bool:
            is_mine = _save(session, move)
            if is_mine and move.status != MoveStatus.RUNNING:
                message = f"{move.moved} of {move.total} open runs of build {move.from_build} go on with this build"
                note_event(session, move.project_id, DeploymentEventKind.MOVED, move.to_build, message)
            return is_mine

        return self._database.write(save)

    def get(self, project_id: str, move_id: str) -> BuildMove:
        """Return a move of many runs.

        Raises:
            NotFoundError: the project has none of that id.
        """
        with self._database.reading() as session:
            row = session.get(BuildMoveRow, move_id)
            if row is None or row.project_id != project_id:
                raise NotFoundError(f"project {project_id} has no move {move_id}", code="move_not_found")
            return _move(row)

    def take_over(self, host_id: HostId, working_on: Collection[str]) -> list[BuildMove]:
        """Give this host the moves that no host works on, and return them.

        Args:
            host_id: of this host.
            working_on: ids of the moves that it works on already.
        """
        query = select(BuildMoveRow).where(
            BuildMoveRow.status == MoveStatus.RUNNING, is_left(BuildMoveRow, host_id, working_on)
        )

        def assign(row: BuildMoveRow) -> BuildMove:
            row.host_id = host_id
            return _move(row)

        return take_up(self._database, query, assign)


def _add_runs(session: Session, project_id: str, runs: Sequence[MovedRun]) -> int:
    """Have the runs go on with their new builds, and return the revision of the deployment from which on that holds.

    A run whose history names the build that it is moved to needs no row; its row is deleted.
    """
    revision = next_revision(session, project_id)  # first, so that those who move runs of a project take turns
    session.execute(delete(MovedRunRow).where(*_are_runs(project_id, runs)))
    if elsewhere := [vars(run) for run in runs if run.from_build != run.to_build]:
        session.execute(insert(MovedRunRow).values(project_id=project_id, moved_at=now()), elsewhere)
    return revision


def _save(session: Session, move: BuildMove) -> bool:
    values = _progress(move) | ({"ended_at": now()} if move.status != MoveStatus.RUNNING else {})
    mine = (BuildMoveRow.id == move.id) & (BuildMoveRow.host_id == move.host_id)
    return bool(session.execute(update(BuildMoveRow).where(mine).values(values)).rowcount)  # type: ignore[attr-defined]


def _are_runs(project_id: str, runs: Iterable[MovedRun]) -> tuple[Any, Any]:
    return MovedRunRow.project_id == project_id, MovedRunRow.run_id.in_([run.run_id for run in runs])


def next_revision(session: Session, project_id: str) -> int:
    """Have all hosts look again which builds runs take; return the revision from which on they know."""
    values = {"deployment_revision": ProjectRow.deployment_revision + 1}
    session.execute(update(ProjectRow).where(ProjectRow.id == project_id).values(values))
    announce(session, project_id)
    revision = session.scalar(select(ProjectRow.deployment_revision).where(ProjectRow.id == project_id))
    return revision or 0


def _progress(move: BuildMove) -> dict[str, Any]:
    fields = {**vars(move), "not_moved": list(move.not_moved)}
    return {name: value for name, value in fields.items() if name not in ("started_at", "ended_at")}


def _move(row: BuildMoveRow) -> BuildMove:
    names = ("id", "project_id", "from_build", "to_build", "host_id", "total", "moved", "message")
    fields = {name: getattr(row, name) for name in names}
    status = stored_word(row.status, MoveStatus.RUNNING)
    return BuildMove(**fields, status=status, not_moved=row.not_moved, started_at=row.started_at, ended_at=row.ended_at)
