"""One host process, assembled: store, plugins, checks, host, jobs and the way to Temporal."""

import logging
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from workerhost.code.checker import BuildChecker
from workerhost.code.loading import host_passthrough
from workerhost.code.sealing.survey import require, survey
from workerhost.code.warm_process import WarmProcess
from workerhost.default_plugins import load_plugins
from workerhost.processes import allow_open_files
from workerhost.runtime.builds.activation_executor import ActivationExecutor
from workerhost.runtime.builds.active_code import ActiveCode
from workerhost.runtime.builds.builder import Builder
from workerhost.runtime.builds.context import BuildsContext
from workerhost.runtime.builds.loader import BuildLoader
from workerhost.runtime.builds.running_activities import RunningActivities
from workerhost.runtime.catalogue import build_catalogue
from workerhost.runtime.deployments.build_mover import BuildMover
from workerhost.runtime.deployments.deployer import Deployer
from workerhost.runtime.deployments.mover import Mover
from workerhost.runtime.deployments.publisher import Publisher
from workerhost.runtime.deployments.ramp_watcher import RampWatcher
from workerhost.runtime.deployments.replay_check import ReplayChecker
from workerhost.runtime.deployments.resetter import Resetter
from workerhost.runtime.deployments.smoke import SmokeRunner
from workerhost.runtime.deployments.tidying import BuildTidier
from workerhost.runtime.deployments.view import DeploymentViewer
from workerhost.runtime.drawings.compiler import make_compiler
from workerhost.runtime.egress.proxy import EgressProxy
from workerhost.runtime.executions.open_runs import OpenRunCounter
from workerhost.runtime.executions.replay import HistoryReplay
from workerhost.runtime.executions.resetting.resets import Resets
from workerhost.runtime.executions.visibility import Visibility
from workerhost.runtime.garbage import GarbageFreezer
from workerhost.runtime.hosts.announcement_listener import AnnouncementListener
from workerhost.runtime.hosts.deployment_follower import DeploymentFollower
from workerhost.runtime.hosts.host import Host
from workerhost.runtime.hosts.jobs import Job, Jobs
from workerhost.runtime.hosts.membership import Membership
from workerhost.runtime.hosts.project_commands import ProjectCommands
from workerhost.runtime.hosts.project_pauses import ProjectPauses
from workerhost.runtime.hosts.reconciler import Reconciler
from workerhost.runtime.hosts.replacement_check import ReplacementCheck
from workerhost.runtime.hosts.start_line import log_start
from workerhost.runtime.hosts.temporal_watch import LOOK_SECONDS as TEMPORAL_SECONDS
from workerhost.runtime.hosts.temporal_watch import TemporalWatch
from workerhost.runtime.hosts.worker_rows import WorkerRows
from workerhost.runtime.hosts.worker_table import WorkerTable
from workerhost.runtime.hosts.worker_waiting import WorkerWaiting
from workerhost.runtime.observation import Observation
from workerhost.runtime.processes.making import make_process_table
from workerhost.runtime.runs import Runs, RunsContext
from workerhost.runtime.schedules.operations import Schedules
from workerhost.runtime.sources.published import PublishedCode
from workerhost.runtime.temporal.connection import TemporalConnection, connect_options
from workerhost.runtime.triggers.operations import LEFT_SECONDS, Triggers
from workerhost.runtime.types.build_types import TypesOfBuilds
from workerhost.runtime.workers.context import WorkerContext
from workerhost.runtime.workers.loop_watch import LIFE_SECONDS
from workerhost.settings import Settings
from workerhost.store import Store

log = logging.getLogger(__name__)

RAMPS_SECONDS, MOVES_SECONDS = 1.0, 10.0
PROCESSES_SECONDS, STUCK_SECONDS, GARBAGE_SECONDS = 2.0, 1.0, 300.0
"""How often ramps are judged and moves of dead hosts taken over; project processes looked after, stuck ones ended, and
old objects looked at, which hold memory."""

BLOCKING_THREADS = 8
"""Threads for queries of all project workers of a host; few are needed at once, as heartbeats are the host's."""


