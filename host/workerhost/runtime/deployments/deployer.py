"""Has all hosts take builds over, promotes builds, and rolls back."""

import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from workerhost.code.build import make_build, stored_code
from workerhost.default_plugins.database_loader import DatabaseLoader
from workerhost.errors import BuildRefusedError, ConflictError, NotConfirmedError
from workerhost.model import BuildSummary, Deployment, Project, ProjectCode, WorkflowCode
from workerhost.runtime.builds.builder import Builder
from workerhost.runtime.builds.ready_build import ProjectBuild
from workerhost.runtime.hosts.host import Host
from workerhost.runtime.hosts.worker_waiting import WorkerWaiting
from workerhost.runtime.triggers.operations import Triggers
from workerhost.runtime.triggers.setting_up import TriggerWarning
from workerhost.store import Store
from workerhost.store.deployments import DeploymentChange
from workerhost.words import CURRENT, BuildId, DeploymentEventKind, HostId

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CurrentBuild:
    """What a call has made current."""

    build_id: BuildId
    has_changed: bool = True
    unconfirmed_hosts: tuple[HostId, ...] = ()
    """Hosts that were taken for dead and have not followed."""
    trigger_warnings: Sequence[TriggerWarning] = ()
    """What of the triggers of drawings is not as it should be yet."""


@dataclass(frozen=True)
class LiveVersions:
    """What came of having hosts and triggers follow a change of the active versions."""

    unconfirmed_hosts: tuple[HostId, ...]
    trigger_warnings: Sequence[TriggerWarning]


