"""Making builds ready to run, where their project's settings say: in this process, or in one of its own."""

import contextlib
import logging
from collections.abc import Iterator, Sequence

from workerhost.code.build import stored_build
from workerhost.code.loading import load_build
from workerhost.errors import StoreUnavailableError, WorkerFailedError, WorkerhostError
from workerhost.model import BuildSummary, Project
from workerhost.project_settings import ProjectSettings
from workerhost.runtime.builds.limits import project_limits
from workerhost.runtime.builds.ready_build import ProjectBuild, RemoteBuild
from workerhost.runtime.processes.project_processes import ProjectProcesses
from workerhost.runtime.processes.questions import NoAnswerError, ProcessEndedError
from workerhost.runtime.processes.slot import NotReadyYetError
from workerhost.runtime.processes.table import ProcessTable
from workerhost.settings import Settings
from workerhost.store import Store
from workerhost.store.workers import HostDeath
from workerhost.words import BuildId, Isolation

log = logging.getLogger(__name__)


MOST_HOST_DEATHS = 3
"""Within an hour, while activities of a project ran: after that many its code does not run in hosts any more."""


class BuildLoader:
    """Loads builds that passed their checks. Safe to use from any thread; every call may block.

    Args:
        store: where builds are kept by id.
        settings: of the host.
        passthrough: packages that Temporal's sandbox takes from this process.
        processes: of all projects.
    """

    def __init__(self, store: Store, settings: Settings, passthrough: Sequence[str], processes: ProcessTable) -> None:
        self._store = store
        self._settings = settings
        self._passthrough = passthrough
        self._processes = processes
        self._apart: dict[str, bool] = {}
        """Whether a project whose code would run in this process does not, as hosts have died with it."""

    def runs_apart(self, project: Project, deaths: Sequence[HostDeath]) -> bool:
        """Tell whether a project's code has processes of its own because of the hosts that died with it.

        Args:
            project: whose settings may have it run in the host.
            deaths: of hosts, within the last hour, while its activities ran.
        """
        try:
            is_for_host = project_limits(project, self._settings).isolation == Isolation.THREAD
        except WorkerFailedError:
            return False
        return is_for_host and sum(each.is_alone for each in deaths) >= MOST_HOST_DEATHS

    def configured(self, project: Project) -> ProjectProcesses | None:
        """Return the project's processes, as its settings are now; None where its code is to be in this process.

        Raises:
            WorkerFailedError: the project's settings are not valid, or ask for what is not allowed here.
        """
        limits = self._limits(project, is_new=True)
        return self._processes.configure(project, limits) if limits.isolation == Isolation.PROCESS else None

    def load(self, project: Project, summary: BuildSummary) -> ProjectBuild:
        """Make a build that passed its checks ready to run.

        Raises:
            BuildRefusedError: it does not load here all the same.
            WorkerFailedError: the project's settings are not valid, or ask for what is not allowed here.
        """
        limits = self._limits(project)
        if limits.isolation != Isolation.PROCESS:
            return self._import(summary)
        return RemoteBuild(summary, self._processes.of(project, limits))

    def try_load(self, project: Project, summary: BuildSummary) -> ProjectBuild | None:
        """Make a build ready as `load` does; None where the project's settings are not valid, as its worker will say.

        Raises:
            BuildRefusedError: it does not load here.
        """
        try:
            self._limits(project, is_new=True)  # a start follows
            return self.load(project, summary)
        except WorkerFailedError:
            return None

    def fetch(self, project: Project, build_id: BuildId) -> ProjectBuild | None:
        """Make a stored build ready by its id, or return None where there is none.

        Raises:
            StoreUnavailableError: the database does not answer.
            BuildRefusedError: it does not load here.
            WorkerFailedError: the project's settings are not valid, or ask for what is not allowed here.
        """
        summary = self._store.builds.get(project.id, build_id)
        return None if summary is None else self.load(project, summary)

    @contextlib.contextmanager
    def loaded_apart(self, project: Project, summary: BuildSummary) -> Iterator[ProjectBuild]:
        """Have a build at hand that shares nothing with what runs, until the block ends.

        Raises:
            WorkerhostError: there is no process for it.
            BuildRefusedError: it does not load here.
            WorkerFailedError: the project's settings are not valid, or ask for what is not allowed here.
        """
        limits = self._limits(project)
        if limits.isolation != Isolation.PROCESS:
            yield self._import(summary)
            return
        processes = self._processes.apart(project, limits)
        try:
            processes.prepare(stored_build(summary))
            yield RemoteBuild(summary, processes)
        except (NotReadyYetError, NoAnswerError, ProcessEndedError) as error:
            raise WorkerhostError(f"build {summary.id} of project {project.id} has no process: {error}") from error
        finally:
            processes.end()

    def _limits(self, project: Project, *, is_new: bool = False) -> ProjectSettings:
        """Return what the project may take and where its code runs; ask the database anew where a worker begins."""
        limits = project_limits(project, self._settings)
        if limits.isolation != Isolation.THREAD:
            return limits
        if is_new or project.id not in self._apart:
            self._learn_of_deaths(project)
        if not self._apart.get(project.id):
            return limits
        # It was allowed all that a host may, and goes on with as much of that as there is.
        return limits.model_copy(update={"isolation": Isolation.PROCESS, "other_task_queues": "all"})

    def _learn_of_deaths(self, project: Project) -> None:
        try:
            deaths = self._store.workers.host_deaths(project.id)
        except StoreUnavailableError:  # it is where it was until that is known
            return
        is_apart = self.runs_apart(project, deaths)
        if is_apart and not self._apart.get(project.id):
            log.warning(
                "project %s runs in a process of its own: %d hosts died in the last hour while its activities ran",
                project.id,
                len(deaths),
            )
        self._apart[project.id] = is_apart

    def _import(self, summary: BuildSummary) -> ProjectBuild:
        return load_build(stored_build(summary), self._passthrough)
