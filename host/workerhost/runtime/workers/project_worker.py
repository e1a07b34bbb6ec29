"""A project worker: one thread that serves one project, and tries again when it cannot."""

import asyncio
import contextlib
import logging
import threading
import time
import uuid
from datetime import UTC, datetime

from temporalio.worker import Worker

from workerhost.errors import (
    ProjectPutAsideError,
    StoreUnavailableError,
    TemporalUnavailableError,
    WorkerhostError,
    WorkerSilentError,
)
from workerhost.model import Project
from workerhost.runtime.builds.project_builds import ProjectBuilds
from workerhost.runtime.workers.context import WorkerContext
from workerhost.runtime.workers.loop_watch import SILENT_LOOKS, LoopWatch, loop_ended, loop_is_held
from workerhost.runtime.workers.worker_failures import forget, note_failure, note_polls
from workerhost.runtime.workers.worker_loop import run_to_end, serve
from workerhost.runtime.workers.worker_state import RetryDelays, WorkerRecorder, WorkerState
from workerhost.words import WorkerId, WorkerStatus

log = logging.getLogger(__name__)

SAVE_SECONDS = 2.0
"""How long a start waits for the worker's row; a database that is away must not keep it from running."""


class ProjectWorker:
    """Serves one project in a thread of its own, which has an event loop while it serves.

    What is public may be used from any thread; everything else happens in the worker's own. It runs once: after
    `stopped` a new one is made.

    Args:
        project: as it was when the worker was made.
        context: what the host's workers share.
        recorder: where it says what it does.
        builds: of the project; a worker that replaces another one shares them, so that both agree on the current
            build for as long as both poll.
    """

    def __init__(
        self,
        project: Project,
        context: WorkerContext,
        recorder: WorkerRecorder,
        builds: ProjectBuilds,
    ) -> None:
        self.id = WorkerId(f"{project.id}-{uuid.uuid4().hex[:12]}")
        self.project = project
        self.started_at = datetime.now(UTC)
        self.stopped_at: datetime | None = None
        self.builds = builds
        self._context = context
        self._recorder = recorder
        self._changing = threading.RLock()
        self._state = self._latest = WorkerState(WorkerStatus.STARTING)
        self._stop_requested = threading.Event()
        self._wake = threading.Event()
        self._serving: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self._holds_start_slot = False
        self._tried_at = 0.0
        self._life = LoopWatch()
        self._thread = threading.Thread(target=self._run, name=f"project-{project.id}", daemon=True)

    @property
    def state(self) -> WorkerState:
        """What the worker is doing now."""
        return self._state

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the worker to drain and end; does not wait. Calling this again does nothing."""
        with self._changing:
            if self._stop_requested.is_set():
                return
            self._stop_requested.set()
            self._wake.set()
            if self._state.status != WorkerStatus.STOPPED:
                self._set_state(self._next_state(WorkerStatus.STOPPING))
            if self._serving is not None:
                loop, stop = self._serving
                with contextlib.suppress(RuntimeError):  # the loop was closed in this moment
                    loop.call_soon_threadsafe(stop.set)

    def retry(self) -> None:
        """Try again now, if the worker has failed and waits before its next try; one whose loop is held does not."""
        with self._changing:
            state = self._state
            # Whoever waits for the outcome of this try must not see the failure of the one before.
            if isinstance(state.error, ProjectPutAsideError):
                self.builds.forgive_deaths()
            elif state.status == WorkerStatus.FAILED and not isinstance(state.error, WorkerSilentError):
                self._set_state(self._next_state(WorkerStatus.STARTING, state.error))
            self._wake.set()

    def follow_deployment(self) -> bool:
        """Have new runs take what is deployed by now, and say so in the worker's row; tell whether that is new.

        Looks again until nothing is new: what is deployed after the row was written is seen by the look after that,
        or whoever deploys it sees the row. Blocks for the database, and for loading builds that are not in memory.

        Raises:
            StoreUnavailableError: the database does not answer.
            NotFoundError: the project is gone.
            BuildRefusedError: a build does not load here.
        """
        is_new = False
        while True:
            named = self._recorder.named_deployment(self)
            is_new = self.builds.deployment.follow() or is_new
            if named == self.builds.deployment.known:
                return is_new
            self._recorder.save_deployment(self)
            is_new = True

    def note_temporal(self, error: Exception | None) -> None:
        """Have the worker's state name why its polls reach nobody, if they do not. Blocks for the database."""
        with self._changing:
            latest = self._latest
            if latest.status != WorkerStatus.RUNNING or str(latest.error) == str(error):
                return
            state = self._next_state(WorkerStatus.RUNNING, error)
        self._enter(state)

    def note_trouble(self, error: Exception | None) -> None:
        """Have the worker's state name why the project's processes die, as long as they do. Blocks for the database."""
        with self._changing:
            latest, is_put_aside = self._latest, isinstance(self._latest.error, ProjectPutAsideError)
            is_said_here = is_put_aside or (error is not None and latest.status == WorkerStatus.RUNNING)
            if not is_said_here or str(latest.error) == str(error):
                return
            state = self._next_state(WorkerStatus.FAILED if error else WorkerStatus.RUNNING, error)
        self._enter(state)

    def look_for_life(self) -> None:
        """Every `LIFE_SECONDS`, ask the event loop for a sign of life; a worker without one fails until it gives one.

        Blocks for the database where something has changed.
        """
        serving = self._serving
        if serving is None or self._latest.status == WorkerStatus.STARTING:
            return
        try:
            unanswered = self._life.look(serving[0])
        except RuntimeError:  # the loop was closed in this moment
            return
        with self._changing:
            latest = self._latest
            if unanswered >= SILENT_LOOKS and latest.status == WorkerStatus.RUNNING:
                state = self._next_state(WorkerStatus.FAILED, loop_is_held(self._thread.ident))
            elif unanswered == 0 and isinstance(latest.error, WorkerSilentError):
                state = self._next_state(WorkerStatus.RUNNING)
            else:
                return
        if state.error is not None:
            self._fail(state.error, state)
        else:
            log.info("project %s: its worker executes again", self.project.id)
            self._enter(state)

    def join(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for the thread to end; tell whether it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        delays = RetryDelays()
        while not self._stop_requested.is_set():
            self._tried_at = time.monotonic()
            self._try()
            delay = delays.after(time.monotonic() - self._tried_at)
            if not self._stop_requested.is_set():
                note_failure(self.project.id, self._state.error, delay)
            self._wake.wait(delay)
            self._wake.clear()
        self.stopped_at = datetime.now(UTC)
        forget(self.project.id)
        self._context.observer.worker_stopped(self.project.id)  # first, since the project may be deleted then
        self._enter(self._next_state(WorkerStatus.STOPPED))
        self._context.plugins.worker_stopped(self.project)

    def _try(self) -> None:
        """Serve until the worker is stopped or something fails; what failed is in the state then."""
        try:
            self._take_builds()
            self._holds_start_slot = self._context.start_slots.acquire()
            self._run_loop()
        except TemporalUnavailableError as error:
            is_known = str(self._state.error) == str(error)
            state = self._next_state(WorkerStatus.STARTING, error)
            if is_known:  # and written already
                self._set_state(state)
            else:
                self._enter(state)
        except BaseException as error:  # whatever the project's code does to this thread
            self._fail(error if isinstance(error, Exception) else loop_ended(error))
        finally:
            self._release_start_slot()

    def _run_loop(self) -> None:
        """Serve on an event loop of its own, and close that."""
        runner = asyncio.Runner()
        try:
            loop = runner.get_loop()
            run_to_end(loop, loop.create_task(self._serve()), self._end_serving)
        finally:
            try:
                runner.close()
            except RuntimeError as error:  # code of the project stopped it even then
                raise loop_ended(error) from error
            finally:
                with self._changing:
                    self._serving = None

    def _end_serving(self, error: BaseException) -> None:
        """Say that the project's code stopped the loop, and let what runs on it end."""
        self._fail(loop_ended(error))
        with self._changing:
            if self._serving is not None:
                self._serving[1].set()

    def _take_builds(self) -> None:
        """Learn what is deployed before the first poll; with the database away, go on with what is known."""
        self.builds.follow_settings(self.project)
        is_known = self.builds.deployment.known is not None
        if not is_known:
            summary = self._context.active_code.deploy(self.project)
            self.builds.cache.keep(self._context.loader.load(self.project, summary))
        try:
            self.follow_deployment()
            self.builds.deployment.rejoin()
        except StoreUnavailableError:
            if not is_known:
                raise

    def _fail(self, error: Exception, state: WorkerState | None = None) -> None:
        state = state or self._next_state(WorkerStatus.FAILED, error)
        if not isinstance(error, WorkerhostError):
            log.error("project %s failed", self.project.id, exc_info=error, extra={"project": self.project.id})
        self._enter(state)
        self._context.observer.worker_failed(self.project.id)
        self._context.plugins.worker_failed(self.project, error)

    async def _serve(self) -> None:
        stop = asyncio.Event()
        with self._changing:
            self._serving = asyncio.get_running_loop(), stop
            if self._stop_requested.is_set():
                stop.set()
        try:
            await serve(self.project, self.builds, self._context, stop, self._polling)
        finally:
            with self._changing:
                self._serving = None

    async def _polling(self, worker: Worker) -> None:
        self._release_start_slot()
        loop, state = asyncio.get_running_loop(), self._next_state(WorkerStatus.RUNNING)
        saved = loop.run_in_executor(self._context.blocking_executor, self._recorder.save, self, state)
        await asyncio.wait({saved}, timeout=SAVE_SECONDS)
        self._set_state(state)
        note_polls(self.project.id)
        self._context.observer.worker_started(self.project.id, time.monotonic() - self._tried_at)
        self._context.plugins.worker_started(self.project, worker)

    def _next_state(self, status: WorkerStatus, error: Exception | None = None) -> WorkerState:
        """Return a state that follows all that were made before; several threads may be about to enter one."""
        with self._changing:
            self._latest = WorkerState(status, error, self._latest.number + 1)
            return self._latest

    def _enter(self, state: WorkerState) -> None:
        """Write the state, and be in it. Blocks for the database."""
        self._recorder.save(self, state)
        self._set_state(state)

    def _set_state(self, state: WorkerState) -> None:
        with self._changing:
            if state.number < self._state.number:
                return
            # Once it is to stop, nothing that happens on the way makes it anything else than stopping or stopped.
            if not self._stop_requested.is_set() or state.status in (WorkerStatus.STOPPING, WorkerStatus.STOPPED):
                self._state = state

    def _release_start_slot(self) -> None:
        if self._holds_start_slot:
            self._holds_start_slot = False
            self._context.start_slots.release()
