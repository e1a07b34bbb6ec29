"""The processes of all projects of a host."""

import threading
from typing import Any
from weakref import WeakSet, WeakValueDictionary

from workerhost.code.project_process.setup import Setup
from workerhost.code.sealing.seal import Limits
from workerhost.model import Project
from workerhost.observed import LogLevel
from workerhost.project_settings import ProjectSettings
from workerhost.runtime.capture.project_log import ProjectLog
from workerhost.runtime.egress.policy import NetworkPolicy
from workerhost.runtime.processes.deaths import Deaths
from workerhost.runtime.processes.forking import END_SECONDS
from workerhost.runtime.processes.permissions import Permissions
from workerhost.runtime.processes.project_processes import ProcessesContext, ProjectProcesses
from workerhost.settings import Settings

OPEN_FILES, PROCESSES = 1024, 256
"""How many files a project process may keep open, and how many processes and threads it may have."""


class ProcessTable:
    """Project processes by project id, for as long as something refers to them. Safe to use from any thread.

    Args:
        context: what all of them share.
        settings: of the host.
        connect_options: how its clients connect: the namespace, and the data converter.
    """

    def __init__(self, context: ProcessesContext, settings: Settings, connect_options: dict[str, Any]) -> None:
        self._context = context
        self._settings = settings
        self._namespace = connect_options.get("namespace", "default")
        self._data_converter = connect_options["data_converter"]
        self._lock = threading.Lock()
        self._known: WeakValueDictionary[str, ProjectProcesses] = WeakValueDictionary()
        self._apart: WeakSet[ProjectProcesses] = WeakSet()

    def of(self, project: Project, limits: ProjectSettings) -> ProjectProcesses:
        """Return the processes that run the project's code, as its worker has configured them; none need be there yet.

        Args:
            project: whose they are.
            limits: of the project, with those of the host where it leaves them out.
        """
        with self._lock:
            known = self._known.get(project.id)
            if known is None:
                known = self._known[project.id] = self._make(project, limits, Deaths(), limits.processes or 1)
                known.permissions = self._permissions(project, limits)
            return known

    def configure(self, project: Project, limits: ProjectSettings) -> ProjectProcesses:
        """Have a project's processes be as its settings are now, and return them."""
        known = self.of(project, limits)
        setup = self._setup(project, limits)
        known.configure(setup, self._limits(limits), self._policy(limits), limits.processes or 1)
        known.permissions = self._permissions(project, limits)
        known.log.configure(limits)
        return known

    def apart(self, project: Project, limits: ProjectSettings) -> ProjectProcesses:
        """Return a process for a project's code that shares nothing with those that run it."""
        made = self._make(project, limits, Deaths(has_delays=False), 1)
        with self._lock:
            self._apart.add(made)
        return made

    def _make(self, project: Project, limits: ProjectSettings, deaths: Deaths, most: int) -> ProjectProcesses:
        setup, log = self._setup(project, limits), ProjectLog(project.id, self._context.take_line, limits)
        return ProjectProcesses(setup, self._context, self._limits(limits), self._policy(limits), most, deaths, log)

    def _setup(self, project: Project, limits: ProjectSettings) -> Setup:
        return Setup(
            project_id=project.id,
            namespace=self._namespace,
            task_queue=project.task_queue,
            passthrough=self._context.passthrough,
            data_converter=self._data_converter,
            workflow_threads=limits.max_concurrent_workflow_tasks or 2,
            activity_threads=limits.max_concurrent_activities or 1,
            activity_seconds=limits.activity_cpu_seconds or self._settings.activity_cpu,
            log_level=limits.log_level or LogLevel.INFO,
        )

    def end_idle(self) -> None:
        """End the processes that had nothing to do for long."""
        for each in list(self._known.values()):
            each.end_idle()

    def end_stuck(self) -> None:
        """Kill the processes whose workflow code does not yield."""
        with self._lock:
            all_of_them = [*self._known.values(), *self._apart]
        for each in all_of_them:
            each.end_stuck()

    def end_all(self) -> None:
        """Kill all processes, and wait until nothing is left of them."""
        for process in [process for each in list(self._known.values()) for process in each.end()]:
            process.join(END_SECONDS)

    def troubles(self) -> dict[str, Exception | None]:
        """Return what is to be said of each project that has processes here; None where nothing is."""
        return {project_id: each.deaths.trouble() for project_id, each in list(self._known.items())}

    def _policy(self, limits: ProjectSettings) -> NetworkPolicy | None:
        if limits.network == "none":
            return None
        hosts = limits.network if isinstance(limits.network, tuple) else None
        context = self._context
        return NetworkPolicy(hosts, context.open_networks, context.own_services, context.host_addresses)

    def _permissions(self, project: Project, limits: ProjectSettings) -> Permissions | None:
        if limits.other_task_queues == "all":
            return None
        return Permissions(
            project_id=project.id,
            namespace=self._namespace,
            task_queue=project.task_queue,
            others=frozenset(limits.other_task_queues or ()),
            runs_of=self._context.runs_of,
        )

    def _limits(self, limits: ProjectSettings) -> Limits:
        memory = limits.memory_mb or self._settings.process_memory
        files = self._settings.process_files * 1024**2
        return Limits(memory=memory * 1024**2, file_size=files, files=files, open_files=OPEN_FILES, processes=PROCESSES)
