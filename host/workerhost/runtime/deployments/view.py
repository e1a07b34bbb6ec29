"""What is deployed: the builds of a project, with the runs that are open on each."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from workerhost.errors import TemporalRefusedError, TemporalUnavailableError
from workerhost.model import Deployment, Project
from workerhost.runtime.executions.open_runs import OpenRunCounter
from workerhost.store import Store
from workerhost.store.deployments import DeployedBuild, DeploymentEvent
from workerhost.store.ramps import OutcomeCounts
from workerhost.words import BuildId, BuildState

FRESH_SECONDS = 2.0
"""How long counts are shown again without counting anew. The visibility store is as far behind anyway."""


@dataclass(frozen=True)
class OpenRuns:
    """Open runs by build and workflow type, as they were counted."""

    by_build: Mapping[BuildId, Mapping[str, int]]
    counted_at: datetime

    @property
    def age_ms(self) -> int:
        """Milliseconds since the runs were counted."""
        return round(1000 * (datetime.now(UTC) - self.counted_at).total_seconds())


@dataclass(frozen=True)
class BuildView:
    """A build of the project, with its state and its open runs."""

    build: DeployedBuild
    state: BuildState
    open_runs: Mapping[str, int] | None
    """The number of open runs by workflow type; None where it is not known."""


@dataclass(frozen=True)
class DeploymentView:
    """What is deployed of a project: its builds, and what happened."""

    project: Project
    builds: list[BuildView]
    open_runs: OpenRuns | None
    error: str | None
    """Why the open runs could not be counted, or not anew."""
    outcomes: Mapping[BuildId, OutcomeCounts]
    """How runs have ended during the ramp that is under way, by build."""
    events: list[DeploymentEvent]


class DeploymentViewer:
    """Shows deployments. Safe to use from any thread; every call may block.

    Args:
        store: where builds and moved runs are.
        counter: counts open runs.
    """

    def __init__(self, store: Store, counter: OpenRunCounter) -> None:
        self._store = store
        self._counter = counter
        self._counted: dict[str, tuple[int, float, OpenRuns]] = {}
        """The last count of each project: the deployment's revision, the time, and what was counted."""

    def view(self, project_id: str) -> DeploymentView:
        """Return what is deployed of a project. Where Temporal does not answer, the counts are older or missing.

        Raises:
            NotFoundError: there is no such project.
        """
        project = self._store.projects.get(project_id)
        builds = self._store.deployments.builds(project_id)
        open_runs, error = self._open_runs(project, builds)
        ramp = project.deployment.ramp
        views = (_view(build, project.deployment, open_runs) for build in builds)
        return DeploymentView(
            project,
            [view for view in views if view is not None],
            open_runs,
            error,
            self._store.ramps.outcomes(project_id, ramp.since) if ramp else {},
            self._store.deployments.events(project_id),
        )

    def _open_runs(self, project: Project, builds: list[DeployedBuild]) -> tuple[OpenRuns | None, str | None]:
        revision, counted_at, known = self._counted.get(project.id, (0, 0.0, None))
        if revision == project.deployment.revision and time.monotonic() - counted_at < FRESH_SECONDS:
            return known, None
        try:
            moved = self._store.moves.runs(project.id)
            types = {build.id: build.workflow_types for build in builds}
            found = OpenRuns(self._counter.count(project, types, moved), datetime.now(UTC))
        except (TemporalUnavailableError, TemporalRefusedError) as error:
            return known, str(error)
        self._counted[project.id] = project.deployment.revision, time.monotonic(), found
        return found, None


def _view(build: DeployedBuild, deployment: Deployment, open_runs: OpenRuns | None) -> BuildView | None:
    """Return a build as it is shown, or None for one that was never deployed and has no runs."""
    runs = open_runs.by_build.get(build.id) if open_runs else None
    if build.id == deployment.current:
        return BuildView(build, BuildState.CURRENT, runs)
    if deployment.ramp and build.id == deployment.ramp.build:
        return BuildView(build, BuildState.RAMPING, runs)
    if build.became_current_at is None and not runs:
        return None
    return BuildView(build, BuildState.DRAINED if runs is not None and not runs else BuildState.DRAINING, runs)
