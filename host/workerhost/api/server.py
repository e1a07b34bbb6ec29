"""gunicorn in front of the control API: a master that supervises, and one host in each worker process."""

import logging
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from workerhost.api.app import create_app
from workerhost.api.serving.limits import ConnectionLimits
from workerhost.api.serving.worker import worker_class
from workerhost.processes import die_with_parent
from workerhost.runtime.builds.running_activities import RunningActivities, RunningActivity, note_death
from workerhost.runtime.service import Service, stop_and_leave
from workerhost.runtime.temporal.core_log import set_up_sdk_log
from workerhost.settings import Settings
from workerhost.words import HostId

log = logging.getLogger(__name__)

EXTRA_SECONDS = 20
"""How much longer than a drain gunicorn's master waits before it kills a process that is to end."""


class _Master(Arbiter):
    """Ends with its first host that cannot start, which says so with an exit code.

    gunicorn's own codes, 3 and 4, are what code of a project that runs in a host may well end it with.
    """

    WORKER_BOOT_ERROR, APP_LOAD_ERROR = 113, 114

    def halt(self, reason: str | None = None, exit_status: int = 0) -> None:
        """End the service, with 1 where a host could not start."""
        super().halt(reason, 1 if exit_status else 0)


class ControlServer(BaseApplication):
    """Serves the control API; `run` blocks until a signal ends it and then exits the process.

    Each worker process makes its `Service` after the fork: neither Temporal's runtime nor its threads survive one.

    Args:
        settings: of this process and its children.
        dies_with_parent: whether the processes end at once when the one that started this one is gone.
    """

    def __init__(self, settings: Settings, *, dies_with_parent: bool = False) -> None:
        self._settings = settings
        self._dies_with_parent = dies_with_parent
        self._service: Service | None = None
        self._metrics_folder: Path | None = None
        """Where the hosts tell each other their metrics: nobody else may look into it."""
        self._reloads = multiprocessing.Value("i", 0)
        """How often the master has begun to replace its hosts; all processes see it."""
        self._reloads_at_start = 0
        self._has_drained = threading.Event()
        self._running_activities = RunningActivities()
        """Of the process that is forked next; in that process, its own."""
        self._deaths: list[tuple[HostId, list[RunningActivity]]] = []
        """Hosts that died since the last fork."""
        self._deaths_to_note: list[tuple[HostId, list[RunningActivity]]] = []
        """Those that had died before it, which the process that was forked writes down."""
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's configuration, which comes from our settings alone."""
        if self._dies_with_parent:
            die_with_parent()
        options: dict[str, Any] = {
            "bind": f"{self._settings.bind}:{self._settings.port}",
            "workers": self._settings.workers,
            "timeout": self._settings.hang_timeout,
            "worker_class": worker_class(_limits(self._settings), self._settings.api_waiting_calls),
            "threads": self._settings.api_threads,
            "graceful_timeout": int(self._settings.hand_over_timeout + self._settings.drain_timeout) + EXTRA_SECONDS,
            "control_socket_disable": True,
            "proc_name": "workerhost",
            "loglevel": "warning",
            "pre_fork": lambda _server, worker: self._prepare_fork(worker),
            "post_fork": lambda _server, _worker: die_with_parent() if self._dies_with_parent else None,
            "child_exit": lambda _server, worker: self._look_back(worker),
            "on_exit": lambda _server: self._remove_metrics_folder(),
            "on_reload": lambda _server: self._note_reload(),
            "worker_exit": lambda _server, _worker: self._stop_service(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until a signal ends it; never returns.

        Raises:
            SystemExit: with 0, or 1 where no host could start.
        """
        if self._settings.metrics:
            self._metrics_folder = Path(tempfile.mkdtemp(prefix="workerhost-metrics-"))
        try:
            _Master(self).run()
        except RuntimeError as error:
            sys.exit(f"Error: {error}")

    def load(self) -> Any:
        """Make this process's service and application; gunicorn calls this after the fork."""
        self._reloads_at_start = self._reloads.value
        set_up_sdk_log(with_metrics=self._settings.metrics)
        self._service = Service(self._settings, running_activities=self._running_activities)
        if self._metrics_folder is not None:
            self._service.observation.metrics.join(self._metrics_folder)
        for package in self._service.plugins.packages():
            logging.getLogger(package).setLevel(self._settings.log_level)
        app = create_app(self._service)
        for host_id, activities in self._deaths_to_note:
            note_death(self._service.store, host_id, activities)
        self._service.start()
        log.info("the control API listens on http://%s:%d", _shown(self._settings.bind), self._settings.port)
        self._drain_first(signal.SIGTERM)
        return app

    def _prepare_fork(self, worker: Any) -> None:
        self._running_activities = worker.running_activities = RunningActivities()
        self._deaths_to_note, self._deaths = self._deaths, []

    def _look_back(self, worker: Any) -> None:
        """Say which activities ran when a host died. Called in the master, when one of its processes has ended."""
        running: RunningActivities = worker.running_activities
        if activities := running.all():
            names = "; ".join(str(each) for each in activities)
            log.warning("host %s died while it ran: %s", running.host_id, names)
            self._deaths.append((HostId(running.host_id), activities))

    def _stop_service(self) -> None:
        for number in (signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)  # it is about to end, and must not be disturbed in it
        self._running_activities.close()  # it ends as it should
        if self._service is not None:
            stop_and_leave(self._service)

    def _drain_first(self, number: signal.Signals) -> None:
        """Have the signal drain the service, and do what it did before only when that has ended.

        Until then gunicorn goes on: requests are answered, by a host whose projects go elsewhere, and the master sees
        that this process lives, however long the drain takes.
        """
        end_process = signal.getsignal(number)
        draining = threading.Thread(target=self._drain_and_signal, args=[number], name="workerhost-drain", daemon=True)

        def handle(received: int, frame: FrameType | None) -> None:
            if draining.ident is None:
                draining.start()
            elif self._has_drained.is_set() and callable(end_process):
                end_process(received, frame)

        signal.signal(number, handle)

    def _drain_and_signal(self, number: signal.Signals) -> None:
        try:
            if self._service is not None:
                self._service.drain(is_replaced=self._reloads.value > self._reloads_at_start)
        except Exception:
            log.exception("the host ends before it has drained")
        finally:
            self._has_drained.set()
            os.kill(os.getpid(), number)

    def _remove_metrics_folder(self) -> None:
        if self._metrics_folder is not None:
            shutil.rmtree(self._metrics_folder, ignore_errors=True)

    def _note_reload(self) -> None:
        with self._reloads.get_lock():
            self._reloads.value += 1


def _shown(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _limits(settings: Settings) -> ConnectionLimits:
    return ConnectionLimits(
        connections=settings.api_connections,
        head_seconds=settings.api_head_timeout,
        body_seconds=settings.api_body_timeout,
    )