class Deployer:
    """Changes which builds new runs take. Safe to use from any thread; every call may block.

    Args:
        store: where deployments are.
        builder: finds the code of projects.
        host: of this process.
        waiting: waits for the other hosts.
        triggers: of drawings, which change with the active versions.
        timeout: seconds that the hosts have to take a deployment over.
    """

    def __init__(  # noqa: PLR0913, PLR0917  the parts of a host that a deployment needs
        self,
        store: Store,
        builder: Builder,
        host: Host,
        waiting: WorkerWaiting,
        triggers: Triggers,
        timeout: float,
    ) -> None:
        self._store = store
        self._builder = builder
        self._host = host
        self._waiting = waiting
        self._triggers = triggers
        self._timeout = timeout

    def go_live(
        self, project_id: str, deployment: Deployment, loaded: ProjectBuild | None = None
    ) -> tuple[HostId, ...]:
        """Have all hosts follow a deployment that is stored, and wait until they do.

        Returns the hosts that were taken for dead and have not followed; they may live, cut off from the database.

        Args:
            project_id: whose it is.
            deployment: the deployment, as it was stored.
            loaded: the newest build in it, so that it need not be loaded again here.

        Raises:
            NotConfirmedError: a host has not followed in time; it will follow later.
        """
        worker = self._host.worker(project_id)
        if worker is not None and loaded is not None:
            worker.builds.cache.keep(loaded)
        if not self._waiting.confirm(project_id, deployment.revision, self._timeout):
            raise NotConfirmedError(
                f"the change of project {project_id} is stored, but a host has not taken it over within "
                f"{self._timeout:g} s; it will, and the same call tells when"
            )
        return self._waiting.tell_given_up(project_id, deployment.revision)

    def go_live_with_triggers(
        self, project_id: str, deployment: Deployment, loaded: ProjectBuild | None = None
    ) -> LiveVersions:
        """Do as `go_live` does after a change of the active versions, and have the triggers of drawings follow as well.

        Raises:
            NotConfirmedError: a host has not followed in time; it will follow later, and so will the triggers.
        """
        given_up = self.go_live(project_id, deployment, loaded)
        return LiveVersions(given_up, self._triggers.follow(project_id))

    def promote(self, project_id: str) -> CurrentBuild:
        """Make the build that is being tried the current one.

        Raises:
            NotFoundError: there is no such project.
            ConflictError: no build is being tried.
            PublishConflictError: another call was faster.
            NotConfirmedError: it is promoted, and a host has not taken it over in time.
        """
        project = self._store.projects.get(project_id)
        ramp = project.deployment.ramp
        if ramp is None:
            raise ConflictError(f"project {project_id} is not trying a build; publish one with ramp", code="no_ramp")
        return self._make_current(
            project,
            self._store.builds.named(project, ramp.build),
            DeploymentEventKind.PROMOTED,
            "the ramp was promoted",
        )

    def roll_back(self, project_id: str, build_id: BuildId | None) -> CurrentBuild:
        """End the ramp that is under way, or go back to a build that was current.

        Args:
            project_id: which project.
            build_id: of the build to go back to; the one before the current one where it is not given.

        Raises:
            NotFoundError: there is no such project or build.
            ConflictError: there is nothing to go back to, the build was never current, or the project's code is not
                from the database.
            PublishConflictError: another call was faster.
            NotConfirmedError: it is done, and a host has not taken it over in time.
        """
        project = self._store.projects.get(project_id)
        build_id = self.resolve(project, build_id) if build_id else None
        current = project.current_build
        if project.deployment.ramp is not None and current is not None and build_id in (None, current):
            given_up = self.go_live(project_id, self.end_ramp(project, "the ramp was rolled back"))
            return CurrentBuild(current, unconfirmed_hosts=given_up)
        target = build_id or self._store.deployments.previous(project_id, project.current_build)
        if target is None:
            raise ConflictError(f"project {project_id} has had no other build yet", code="nothing_to_roll_back_to")
        summary = self._store.builds.named(project, target)
        if target == project.current_build:
            return CurrentBuild(target, has_changed=False)
        if not self._store.deployments.was_current(project_id, target):
            raise ConflictError(
                f"build {target} has never been the current build of project {project_id}; publish its code instead",
                code="never_current",
            )
        return self._make_current(
            project, summary, DeploymentEventKind.ROLLED_BACK, f"build {project.current_build} was rolled back"
        )

    def end_ramp(self, project: Project, reason: str) -> Deployment:
        """Write that the ramp that is under way has ended, and return the deployment; the hosts follow by themselves.

        Raises:
            PublishConflictError: another call was faster.
        """
        ramp = project.deployment.ramp
        change = DeploymentChange(
            project.id,
            expected=project.deployment,
            current=project.current_build,
            kind=DeploymentEventKind.ROLLED_BACK,
            message=reason,
            build=self._store.builds.get(project.id, ramp.build) if ramp else None,
        )
        deployment = self._store.deployments.change(change)
        fields = {"project": project.id, "build": ramp.build if ramp else None}
        log.info("project %s: its ramp has ended: %s", project.id, reason, extra=fields)
        return deployment

    def resolve(self, project: Project, build: BuildId) -> BuildId:
        """Return the id of a build that is named by its id or as `current`.

        Raises:
            NotFoundError: the project has no such build.
        """
        if build == CURRENT and project.current_build:
            return project.current_build
        return self._store.builds.named(project, build).id

    def _make_current(
        self, project: Project, summary: BuildSummary, kind: DeploymentEventKind, message: str
    ) -> CurrentBuild:
        refuse_foreign_code(project, self._builder.find_code(project))
        if not summary.versions:
            raise ConflictError(
                f"it is not known which versions build {summary.id} was made of; activate them by name",
                code="versions_unknown",
            )
        change = DeploymentChange(
            project.id,
            expected=project.deployment,
            current=summary.id,
            kind=kind,
            message=message,
            build=summary,
            codes=self._codes(summary),
            others_rest=True,
        )
        deployment = self._store.deployments.change(change)
        fields = {"project": project.id, "build": summary.id, "former_build": project.current_build}
        log.info("project %s: build %s is current: %s", project.id, summary.id, message, extra=fields)
        live = self.go_live_with_triggers(project.id, deployment)
        return CurrentBuild(
            summary.id, unconfirmed_hosts=live.unconfirmed_hosts, trigger_warnings=live.trigger_warnings
        )

    def _codes(self, summary: BuildSummary) -> tuple[WorkflowCode, ...]:
        """Return the code that a build was made of: as it is stored, since a build does not say which of its workflows
        brought the modules of the whole project; as the build has it where that is another."""
        of_build = stored_code(summary)
        stored = (self._store.workflows.code(summary.project_id, each.name, each.version) for each in of_build)
        codes = tuple(found or each for found, each in zip(stored, of_build, strict=True))
        with contextlib.suppress(BuildRefusedError):
            if make_build(summary.project_id, ProjectCode(codes, DatabaseLoader.name)).id == summary.id:
                return codes
        return of_build


def refuse_foreign_code(project: Project, code: ProjectCode | None) -> None:
    """Raise ConflictError where the project's code comes from another loader than the database."""
    if code is not None and code.loader != DatabaseLoader.name:
        raise ConflictError(
            f"the code of project {project.id} comes from the code loader {code.loader}; change it there",
            code="code_not_in_database",
        )
