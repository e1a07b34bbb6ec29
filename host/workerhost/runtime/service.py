"""One host process, assembled: store, plugins, checker, host, jobs and the way to Temporal."""

import logging
import os
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from workerhost.code.checker import BuildChecker
from workerhost.code.loading import host_passthrough
from workerhost.default_plugins.database_loader import DatabaseLoader
from workerhost.default_plugins.directory_loader import DirectoryLoader
from workerhost.plugins import Plugins, create_plugins
from workerhost.runtime.builds.builder import Builder
from workerhost.runtime.builds.library import LibraryContext
from workerhost.runtime.catalogue import build_catalogue
from workerhost.runtime.deployments.deployer import Deployer
from workerhost.runtime.deployments.mover import Mover
from workerhost.runtime.deployments.publisher import Publisher
from workerhost.runtime.deployments.ramp_watcher import RampWatcher
from workerhost.runtime.deployments.replay_check import ReplayChecker
from workerhost.runtime.deployments.smoke import SmokeRunner
from workerhost.runtime.deployments.view import DeploymentViewer
from workerhost.runtime.executions.operations import Executions
from workerhost.runtime.executions.replay import HistoryReplay
from workerhost.runtime.executions.visibility import Visibility
from workerhost.runtime.hosts.announcement_listener import AnnouncementListener
from workerhost.runtime.hosts.deployment_follower import DeploymentFollower
from workerhost.runtime.hosts.garbage import GarbageFreezer
from workerhost.runtime.hosts.host import Host
from workerhost.runtime.hosts.jobs import Jobs
from workerhost.runtime.hosts.membership import Membership
from workerhost.runtime.hosts.project_commands import ProjectCommands
from workerhost.runtime.hosts.worker_rows import WorkerRows
from workerhost.runtime.temporal.connection import TemporalConnection, connect_options
from workerhost.runtime.workers.worker_loop import WorkerContext
from workerhost.settings import Settings
from workerhost.store import Store

log = logging.getLogger(__name__)

RAMPS_SECONDS, MOVES_SECONDS, DRAINS_SECONDS, TIDY_SECONDS = 1.0, 10.0, 60.0, 3600.0
"""How often ramps are judged, moves of hosts that are gone taken over, drained builds let go, and moved runs forgotten
that Temporal keeps no more."""

GARBAGE_SECONDS = 300.0
"""How often old objects are looked at again; until then memory that they hold is not free."""

BLOCKING_THREADS = 8
"""Threads for queries of all project workers of a host; few are needed at once, as heartbeats are the host's."""


