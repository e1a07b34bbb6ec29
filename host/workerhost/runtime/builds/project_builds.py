"""All that a host knows of the builds of one project that it runs."""

from temporalio.converter import DataConverter

from workerhost.code.definitions import PluginActivity
from workerhost.code.executing.activity_call import LocalActivity, RealActivity
from workerhost.model import Project
from workerhost.runtime.builds.cache import BuildCache
from workerhost.runtime.builds.context import BuildsContext
from workerhost.runtime.builds.followed_deployment import FollowedDeployment
from workerhost.runtime.builds.moved_runs import MovedRuns
from workerhost.runtime.builds.ramp_outcomes import RampOutcomes
from workerhost.runtime.processes.project_processes import ProjectProcesses
from workerhost.runtime.processes.remote_activity import RemoteActivity


class ProjectBuilds:
    """The builds of one project at work. Each part says for itself which threads may use it.

    A worker and the one that takes its place share this, so that both agree on what is deployed.

    Attributes:
        cache: the builds that are loaded.
        moved_runs: the runs that go on with another build than their history names.
        outcomes: how runs end during a ramp.
        deployment: which build a new run takes.

    Args:
        project: as it is now.
        context: what the builds of all projects share.
    """

    def __init__(self, project: Project, context: BuildsContext) -> None:
        self.project_id = project.id
        self._loader = context.loader
        self._processes: ProjectProcesses | None = None
        self._is_configured = False
        self.cache = BuildCache(project, context)
        self.moved_runs = MovedRuns(project.id, context)
        self.outcomes = RampOutcomes()
        self.deployment = FollowedDeployment(project.id, context, self.cache, self.moved_runs, self.outcomes)

    def follow_settings(self, project: Project) -> None:
        """Have builds run where the project's settings say by now; what runs goes on where it is.

        Raises:
            WorkerFailedError: the settings are not valid, or ask for what is not allowed here.
        """
        before, self._processes = self._processes, self._loader.configured(project)
        if self._is_configured and self._processes is not before:
            self.cache.clear()
        self._is_configured = True
        if self._processes is not None:
            self._processes.evict = self.moved_runs.evict

    def serve_with(self, converter: DataConverter) -> None:
        """Learn how the project's worker converts values."""
        if self._processes is not None:
            self._processes.convert_with(converter)

    def plugin_activity(self, name: str, activity: PluginActivity) -> RealActivity:
        """Return an activity of a plugin, to be run where the plugin says."""
        if self._processes is None or activity.transferred is None:
            return LocalActivity(activity.definition)
        return RemoteActivity(self._processes, name, activity.transferred)

    def note_shutdown(self) -> None:
        """Have activities learn that their worker drains. Blocks while a process does not read."""
        if self._processes is not None:
            self._processes.note_shutdown()

    def end_idle_processes(self) -> None:
        """End the project's processes that have nothing to do; does not wait."""
        if self._processes is not None:
            self._processes.end_idle(at_once=True)

    def forgive_deaths(self) -> None:
        """Have the project tried again now, however often its processes have died."""
        if self._processes is not None:
            self._processes.deaths.forgive()
