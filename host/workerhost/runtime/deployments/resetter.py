"""Takes a run back to an earlier point, on its build or on another one, proven by a replay of what stays."""

from dataclasses import replace

from workerhost.errors import ConflictError, DoesNotReplayError
from workerhost.model import BuildSummary, Project
from workerhost.runtime.deployments.deployer import Deployer
from workerhost.runtime.deployments.mover import move_target, refuse_divergence
from workerhost.runtime.executions.replay import Divergence, HistoryReplay
from workerhost.runtime.executions.resetting.points import ResetEnd
from workerhost.runtime.executions.resetting.resets import ResetPlan, Resets
from workerhost.runtime.executions.resetting.wanted import RepeatableReset, WantedReset
from workerhost.runtime.executions.visibility import Run
from workerhost.store import Store
from workerhost.store.moves import MovedRun
from workerhost.words import BuildId, ExecutionStatus, RunId, WorkflowId


class Resetter:
    """Resets single runs. Safe to use from any thread; every call may block.

    The id of the new run is known only when Temporal has begun it, and a worker may take its first task at once. So
    where its build is another one than its history names, all hosts learn first that the execution is being reset, and
    their tasks of runs that they do not know wait until it is written which build the new run has.

    Args:
        store: where builds, moves and resets are.
        deployer: has the hosts follow.
        resets: asks Temporal.
        replay: proves that histories fit a build.
    """

    def __init__(self, store: Store, deployer: Deployer, resets: Resets, replay: HistoryReplay) -> None:
        self._store = store
        self._deployer = deployer
        self._resets = resets
        self._replay = replay

    def reset(
        self, project_id: str, workflow_id: WorkflowId, wanted: WantedReset, repeatable: RepeatableReset | None = None
    ) -> RunId:
        """Take a run of an execution back, and return the id of the run that goes on from there.

        Args:
            project_id: its project.
            workflow_id: its workflow id.
            wanted: what is done.
            repeatable: the run, which must be the latest one of its workflow id, where the same may have been asked for
                before; what is left of that is done then. None for the latest run.

        Raises:
            NotFoundError: there is no such project, execution, step or build.
            ConflictError: the run has done nothing yet, has no build of this project's, or is being reset.
            DoesNotReplayError: what stays of its history does not fit the build; nothing is reset.
            NotConfirmedError: a host has not learnt of it in time; nothing is reset.
            TemporalUnavailableError: Temporal does not answer.
        """
        project = self._store.projects.get(project_id)
        named = self._deployer.resolve(project, wanted.build) if wanted.build else None
        plan = self._resets.plan(project, workflow_id, wanted.to, repeatable)
        target = named or (None if wanted.to == ResetEnd.FIRST else self._present_build(project, plan))
        is_as_recorded = target is None or (target == plan.build and not plan.point.is_first)
        if plan.begun is not None:
            if target is not None and not is_as_recorded:
                self._complete(project, plan, plan.begun, target)
            return plan.begun.run_id
        text = wanted.reason or "reset over the API"
        self._prove(project, plan, target, is_named=named is not None)
        if target is None or is_as_recorded:
            return self._resets.reset(plan, text)
        return self._reset_onto(project, plan, target, text)

    def _present_build(self, project: Project, plan: ResetPlan) -> BuildId | None:
        return self._store.moves.target(project.id, plan.run.run_id) or plan.build

    def _prove(self, project: Project, plan: ResetPlan, target: BuildId | None, *, is_named: bool) -> None:
        run = plan.run
        if target is None:
            builds = [each for id_ in project.deployment.builds if (each := self._store.builds.get(project.id, id_))]
        else:
            builds = [move_target(self._store, project, target)]
        if builds and not any(each.runs(run.workflow_type) for each in builds):
            raise DoesNotReplayError(
                f"execution {run.workflow_id} cannot go on with build {builds[0].id}, which has no workflow type "
                f"{run.workflow_type}; nothing was reset",
                None,
            )
        if not is_named or plan.point.is_first:
            return  # it goes on with what it did itself, or has done nothing that must fit
        if plan.build is None:
            raise ConflictError(
                f"execution {run.workflow_id} is on no build of project {project.id}, so that it cannot be proven to "
                "fit one",
                code="no_build_yet",
            )
        self._replay_on(project, builds[0], run, "nothing was reset", plan.point.before)

    def _replay_on(
        self, project: Project, build: BuildSummary, run: Run, consequence: str, before: int | None = None
    ) -> None:
        found: list[Divergence | None] = []
        self._replay.prove(project, build, [run], lambda _, divergence: found.append(divergence), before=before)
        refuse_divergence(run, build.id, found, consequence)

    def _reset_onto(self, project: Project, plan: ResetPlan, target: BuildId, reason: str) -> RunId:
        workflow_id = plan.run.workflow_id
        revision = self._store.resets.begin(project.id, workflow_id, plan.run.run_id)
        new: MovedRun | None = None
        try:
            self._deployer.go_live(project.id, replace(project.deployment, revision=revision))
            run_id = self._resets.reset(plan, reason)
            new = _moved(plan, run_id, target)
        finally:
            self._store.resets.end(project.id, workflow_id, new)
        return run_id

    def _complete(self, project: Project, plan: ResetPlan, begun: Run, target: BuildId) -> None:
        """Have the run that a reset has begun go on with its build, where a host has died before that was written.

        The run may have gone on meanwhile, with the build that its history names.

        Raises:
            ConflictError: it has, and has ended.
            DoesNotReplayError: it has, and what it did does not fit the build.
        """
        if self._store.moves.target(project.id, begun.run_id) == target:
            return
        if begun.status != ExecutionStatus.RUNNING and plan.begun_build != target:
            raise ConflictError(
                f"execution {begun.workflow_id} was reset, and has ended on build {plan.begun_build}",
                code="execution_closed",
            )
        if begun.status == ExecutionStatus.RUNNING:
            build = move_target(self._store, project, target)
            self._replay_on(project, build, begun, "it was reset, and goes on with its build")
        revision = self._store.resets.end(project.id, begun.workflow_id, _moved(plan, begun.run_id, target))
        self._deployer.go_live(project.id, replace(project.deployment, revision=revision))


def _moved(plan: ResetPlan, run_id: RunId, target: BuildId) -> MovedRun:
    """Return the new run of a reset as one that goes on with a build."""
    origin = target if plan.point.is_first or plan.build is None else plan.build
    return MovedRun(run_id, plan.run.workflow_id, plan.run.workflow_type, origin, target)
