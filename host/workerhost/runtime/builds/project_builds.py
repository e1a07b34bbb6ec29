"""All that a host knows of the builds of one project that it runs."""

from workerhost.runtime.builds.cache import BuildCache
from workerhost.runtime.builds.context import BuildsContext
from workerhost.runtime.builds.followed_deployment import FollowedDeployment
from workerhost.runtime.builds.moved_runs import MovedRuns
from workerhost.runtime.builds.ramp_outcomes import RampOutcomes


class ProjectBuilds:
    """The builds of one project at work. Each part says for itself which threads may use it.

    A worker and the one that takes its place share this, so that both agree on what is deployed.

    Attributes:
        cache: the builds that are loaded.
        moved_runs: the runs that go on with another build than their history names.
        outcomes: how runs end during a ramp.
        deployment: which build a new run takes.

    Args:
        project_id: the project.
        context: what the builds of all projects share.
    """

    def __init__(self, project_id: str, context: BuildsContext) -> None:
        self.project_id = project_id
        self.cache = BuildCache(project_id, context)
        self.moved_runs = MovedRuns(project_id, context)
        self.outcomes = RampOutcomes()
        self.deployment = FollowedDeployment(project_id, context, self.cache, self.moved_runs, self.outcomes)
