"""Rolls a ramp back when its build fails more often than the current one."""

import logging
from collections.abc import Mapping

from workerhost.errors import PublishConflictError, WorkerhostError
from workerhost.model import ActiveRamp
from workerhost.runtime.builds.project_builds import ProjectBuilds
from workerhost.runtime.deployments.deployer import Deployer
from workerhost.runtime.hosts.host import Host
from workerhost.service_log.repeated_failures import RepeatedFailures
from workerhost.store import Store
from workerhost.store.ramps import OutcomeCounts
from workerhost.words import BuildId

log = logging.getLogger(__name__)


class RampWatcher:
    """Watches the ramps of the projects that this host runs. `watch_ramps` belongs to the thread of its job.

    Args:
        store: where all hosts write how runs end.
        host: of this process.
        deployer: ends ramps.
    """

    def __init__(self, store: Store, host: Host, deployer: Deployer) -> None:
        self._store = store
        self._host = host
        self._deployer = deployer
        self._failures = RepeatedFailures(log)
        self._written: dict[tuple[str, int], Mapping[BuildId, OutcomeCounts]] = {}

    def watch_ramps(self) -> None:
        """Write what this host has seen, and compare what all have seen. Asks nothing where there is no ramp.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        ramping = [(builds, builds.outcomes.ramp) for builds in self._host.project_builds()]
        under_way = [(builds, ramp) for builds, ramp in ramping if ramp is not None]
        keys = {(builds.project_id, ramp.since) for builds, ramp in under_way}
        self._written = {key: outcomes for key, outcomes in self._written.items() if key in keys}
        for builds, ramp in under_way:
            self._write(builds, ramp)
            self._judge(builds.project_id, ramp)

    def _write(self, builds: ProjectBuilds, ramp: ActiveRamp) -> None:
        key, outcomes = (builds.project_id, ramp.since), builds.outcomes.by_build()
        if outcomes != self._written.get(key, {}):
            self._store.ramps.save(builds.project_id, ramp.since, self._host.id, outcomes)
            self._written[key] = outcomes

    def _judge(self, project_id: str, ramp: ActiveRamp) -> None:
        try:
            project = self._store.projects.get(project_id)
            known = project.deployment.ramp
            if known is None or known.since != ramp.since:
                return
            reason = verdict(known, project.current_build, self._store.ramps.outcomes(project_id, ramp.since))
            if reason is not None:
                self._deployer.end_ramp(project, reason)
                fields = {"project": project_id, "build": ramp.build}
                log.warning("project %s: build %s %s", project_id, ramp.build, reason, extra=fields)
            self._failures.over(project_id, f"the ramp of project {project_id} is judged again", project=project_id)
        except PublishConflictError:
            pass  # another host, or somebody, was faster
        except WorkerhostError as error:
            sentence = f"the ramp of project {project_id} cannot be judged: {error}"
            self._failures.note(project_id, sentence, project=project_id)


def verdict(ramp: ActiveRamp, current: BuildId | None, outcomes: Mapping[BuildId, OutcomeCounts]) -> str | None:
    """Say why the ramp must be rolled back, or return None where it may go on."""
    tried, known = outcomes.get(ramp.build, OutcomeCounts()), outcomes.get(current or BuildId(""), OutcomeCounts())
    excess = round(tried.failure_rate - known.failure_rate, 9)  # 0.4 - 0.3 is a little more than 0.1
    if tried.ended < ramp.minimum_runs or excess <= ramp.failure_threshold:
        return None
    return (
        f"rolled itself back: {tried.failed} of {tried.ended} runs failed on it, "
        f"{known.failed} of {known.ended} on the current build"
    )