class Service:
    """Everything of one host process. Made, started and stopped in the main thread; its parts say their own.

    Args:
        settings: of this process.
        plugins: names and objects of plugins beside those that are built in or installed.
    """

    def __init__(self, settings: Settings, plugins: Iterable[tuple[str, object]] = ()) -> None:
        self.settings = settings
        self.store = Store(settings.database_url, settings.database_connections)
        self.plugins = load_plugins(settings, self.store, plugins)
        self.catalogue = build_catalogue(self.plugins)
        self._plugin_activities = {name: entry.definition for name, entry in self.catalogue.items()}
        self.temporal = TemporalConnection(connect_options())
        self.executions = Executions(self.temporal)
        passthrough = host_passthrough(self.plugins.packages())
        self._checker = BuildChecker(settings.check_timeout, passthrough)
        builder = Builder(self.store, self.plugins, self._checker, passthrough)
        self._executors = (
            ThreadPoolExecutor(settings.workflow_task_threads, thread_name_prefix="workflow-task"),
            ThreadPoolExecutor(BLOCKING_THREADS, thread_name_prefix="blocking"),
        )
        membership = Membership(self.store, settings, self.plugins)
        rows = WorkerRows(self.store, membership.me)
        follower = DeploymentFollower(rows, self._executors[1])
        context = self._worker_context(builder, follower, membership)
        self.host = Host(self.store, context, membership, rows, follower)
        self.project_commands = ProjectCommands(self.store, builder, self.host, self.executions)
        self.deployer = Deployer(self.store, builder, self.host, self.project_commands, settings.start_timeout)
        smoke_runner = SmokeRunner(self.store, self.executions)
        self.publisher = Publisher(self.store, builder, self.deployer, smoke_runner)
        visibility = Visibility(self.temporal)
        replay = HistoryReplay(self.temporal.options, self.plugins, settings)
        self.replay_checker = ReplayChecker(self.publisher, visibility, replay)
        self.deployment_viewer = DeploymentViewer(self.store, visibility, self.host)
        self.mover = Mover(self.store, builder, self.deployer, self.executions, visibility, replay, self.host.id)
        ramps = RampWatcher(self.store, self.host, self.deployer)
        self._garbage_freezer = GarbageFreezer()
        jobs = (
            (ramps.watch_ramps, RAMPS_SECONDS),
            (self.mover.take_over_moves, MOVES_SECONDS),
            (self.deployment_viewer.drop_drained_builds, DRAINS_SECONDS),
            (self.deployment_viewer.forget_gone_runs, TIDY_SECONDS),
            (self._garbage_freezer.unfreeze, GARBAGE_SECONDS),
        )
        self._jobs = Jobs(self.host, self.store, settings, jobs)
        self._listener = AnnouncementListener(self.store, self.host)
        self._stopping = threading.Lock()
        self._ended: bool | None = None

    def start(self) -> None:
        """Start the host and its jobs; the projects that should run follow by themselves."""
        self._checker.start()
        self.host.start()
        self._jobs.start()
        self._listener.start()
        self._garbage_freezer.start()

    def drain(self, *, is_replaced: bool = False) -> bool:
        """Hand over and drain all workers; tell whether all ended in time. The control API can go on answering.

        May be called from any thread, and again: a second call waits for the first one's end.

        Args:
            is_replaced: whether other hosts are on their way to take the projects over.
        """
        with self._stopping:
            if self._ended is None:
                self.mover.stop()
                self._listener.stop()
                self._ended = self.host.stop(is_replaced=is_replaced)
                self._jobs.stop()
            return self._ended

    def stop(self) -> bool:
        """Drain all workers and end every thread; tell whether all ended in time. May be called again."""
        ended = self.drain()
        self._checker.stop()
        self.temporal.close()
        for executor in self._executors:
            executor.shutdown(wait=False, cancel_futures=True)
        self.store.close()
        self._garbage_freezer.stop()
        return ended

    def drop_disabled_plugins(self) -> None:
        """Take the activities of plugins that were disabled since the start out of the catalogue."""
        disabled = {report.name for report in self.plugins.reports() if report.error}
        for name in [name for name, entry in self.catalogue.items() if entry.plugin in disabled]:
            del self.catalogue[name]
            del self._plugin_activities[name]

    def _worker_context(self, builder: Builder, follower: DeploymentFollower, membership: Membership) -> WorkerContext:
        workflow_tasks, blocking = self._executors
        libraries = LibraryContext(
            builder, blocking, lambda: membership.is_trusted, most_loaded=self.settings.max_loaded_builds
        )
        return WorkerContext(
            settings=self.settings,
            plugins=self.plugins,
            connect_options=self.temporal.options,
            plugin_activities=self._plugin_activities,
            workflow_task_executor=workflow_tasks,
            blocking_executor=blocking,
            start_slots=threading.BoundedSemaphore(self.settings.concurrent_starts),
            prepare=lambda project: builder.load(builder.current(project)),
            take_over=follower.take_over,
            libraries=libraries,
        )


def stop_and_leave(service: Service) -> None:
    """Stop the service from the main thread, and end the process even where a thread of an activity does not.

    Such a thread, which does not notice its cancellation, would keep the interpreter from ending.
    """
    if not service.stop():
        log.warning("some activities did not end in time and are left to Temporal's retries")
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)


def load_plugins(settings: Settings, store: Store, more: Iterable[tuple[str, object]] = ()) -> Plugins:
    """Return the built-in code loaders, `more`, and every plugin that is installed."""
    return create_plugins(
        [
            (DatabaseLoader.name, DatabaseLoader(store)),
            (DirectoryLoader.name, DirectoryLoader(settings.projects_dir)),
            *more,
        ]
    )
