"""Which build each run of a live project worker takes, and what is learnt from how its tasks go."""

import temporalio.workflow
from temporalio.bridge.proto.workflow_activation import RemoveFromCache, WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from workerhost.code.loading import LoadedBuild
from workerhost.runtime.builds.completions import closing_command, is_nondeterminism
from workerhost.runtime.builds.heard_build import HeardBuild
from workerhost.runtime.builds.project_builds import ProjectBuilds
from workerhost.runtime.builds.ready_build import ProjectBuild
from workerhost.runtime.builds.runner import BuildInstance, named_build
from workerhost.runtime.capture.project_log import ProjectLog
from workerhost.runtime.capture.runs import RunFailures
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.observing.watched_runs import WatchedRuns
from workerhost.words import BuildId, RunId, WorkflowId


class DeploymentChooser:
    """Chooses as the project's deployment and moved runs say. Called on threads of the workflow task executor.

    Args:
        builds: of the project.
        log: of the project.
        observer: learns how runs begin and end.
    """

    def __init__(self, builds: ProjectBuilds, log: ProjectLog, observer: Observer) -> None:
        self._builds = builds
        self._log = log
        self._failures = RunFailures(log)
        self._observer = observer
        self._watched = WatchedRuns(builds.project_id, observer)

    def build_of(self, info: temporalio.workflow.Info, recorded: BuildId | None) -> ProjectBuild:
        """Return the build of a run: where it was moved to, else of its history, else of its header, else a new one.

        Raises:
            BuildUnavailableError: it is not at hand.
        """
        if build_id := self._builds.moved_runs.find(WorkflowId(info.workflow_id), RunId(info.run_id)) or recorded:
            return self._heard(self._builds.cache.get(build_id))
        if named := named_build(info):
            build = self._builds.cache.get(named)
            if build.runs(info.workflow_type):
                return self._heard(build)
        return self._heard(self._builds.deployment.choose(WorkflowId(info.workflow_id), info.workflow_type))

    def _heard(self, build: ProjectBuild) -> ProjectBuild:
        return HeardBuild(build, self._log.take) if isinstance(build, LoadedBuild) else build

    def after_task(
        self, run: BuildInstance, completion: WorkflowActivationCompletion, activation: WorkflowActivation
    ) -> None:
        """Say what has failed, tell how the run goes, count for a ramp, and send a moved run on its way."""
        build = run.build.id if run.build else None
        self._failures.after_task(run.get_info(), build, completion, is_replaying=activation.is_replaying)
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
        """Say that a run does not fit its code, and have a moved one go back."""
        if is_nondeterminism(reason):
            self._failures.after_nondeterminism(run.get_info(), run.build.id if run.build else None, reason.message)
        run_id, moved_runs = RunId(run.get_info().run_id), self._builds.moved_runs
        is_moved = run.build is not None and moved_runs.build_of(run_id) == run.build.id
        if is_moved and is_nondeterminism(reason):
            moved_runs.go_back(run_id, reason.message)
