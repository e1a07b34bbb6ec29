"""Which build each run of a live project worker takes, and what is learnt from how its tasks go."""

import temporalio.workflow
from temporalio.bridge.proto.workflow_activation import RemoveFromCache, WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from workerhost.runtime.builds.project_builds import ProjectBuilds
from workerhost.runtime.builds.ready_build import ProjectBuild
from workerhost.runtime.builds.runner import BuildInstance, closing_command, is_nondeterminism, named_build
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.observing.watched_runs import WatchedRuns
from workerhost.words import BuildId, RunId, WorkflowId


class DeploymentChooser:
    """Chooses as the project's deployment and moved runs say. Called on threads of the workflow task executor.

    Args:
        builds: of the project.
        observer: learns how runs begin and end.
    """

    def __init__(self, builds: ProjectBuilds, observer: Observer) -> None:
        self._builds = builds
        self._observer = observer
        self._watched = WatchedRuns(builds.project_id, observer)

    def build_of(self, info: temporalio.workflow.Info, recorded: BuildId | None) -> ProjectBuild:
        """Return the build of a run: where it was moved to, else of its history, else of its header, else a new one.

        Raises:
            BuildUnavailableError: it is not at hand.
        """
        if build_id := self._builds.moved_runs.find(WorkflowId(info.workflow_id), RunId(info.run_id)) or recorded:
            return self._builds.cache.get(build_id)
        if named := named_build(info):
            build = self._builds.cache.get(named)
            if build.runs(info.workflow_type):
                return build
        return self._builds.deployment.choose(WorkflowId(info.workflow_id), info.workflow_type)

    def after_task(
        self, run: BuildInstance, completion: WorkflowActivationCompletion, activation: WorkflowActivation
    ) -> None:
        """Tell how the run goes, count for a ramp, and send a moved run on its way."""
        if run.build is None:
            return
        if actions := run.actions.of(activation, completion):
            self._observer.acted(self._builds.project_id, actions)
        run_id, build_id = RunId(run.get_info().run_id), run.build.id
        moved_to = self._builds.moved_runs.build_of(run_id)
        has_failed = completion.HasField("failed")
        if activation.is_replaying:
            if has_failed and moved_to == build_id:
                self._builds.moved_runs.go_back(run_id, completion.failed.failure.message)
            return
        if moved_to not in (None, build_id):
            self._builds.moved_runs.evict(run_id)  # it was working when it was moved
        ends_with = None if has_failed else closing_command(completion)
        if not has_failed:
            self._watched.note_task(run.get_info(), build_id, activation, ends_with)
        outcomes = self._builds.outcomes
        if outcomes.ramp is None:
            return
        if has_failed:
            outcomes.note_task(build_id, run_id, failed=True)
        elif ends_with is not None:
            outcomes.note_end(build_id, run_id, failed=ends_with == "fail_workflow_execution")
        else:
            outcomes.note_task(build_id, run_id, failed=False)

    def after_eviction(self, run: BuildInstance, reason: RemoveFromCache) -> None:
        """Have a moved run that does not fit its new build go back."""
        run_id, moved_runs = RunId(run.get_info().run_id), self._builds.moved_runs
        is_moved = run.build is not None and moved_runs.build_of(run_id) == run.build.id
        if is_moved and is_nondeterminism(reason):
            moved_runs.go_back(run_id, reason.message)
