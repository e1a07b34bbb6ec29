"""Moves one run to another build than it began on, proven by a replay of its history first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workerhost.errors import ConflictError, DoesNotReplayError
from workerhost.model import BuildSummary, Project
from workerhost.runtime.deployments.deployer import Deployer
from workerhost.runtime.executions.operations import Executions
from workerhost.runtime.executions.replay import Divergence, HistoryReplay
from workerhost.runtime.executions.visibility import Run
from workerhost.store import Store
from workerhost.store.moves import MovedRun
from workerhost.words import BuildId, WorkflowId


@dataclass(frozen=True)
class MovedExecution:
    """What moving one run did."""

    run: Run
    from_build: BuildId
    to_build: BuildId

    @property
    def has_changed(self) -> bool:
        """Whether the run was on another build before."""
        return self.from_build != self.to_build


class Mover:
    """Moves single runs. Safe to use from any thread; every call may block.

    Args:
        store: where moves are.
        deployer: has the hosts follow moves.
        executions: looks at runs.
        replay: proves that histories fit a build.
    """

    def __init__(self, store: Store, deployer: Deployer, executions: Executions, replay: HistoryReplay) -> None:
        self._store = store
        self._deployer = deployer
        self._executions = executions
        self._replay = replay

    def move(self, project_id: str, workflow_id: WorkflowId, build: BuildId) -> MovedExecution:
        """Have a running execution go on with another build from its next task on.

        Args:
            project_id: its project.
            workflow_id: its workflow id.
            build: id of the build, or `current`.

        Raises:
            NotFoundError: there is no such project, execution or build.
            ConflictError: the execution has ended, or has no build yet.
            DoesNotReplayError: its history does not fit the build; the execution stays where it is.
            NotConfirmedError: it is moved, and a host has not learnt of it in time.
            TemporalUnavailableError: Temporal does not answer.
        """
        project = self._store.projects.get(project_id)
        build_id = self._deployer.resolve(project, build)
        run, recorded = self._executions.running(project, workflow_id)
        if recorded is None:
            raise ConflictError(
                f"execution {workflow_id} has no build yet; it takes one with its first task", code="no_build_yet"
            )
        moved = {each.run_id: each.to_build for each in self._store.moves.runs(project_id)}
        result = MovedExecution(run, moved.get(run.run_id, recorded), build_id)
        if result.has_changed:
            self._prove_one(project, run, build_id)
            moved_run = MovedRun(run.run_id, run.workflow_id, run.workflow_type, recorded, build_id)
            revision = self._store.moves.add_run(project_id, moved_run)
            self._deployer.go_live(project_id, replace(project.deployment, revision=revision))
        return result

    def _prove_one(self, project: Project, run: Run, build_id: BuildId) -> None:
        found: list[Divergence | None] = []
        target = move_target(self._store, project, build_id)
        self._replay.prove(project, target, [run], lambda _, divergence: found.append(divergence))
        refuse_divergence(run, build_id, found, "it goes on with its build")


def move_target(store: Store, project: Project, build_id: BuildId) -> BuildSummary:
    """Return the build that runs are to be moved to.

    Raises:
        ConflictError: the build is not stored any more.
    """
    found = store.builds.get(project.id, build_id)
    if found is None:
        raise ConflictError(f"build {build_id} of project {project.id} is gone", code="build_not_found")
    return found


def refuse_divergence(run: Run, build_id: BuildId, found: Sequence[Divergence | None], consequence: str) -> None:
    """Raise `DoesNotReplayError` where a replay has found that a run does not fit a build.

    Args:
        run: the run.
        build_id: of the build.
        found: by the replay.
        consequence: what becomes of the run, as the end of a sentence.
    """
    for divergence in found:
        if divergence is not None:
            place = f" at event {divergence.event['id']} ({divergence.event['type']})" if divergence.event else ""
            raise DoesNotReplayError(
                f"execution {run.workflow_id} does not replay on build {build_id}{place}: {divergence.reason}; "
                f"{consequence}",
                divergence.event,
            )
