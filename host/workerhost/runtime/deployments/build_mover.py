"""Moves all open runs of a build to another build, each proven by a replay of its history first."""

import contextlib
import logging
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from workerhost.errors import ConflictError, HostStoppingError, StoreUnavailableError, WorkerhostError
from workerhost.runtime.deployments.deployer import Deployer
from workerhost.runtime.deployments.mover import move_target
from workerhost.runtime.executions.replay import Divergence, HistoryReplay
from workerhost.runtime.executions.visibility import Run, Visibility
from workerhost.store import Store
from workerhost.store.moves import BuildMove, MovedRun
from workerhost.words import BuildId, HostId, MoveStatus

log = logging.getLogger(__name__)

MOVES_AT_ONCE = 2
"""Moves of many runs that one host works on at the same time."""

RUNS_AT_ONCE = 50
"""Proven runs that are moved together."""

SAVE_SECONDS = 0.5
"""How often the progress of a move is written."""

LOOK_SECONDS = 0.1
"""How often a call looks how far a move on another host has come."""


class _StoppedError(Exception):
    """Raised in a move when the host ends, or another host has taken the move over."""


class BuildMover:
    """Moves all open runs of a build. Safe to use from any thread; every call may block.

    A move goes on in a thread of this host when the call is over. Where the host dies, another one goes on with it:
    runs that were moved stay moved, and the others are proven again.

    Args:
        store: where moves are.
        deployer: has the hosts follow moves.
        visibility: finds the open runs of a build.
        replay: proves that histories fit a build.
        host_id: of this host.
    """

    def __init__(
        self,
        store: Store,
        deployer: Deployer,
        visibility: Visibility,
        replay: HistoryReplay,
        host_id: HostId,
    ) -> None:
        self._store = store
        self._deployer = deployer
        self._visibility = visibility
        self._replay = replay
        self._host_id = host_id
        self._executor = ThreadPoolExecutor(MOVES_AT_ONCE, thread_name_prefix="move")
        self._stopping = threading.Event()
        self._working_on: set[str] = set()
        self._assigning = threading.Lock()
        """Held while this host is given a move, so that it does not take one twice."""

    def move(self, project_id: str, from_build: BuildId, to_build: BuildId, timeout: float) -> BuildMove:
        """Have all open runs of a build go on with another one, and wait for at most `timeout` seconds.

        Where a move between the same builds is under way already, this waits for that one.

        Raises:
            NotFoundError: there is no such project or build.
            ConflictError: another move of the project is under way, or both builds are the same.
            HostStoppingError: this host ends.
        """
        project = self._store.projects.get(project_id)
        source = self._deployer.resolve(project, from_build)
        target = self._deployer.resolve(project, to_build)
        if source == target:
            raise ConflictError(f"runs of build {source} are to be moved to the same build", code="same_build")
        wanted = BuildMove(uuid.uuid4().hex[:12], project_id, source, target, self._host_id)
        with self._assigning:
            if self._stopping.is_set():
                raise HostStoppingError()
            move = self._store.moves.begin(wanted)
            if move.id == wanted.id:
                self._submit(move)
        if (move.from_build, move.to_build) != (source, target):
            raise ConflictError(
                f"runs of project {project_id} are being moved from build {move.from_build} to {move.to_build}; "
                "wait for the end of that",
                code="move_under_way",
            )
        deadline = time.monotonic() + timeout
        while (
            move.status == MoveStatus.RUNNING and time.monotonic() < deadline and not self._stopping.wait(LOOK_SECONDS)
        ):
            move = self._store.moves.get(project_id, move.id)
        return move

    def take_over_moves(self) -> None:
        """Go on with the moves of hosts that are gone, and with those that the database broke off here.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        with self._assigning:
            if self._stopping.is_set():
                return
            for move in self._store.moves.take_over(self._host_id, tuple(self._working_on)):
                log.info("project %s: this host goes on with the move %s", move.project_id, move.id)
                self._submit(replace(move, not_moved=()))

    def stop(self) -> None:
        """Leave moves that are under way to other hosts, and wait for the threads; calling this again does nothing."""
        with self._assigning:
            self._stopping.set()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _submit(self, move: BuildMove) -> None:
        self._working_on.add(move.id)
        self._executor.submit(self._work, move)

    def _work(self, move: BuildMove) -> None:
        try:
            self._move_open_runs(move)
        except _StoppedError:
            pass
        except StoreUnavailableError as error:
            log.warning("the move %s of project %s goes on later: %s", move.id, move.project_id, error)
        except Exception as error:
            if not isinstance(error, WorkerhostError):
                log.exception("the move %s of project %s failed", move.id, move.project_id)
            reason = str(error) if isinstance(error, WorkerhostError) else "the service failed; its log says why"
            self._give_up(move, reason)
        finally:
            self._working_on.discard(move.id)

    def _give_up(self, move: BuildMove, reason: str) -> None:
        with contextlib.suppress(StoreUnavailableError):  # it is tried again when that can be written
            known = self._store.moves.get(move.project_id, move.id)
            self._store.moves.save(replace(known, status=MoveStatus.FAILED, message=reason))

    def _move_open_runs(self, move: BuildMove) -> None:
        project = self._store.projects.get(move.project_id)
        target = move_target(self._store, project, move.to_build)
        moved = self._store.moves.runs(project.id)
        runs = self._visibility.open_runs(project, move.from_build, moved)
        progress = _MoveProgress(self._store, replace(move, total=move.moved + len(runs)), self._stopping)
        recorded = {each.run_id: each.from_build for each in moved}
        proven: list[MovedRun] = []

        def note(run: Run, divergence: Divergence | None) -> None:
            if divergence is not None:
                progress.add_not_moved(run, divergence)
            else:
                origin = recorded.get(run.run_id, move.from_build)
                proven.append(MovedRun(run.run_id, run.workflow_id, run.workflow_type, origin, move.to_build))
            if len(proven) >= RUNS_AT_ONCE:
                progress.advance(proven)
                proven.clear()
            progress.save_sometimes()

        self._replay.prove(project, target, runs, note)
        if proven:
            progress.advance(proven)
        self._deployer.go_live(project.id, self._store.projects.get(project.id).deployment)
        progress.end()


class _MoveProgress:
    """How far a move has come; belongs to the thread that works on it."""

    def __init__(self, store: Store, move: BuildMove, stopping: threading.Event) -> None:
        self._store = store
        self._move = move
        self._stopping = stopping
        self._saved_at = 0.0

    def advance(self, proven: list[MovedRun]) -> None:
        self._move = replace(self._move, moved=self._move.moved + len(proven))
        self._note_saved(self._store.moves.advance(self._move, proven))

    def add_not_moved(self, run: Run, divergence: Divergence) -> None:
        self._move = replace(self._move, not_moved=[*self._move.not_moved, _stored(run, divergence)])

    def save_sometimes(self) -> None:
        if self._stopping.is_set():
            raise _StoppedError
        if time.monotonic() - self._saved_at > SAVE_SECONDS:
            self._save()

    def end(self) -> None:
        self._move = replace(self._move, status=MoveStatus.COMPLETED)
        self._save()

    def _save(self) -> None:
        self._note_saved(self._store.moves.save(self._move))

    def _note_saved(self, is_saved: bool) -> None:  # noqa: FBT001
        self._saved_at = time.monotonic()
        if not is_saved:
            raise _StoppedError


def _stored(run: Run, divergence: Divergence) -> dict[str, Any]:
    """Return a run that was not moved as the row of its move holds it, with the keys that answers have."""
    return {
        "workflowId": run.workflow_id,
        "runId": run.run_id,
        "workflowType": run.workflow_type,
        "event": divergence.event,
        "reason": divergence.reason,
    }
