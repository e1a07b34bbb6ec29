"""gunicorn in front of the control API: a master that supervises, and one host in each worker process."""

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from gunicorn.app.base import BaseApplication

from workerhost.api.app import create_app
from workerhost.processes import die_with_parent
from workerhost.runtime.service import Service, stop_and_leave
from workerhost.settings import Settings

log = logging.getLogger(__name__)

EXTRA_SECONDS = 20
"""How much longer than a drain gunicorn's master waits before it kills a process that is to end."""


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
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's configuration, which comes from our settings alone."""
        if self._dies_with_parent:
            die_with_parent()
        options: dict[str, Any] = {
            "bind": f"{self._settings.bind}:{self._settings.port}",
            "workers": self._settings.workers,
            "timeout": self._settings.hang_timeout,
            "worker_class": "gthread",
            "threads": self._settings.api_threads,
            "graceful_timeout": int(self._settings.hand_over_timeout + self._settings.drain_timeout) + EXTRA_SECONDS,
            "keepalive": 75,
            "control_socket_disable": True,
            "proc_name": "workerhost",
            "loglevel": "warning",
            "post_fork": lambda _server, _worker: die_with_parent() if self._dies_with_parent else None,
            "worker_exit": lambda _server, _worker: self._stop_service(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make this process's service and application; gunicorn calls this after the fork."""
        self._service = Service(self._settings)
        for package in self._service.plugins.packages():
            logging.getLogger(package).setLevel(self._settings.log_level)
        app = create_app(self._service)
        self._service.start()
        _before_signal(signal.SIGTERM, self._begin_stop)
        return app

    def _begin_stop(self) -> None:
        """Drain the workers while requests that are under way end, not after them."""
        threading.Thread(target=self._stop_service, name="workerhost-stop", daemon=True).start()

    def _stop_service(self) -> None:
        if self._service is None:
            return
        if threading.current_thread() is threading.main_thread():
            stop_and_leave(self._service)
        else:
            self._service.stop()


def _before_signal(number: signal.Signals, action: Callable[[], None]) -> None:
    """Do `action` when the signal comes, and then what was done before."""
    previous = signal.getsignal(number)

    def handle(received: int, frame: FrameType | None) -> None:
        action()
        if callable(previous):
            previous(received, frame)

    signal.signal(number, handle)
