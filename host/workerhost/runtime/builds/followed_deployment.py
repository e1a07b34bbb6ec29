"""What new runs of one project take, as far as this process knows, and how it stays up to date."""

import logging
import threading
import time

from workerhost.errors import StoreUnavailableError
from workerhost.model import Deployment
from workerhost.runtime.builds.cache import BuildCache, BuildUnavailableError
from workerhost.runtime.builds.context import BuildsContext
from workerhost.runtime.builds.moved_runs import MovedRuns
from workerhost.runtime.builds.ramp_outcomes import RampOutcomes
from workerhost.runtime.builds.ready_build import ProjectBuild
from workerhost.runtime.builds.single_flight import SingleFlight
from workerhost.words import WorkflowId

log = logging.getLogger(__name__)

ASK_SECONDS = 1.0
"""How long a workflow task waits for the database where this process may not know the current build."""

PAUSE_SECONDS = 2.0
"""How long the database is not asked again after it did not answer."""


class FollowedDeployment:
    """Which build a new run takes. Used from threads of workflow tasks, and from those of whoever publishes.

    Args:
        project_id: whose deployment it is.
        context: what the builds of all projects share.
        cache: learns which builds new runs take.
        moved_runs: learns which runs were moved.
        outcomes: learns which ramp is under way.
    """

    def __init__(
        self,
        project_id: str,
        context: BuildsContext,
        cache: BuildCache,
        moved_runs: MovedRuns,
        outcomes: RampOutcomes,
    ) -> None:
        self._project_id = project_id
        self._store = context.store
        self._is_trusted = context.is_trusted
        self._find_replacement = context.find_replacement
        self._cache = cache
        self._moved_runs = moved_runs
        self._outcomes = outcomes
        self._following = threading.Lock()
        self._asking: SingleFlight[None, bool] = SingleFlight(context.executor)
        self._known: Deployment | None = None
        self._seen_revision = 0
        self._asks_from = 0.0
        self._is_left = False

    @property
    def known(self) -> Deployment | None:
        """The deployment that new runs follow here; None before it was looked up."""
        return self._known

    def choose(self, workflow_id: WorkflowId, workflow_type: str) -> ProjectBuild:
        """Return the build that a new run takes.

        Raises:
            BuildUnavailableError: there is none yet, or it could not be fetched in time.
        """
        if not self._is_up_to_date() and not self._ask():
            self._refuse_if_replaced()
        deployment = self._known
        chosen = deployment.choose(workflow_id) if deployment else None
        if deployment is None or chosen is None:
            raise BuildUnavailableError("the project has no current build yet; the task will be tried again")
        build = self._cache.get(chosen)
        if not build.runs(workflow_type):  # a ramp may bring a workflow, or take one away
            others = (self._cache.get(build_id) for build_id in deployment.builds if build_id != chosen)
            return next((other for other in others if other.runs(workflow_type)), build)
        return build

    def point(self, deployment: Deployment) -> None:
        """Have new runs follow `deployment` from now on."""
        self._known = deployment
        self._seen_revision = max(self._seen_revision, deployment.revision)
        self._cache.pin(deployment.builds)
        self._outcomes.follow(deployment.ramp)

    def follow(self) -> bool:
        """Take over the deployment that is the project's by now; tell whether that is another than before.

        Callers take turns, and each reads anew, so that an older answer never overtakes a newer one. Blocks.

        Raises:
            StoreUnavailableError: the database does not answer.
            NotFoundError: the project is gone.
            BuildRefusedError: a build does not load here; what was known stays.
        """
        with self._following:
            deployment, moved, resets = self._store.deployments.get(self._project_id)
            known = self._moved_runs.builds, self._moved_runs.resets
            if deployment == self._known and (moved, resets) == known:
                return False
            for build_id in deployment.builds:
                self._cache.fetch(build_id)
            self.point(deployment)
            self._moved_runs.take_over(moved, resets)
            return True

    def note_seen(self, deployment: Deployment) -> None:
        """Learn which deployment the database has: until new runs follow that one, they ask the database."""
        if self._known is not None and self._known != deployment:
            self._seen_revision = deployment.revision

    def leave(self) -> None:
        """Learn that this host follows the deployment no more, since the project's worker is to end."""
        self._is_left = True

    def rejoin(self) -> None:
        """Learn that a worker serves the project again, and that this host follows the deployment for it."""
        self._is_left = False

    def _is_up_to_date(self) -> bool:
        is_behind = self._known is None or self._known.revision < self._seen_revision
        return not is_behind and not self._is_left and self._is_trusted()

    def _refuse_if_replaced(self) -> None:
        """Leave a new run to others where these have taken this host for dead, and may have deployed another build.

        Where nobody has, the run goes on: a host never stops serving because the database is away.
        """
        known = self._known
        reason = self._find_replacement(self._project_id, known) if known is not None else None
        if reason is not None:
            raise BuildUnavailableError(f"this host cannot ask what is deployed, and {reason}; that one takes the task")

    def _ask(self) -> bool:
        """Follow the deployment before a new run chooses its build; tell whether that was possible."""
        if time.monotonic() < self._asks_from:
            return False
        try:
            self._asking.start(None, self.follow).result(ASK_SECONDS)
        except Exception as error:
            self._asks_from = time.monotonic() + PAUSE_SECONDS
            if not isinstance(error, (TimeoutError, StoreUnavailableError)):
                log.warning("project %s goes on with the deployment that it knows: %s", self._project_id, error)
            return False
        return True
