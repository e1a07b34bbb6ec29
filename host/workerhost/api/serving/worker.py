"""A worker process of gunicorn that serves the application with an event loop and threads."""

import asyncio
import contextlib
import logging
import os
import threading
import time
from types import FrameType
from typing import cast
from wsgiref.types import WSGIApplication

from gunicorn.workers.base import Worker

from workerhost.api.serving.call_server import CallServer
from workerhost.api.serving.call_threads import CallThreads
from workerhost.api.serving.limits import ConnectionLimits

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
"""How often the worker gives gunicorn's master a sign of life, and looks for connections that last too long."""

LAST_ANSWERS_SECONDS = 10.0
"""How long calls that are under way may take when the worker stops."""


class CallWorker(Worker):
    """Accepts connections in the main thread. gunicorn makes it before it forks, and calls `run` after that.

    Attributes:
        limits: of the connections.
        waiting_calls: most calls that wait at once, beside `threads` of gunicorn's settings that are worked on.
    """

    limits = ConnectionLimits()
    waiting_calls = 0
    _loop: asyncio.AbstractEventLoop | None = None

    def run(self) -> None:
        """Serve until the master or a signal ends it."""
        try:
            asyncio.run(self._serve())
        finally:
            self._loop = None  # a signal may come later

    def load_wsgi(self) -> None:
        """Make the application, and give the master signs of life for as long as that takes."""
        is_made = threading.Event()

        def notify() -> None:
            while not is_made.wait(LOOK_SECONDS):
                self.notify()

        threading.Thread(target=notify, name="api-start", daemon=True).start()
        try:
            super().load_wsgi()
        finally:
            is_made.set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop in good order. Called in the main thread, where the event loop may be waiting."""
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        self._loop = loop = asyncio.get_running_loop()
        threads = CallThreads(self.cfg.threads, self.waiting_calls)
        server = CallServer(
            cast("WSGIApplication", self.wsgi), threads, self.limits, is_one_of_many=self.cfg.workers > 1
        )
        listeners = [
            await loop.create_server(server.connect, sock=getattr(each, "sock", each), backlog=self.cfg.backlog)
            for each in self.sockets
        ]
        for each in listeners:
            _say_ready(each)
        while self.alive and self.ppid == os.getppid():
            self._look(server)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), LOOK_SECONDS)
        for listener in listeners:
            listener.close()
        await self._end(server)

    async def _end(self, server: CallServer) -> None:
        server.stop()
        deadline = time.monotonic() + LAST_ANSWERS_SECONDS
        while server.has_connections and time.monotonic() < deadline:
            self._look(server)
            await asyncio.sleep(LOOK_SECONDS / 5)
        server.abort()

    def _look(self, server: CallServer) -> None:
        self.notify()
        server.look()


def _say_ready(listener: asyncio.Server) -> None:
    host, port = listener.sockets[0].getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    log.info("the control API listens on %s, and this host is ready", url, extra={"address": url, "pid": os.getpid()})


def worker_class(limits: ConnectionLimits, waiting_calls: int) -> type[CallWorker]:
    """Return the class of workers for gunicorn, which makes them itself."""
    return type("HostWorker", (CallWorker,), {"limits": limits, "waiting_calls": waiting_calls})
