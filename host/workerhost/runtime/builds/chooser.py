"""Which build each run of a live project worker takes, and what is learnt from how its tasks go."""

import temporalio.workflow
from temporalio.bridge.proto.workflow_activation import RemoveFromCache, WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from workerhost.code.loading import LoadedBuild
from workerhost.runtime.builds.library import BuildLibrary
from workerhost.runtime.builds.runner import BuildInstance, closing_command, is_nondeterminism, named_build
from workerhost.words import BuildId, RunId, WorkflowId


class LibraryChooser:
    """Chooses from a project's library. Called on threads of the workflow task executor.

    Args:
        library: of the project.
    """

    def __init__(self, library: BuildLibrary) -> None:
        self._library = library

    def build_of(self, info: temporalio.workflow.Info, recorded: BuildId | None) -> LoadedBuild:
        """Return the build of a run: where it was moved to, else of its history, else of its header, else a new one.

        Raises:
            BuildUnavailableError: it is not at hand.
        """
        if recorded:
            return self._library.get(self._library.moved.get(RunId(info.run_id)) or recorded)
        if named := named_build(info):
            build = self._library.get(named)
            if build.definitions.workflow(info.workflow_type):
                return build
        return self._library.choose(WorkflowId(info.workflow_id), info.workflow_type)

    def after_task(
        self, run: BuildInstance, completion: WorkflowActivationCompletion, activation: WorkflowActivation
    ) -> None:
        """Count for a ramp, and send a moved run on its way."""
        if run.build is None:
            return
        run_id, build_id = RunId(run.get_info().run_id), run.build.id
        moved_to = self._library.moved.get(run_id)
        has_failed = completion.HasField("failed")
        if activation.is_replaying:
            if has_failed and moved_to == build_id:
                self._library.go_back(run_id, completion.failed.failure.message)
            return
        if moved_to not in (None, build_id):
            self._library.evict(run_id)  # it was working when it was moved
        outcomes = self._library.outcomes
        if outcomes.ramp is None:
            return
        if has_failed:
            outcomes.note_task(build_id, run_id, failed=True)
        elif ends_with := closing_command(completion):
            outcomes.note_end(build_id, run_id, failed=ends_with == "fail_workflow_execution")
        else:
            outcomes.note_task(build_id, run_id, failed=False)

    def after_eviction(self, run: BuildInstance, reason: RemoveFromCache) -> None:
        """Have a moved run that does not fit its new build go back."""
        run_id = RunId(run.get_info().run_id)
        if run.build is not None and is_nondeterminism(reason) and self._library.moved.get(run_id) == run.build.id:
            self._library.go_back(run_id, reason.message)