class Service:
    """Everything of one host process. Made, started and stopped in the main thread.

    Each part names in its own docstring the threads that may use it.

    Args:
        settings: of this process.
        plugins: names and objects of plugins beside those that are built in or installed.
        warm_process: where builds are checked; the caller's to stop. None for one of the service's own.
        running_activities: where it is written down which activities run; None for one that nobody reads.
    """

    def __init__(
        self,
        settings: Settings,
        plugins: Iterable[tuple[str, object]] = (),
        warm_process: WarmProcess | None = None,
        running_activities: RunningActivities | None = None,
    ) -> None:
        self.settings = settings
        self.store = Store(settings.database_url, settings.database_connections)
        self.plugins = load_plugins(settings, self.store, plugins)
        self.catalogue = build_catalogue(self.plugins)
        self._plugin_activities = {name: entry.activity for name, entry in self.catalogue.items()}
        self.temporal = TemporalConnection(connect_options(settings.payload_limit))
        passthrough = host_passthrough(self.plugins.packages())
        self._running_activities = running_activities or RunningActivities()
        self._warm_process = warm_process or WarmProcess(self.plugins.code_modules())
        self._owns_warm_process = warm_process is None
        checks = BuildChecker(self._warm_process, settings.check_timeout, passthrough)
        self._executors = (
            ActivationExecutor(settings.workflow_task_threads, thread_name_prefix="workflow-task"),
            ThreadPoolExecutor(BLOCKING_THREADS, thread_name_prefix="blocking"),
        )
        self._proxy = EgressProxy()
        self.observation = Observation(settings, self.store, self.temporal, passthrough)
        self._processes = make_process_table(
            settings,
            self.store,
            self.temporal,
            self._warm_process,
            self._proxy,
            passthrough,
            self.observation.observers,
            self.observation.logs.take,
        )
        types = TypesOfBuilds(self.store, checks)
        builder = Builder(self.store, self.plugins, checks, make_compiler(self.plugins, self.catalogue, types, checks))
        loader = BuildLoader(self.store, settings, passthrough, self._processes)
        self._executors[1].submit(survey)  # where no other process has done it for this one, beside what follows
        active_code = ActiveCode(self.store, builder)
        self.host = self._make_host(active_code, loader)
        waiting = WorkerWaiting(self.store, self.host, self.temporal)
        self.schedules = Schedules(self.temporal, self.store)
        self.triggers = Triggers(self.store, self.schedules)
        self.project_commands = ProjectCommands(self.store, active_code, loader, self.host, waiting, self.schedules)
        self.project_pauses = ProjectPauses(self.store, self.host, waiting)
        self.deployer = Deployer(self.store, builder, self.host, waiting, self.triggers, settings.start_timeout)
        replay = HistoryReplay(self.temporal.options, loader, self.plugins, settings)
        self.resetter = Resetter(self.store, self.deployer, Resets(self.temporal), replay)
        self.runs = Runs(
            RunsContext(
                settings=settings,
                store=self.store,
                temporal=self.temporal,
                types=types,
                active_code=active_code,
                host_id=self.host.id,
                status=self.project_commands.status,
                resetter=self.resetter,
                known_webhooks=self.triggers.known_webhooks,
            )
        )
        smoke_runner = SmokeRunner(self.store, self.runs.starts, self.runs.executions, self.runs.argument_checker)
        self.publisher = Publisher(
            self.store, builder, loader, self.deployer, smoke_runner, self.triggers, self.observation.observers
        )
        self.published_code = PublishedCode(self.store)
        visibility = Visibility(self.temporal)
        self.replay_checker = ReplayChecker(self.publisher, visibility, replay)
        self.deployment_viewer = DeploymentViewer(self.store, OpenRunCounter(self.temporal))
        self.mover = Mover(self.store, self.deployer, self.runs.executions, replay)
        self.build_mover = BuildMover(self.store, self.deployer, visibility, replay, self.host.id)
        self.tidier = BuildTidier(self.store, visibility, self.host)
        self._garbage_freezer = GarbageFreezer()
        self._jobs = Jobs(self.host, self.store, settings, self._more_jobs())
        self._listener = AnnouncementListener(self.store, self.host)
        self._stopping = threading.Lock()
        self._ended: bool | None = None

    def start(self) -> None:
        """Start the host and its jobs; the projects that should run follow by themselves.

        Raises:
            ConfigurationError: the machine does not give what the settings require to seal code with.
        """
        require(self.settings.require_isolation, survey())
        allow_open_files()  # each project process takes five
        self._warm_process.start()
        self._proxy.start()
        self.observation.start(self.host)
        self.host.start()
        self._jobs.start()
        self._listener.start()
        self._garbage_freezer.start()
        log_start(self.settings, self.host.id, self.store, self.temporal, self.plugins)

    def drain(self, *, is_replaced: bool = False) -> bool:
        """Hand over and drain all workers; tell whether all ended in time. The control API can go on answering.

        May be called from any thread, and again: a second call waits for the first one's end.

        Args:
            is_replaced: whether other hosts are on their way to take the projects over.
        """
        with self._stopping:
            if self._ended is None:
                self.store.database.hurry()
                self.build_mover.stop()
                self.runs.batch_runner.stop()
                self._listener.stop()
                self._ended = self.host.stop(is_replaced=is_replaced)
                self.observation.end_long_jobs()
                self._jobs.stop()
                self.runs.watches.stop()
                self.observation.let_followers_go()
            return self._ended

    def stop(self) -> bool:
        """Drain all workers and end every thread; tell whether all ended in time. May be called again."""
        ended = self.drain()
        self._processes.end_all()
        self.observation.stop()
        self._proxy.stop()
        if self._owns_warm_process:
            self._warm_process.stop()
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

    def _make_host(self, active_code: ActiveCode, loader: BuildLoader) -> Host:
        workflow_tasks, blocking = self._executors
        membership = Membership(self.store, self.settings, self.plugins, self.observation.observers)
        self._running_activities.note_host(membership.me.id)
        context = WorkerContext(
            settings=self.settings,
            plugins=self.plugins,
            connect_options=self.temporal.options,
            plugin_activities=self._plugin_activities,
            active_code=active_code,
            loader=loader,
            workflow_task_executor=workflow_tasks,
            blocking_executor=blocking,
            running_activities=self._running_activities,
            observer=self.observation.observers,
            take_line=self.observation.logs.take,
            start_slots=threading.BoundedSemaphore(self.settings.concurrent_starts),
        )
        builds = BuildsContext(
            store=self.store,
            loader=loader,
            executor=blocking,
            is_trusted=lambda: membership.trust.is_given,
            find_replacement=ReplacementCheck(
                self.temporal,
                lambda project_id: self.host.last_seen(project_id),  # noqa: PLW0108  the host is made of it
                lambda: membership.trust.lapsed_at,
            ).find,
            most_loaded=self.settings.max_loaded_builds,
            observer=self.observation.observers,
        )
        rows = WorkerRows(self.store, membership.me)
        workers = WorkerTable(context, builds, rows)
        reconciler = Reconciler(self.store, membership, workers, rows, DeploymentFollower(blocking), context.observer)
        return Host(self.settings, membership, workers, rows, reconciler)

    def _look_after_processes(self) -> None:
        """End project processes that are idle, and have workers say whose processes die again and again."""
        self._processes.end_idle()
        for project_id, error in self._processes.troubles().items():
            self.host.note_trouble(project_id, error)

    def _more_jobs(self) -> Iterator[Job]:
        """Yield what is done now and then beside the host's own jobs."""
        yield Job(RampWatcher(self.store, self.host, self.deployer).watch_ramps, RAMPS_SECONDS)
        yield Job(self.build_mover.take_over_moves, MOVES_SECONDS)
        yield from self.runs.jobs()
        yield from self.observation.jobs()
        yield from self.tidier.jobs()
        yield Job(self.triggers.follow_left, LEFT_SECONDS)
        yield Job(TemporalWatch(self.temporal, self.host).look, TEMPORAL_SECONDS)
        yield Job(self.host.look_for_life, LIFE_SECONDS)
        yield Job(self._look_after_processes, PROCESSES_SECONDS)
        yield Job(self._processes.end_stuck, STUCK_SECONDS)
        yield Job(self._garbage_freezer.unfreeze, GARBAGE_SECONDS, delay=GARBAGE_SECONDS)


def stop_and_leave(service: Service) -> None:
    """Stop the service from the main thread, and end the process even where a thread of an activity does not.

    Such a thread, which does not notice its cancellation, would keep the interpreter from ending.
    """
    if not service.stop():
        log.warning("some activities did not end in time and are left to Temporal's retries")
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)
