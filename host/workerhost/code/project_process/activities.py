"""Runs the activities of a project process, with the SDK's own activity worker.

The SDK's worker gets its tasks from what it calls a bridge, as messages; here the host is behind it and not Temporal.
Neither `temporalio.worker._activity` nor `temporalio.bridge.proto` is promised to stay: setup.cfg bounds the SDK.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import temporalio.activity
from temporalio.bridge.proto import ActivityHeartbeat, ActivityTaskCompletion
from temporalio.bridge.proto.activity_task import ActivityTask
from temporalio.common import MetricMeter
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor
from temporalio.worker._activity import _ActivityWorker

from workerhost.code.capture.headers import named_build, named_node
from workerhost.code.capture.origin import ACTIVITY, activity_origin
from workerhost.code.capture.streams import finish_lines
from workerhost.code.definitions import ActivityDefinition, activity_definition
from workerhost.code.executing.activity_call import any_activity, put_in_place
from workerhost.code.executing.contained import Contained
from workerhost.code.project_process.builds import ProcessBuilds
from workerhost.code.project_process.messages import Kind
from workerhost.code.project_process.setup import Setup, unpickled
from workerhost.code.project_process.traces import enter_trace
from workerhost.model import PROJECT_ID
from workerhost.words import BuildId

log = logging.getLogger(__name__)

LOOP_STOPPED = 70
"""Exit code of a process whose code has stopped the event loop on which its activities run."""

Send = Callable[..., None]

Source = BuildId | bytes
"""Of an activity: the build that defines it, or the function of a plugin, pickled."""


class Activities:
    """Owns the thread `activities` with its event loop, from the first activity on; may be used from any thread.

    Args:
        setup: what holds for all activities.
        builds: where the real ones are.
        send: sends a message to the host.
    """

    def __init__(self, setup: Setup, builds: ProcessBuilds, send: Send) -> None:
        self._setup = setup
        self._builds = builds
        self._send = send
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._worker: _Worker | None = None
        self._draining: list[_Worker] = []

    def start_task(self, number: int, source: Source, task: bytes) -> None:
        """Run an activity; its heartbeats and its result are sent with that number."""
        parsed = ActivityTask.FromString(task)
        self._on_loop(lambda worker: worker.start(number, source, parsed))

    def cancel(self, task: bytes) -> None:
        """Have an activity learn that it is cancelled."""
        parsed = ActivityTask.FromString(task)
        self._on_loop(lambda _: self._worker_of(parsed.task_token).tasks.put_nowait(parsed))

    def note_shutdown(self) -> None:
        """Have the activities that run learn that their worker drains; those that come are another worker's."""
        with self._starting:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._change_worker)

    def _on_loop(self, work: "Callable[[_Worker], None]") -> None:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._run, args=[self._loop], name="activities", daemon=True).start()
        self._loop.call_soon_threadsafe(lambda: work(self._present()))

    def _worker_of(self, task_token: bytes) -> "_Worker":
        return next((each for each in self._draining if task_token in each.sources), self._present())

    def _present(self) -> "_Worker":
        if self._worker is None:
            self._worker = _Worker(self._setup, self._builds, self._send)
        return self._worker

    def _change_worker(self) -> None:
        if self._worker is not None:
            self._worker.drain()
            # A loop holds nothing that runs on it, so whoever still runs activities is held here.
            self._draining = [each for each in (*self._draining, self._worker) if each.sources]
            self._worker = None

    def _run(self, loop: asyncio.AbstractEventLoop) -> NoReturn:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        except BaseException:
            log.exception("the event loop of the activities ended")
        os._exit(LOOP_STOPPED)  # only code of the project can have stopped it


class _Worker:
    """One worker of the SDK's, with what it calls its bridge. Belongs to the loop of the activities."""

    def __init__(self, setup: Setup, builds: ProcessBuilds, send: Send) -> None:
        self.tasks: asyncio.Queue[ActivityTask] = asyncio.Queue()
        self.sources: dict[bytes, Source] = {}
        self.is_draining = False
        self._numbers: dict[bytes, int] = {}
        self._send = send
        executor = ThreadPoolExecutor(setup.activity_threads, thread_name_prefix=f"activity-{setup.project_id}")
        self.sdk = _ActivityWorker(
            bridge_worker=lambda: self,  # type: ignore[arg-type, return-value]
            task_queue=setup.task_queue,
            activities=[any_activity],
            activity_executor=executor,
            shared_state_manager=None,
            data_converter=setup.data_converter,
            interceptors=[_RealActivities(setup, builds, self, executor)],
            metric_meter=MetricMeter.noop,
            client=_NoClient(setup.namespace),  # type: ignore[arg-type]
            encode_headers=False,
        )
        self._running = asyncio.get_running_loop().create_task(self.sdk.run())

    def start(self, number: int, source: Source, task: ActivityTask) -> None:
        """Run an activity."""
        self._numbers[task.task_token], self.sources[task.task_token] = number, source
        self.tasks.put_nowait(task)

    def drain(self) -> None:
        """Have the activities that run learn that there will be no more."""
        self.is_draining = True
        self.sdk.notify_shutdown()
        if not self.sources:
            self._running.cancel()

    async def poll_activity_task(self) -> ActivityTask:
        """Return the next task; called by the SDK."""
        return await self.tasks.get()

    async def complete_activity_task(self, completion: ActivityTaskCompletion) -> None:
        """Send how an activity ended; called by the SDK."""
        self.sources.pop(completion.task_token, None)
        if self.is_draining and not self.sources:
            self._running.cancel()
        self._send(Kind.DONE, self._numbers.pop(completion.task_token), completion.result.SerializeToString())

    def record_activity_heartbeat(self, heartbeat: ActivityHeartbeat) -> None:
        """Send a heartbeat; called by the SDK."""
        number = self._numbers.get(heartbeat.task_token)
        if number is not None:
            self._send(Kind.HEARTBEAT, number, heartbeat.SerializeToString())


class _RealActivities(Interceptor):
    """Puts the build's own activity in the place of the one that stands for all."""

    def __init__(self, setup: Setup, builds: ProcessBuilds, worker: _Worker, executor: ThreadPoolExecutor) -> None:
        self.project_id = setup.project_id
        self.executor = executor
        self._builds = builds
        self._worker = worker

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Return the interceptor of one activity task."""
        return _Inbound(next, self)

    async def find(self, info: temporalio.activity.Info) -> ActivityDefinition:
        """Return the activity that a task is for.

        Raises:
            LookupError: the build has none of that name, though its check said so.
            ImportError: the module of a plugin's activity is not to be had here.
        """
        source = self._worker.sources[info.task_token]
        if isinstance(source, bytes):
            return await asyncio.get_running_loop().run_in_executor(self.executor, _of_plugin, source)
        definition = self._builds.get(source).definitions.activity(info.activity_type)
        if definition is None:
            raise LookupError(f"build {source} has no activity {info.activity_type}")
        return definition


class _Inbound(ActivityInboundInterceptor):
    def __init__(self, next_: ActivityInboundInterceptor, activities: _RealActivities) -> None:
        super().__init__(next_)
        self._activities = activities

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002  the SDK's name
        PROJECT_ID.set(self._activities.project_id)
        enter_trace(input.headers)
        info = temporalio.activity.info()
        origin = activity_origin(info, named_build(input.headers), named_node(input.headers))
        ACTIVITY.set(origin)
        try:
            with Contained():
                definition = await self._activities.find(info)
                put_in_place(input, definition, self.next, self._activities.executor)
                return await super().execute_activity(input)
        finally:
            finish_lines(origin)


def _of_plugin(function: bytes) -> ActivityDefinition:
    """Import a plugin's activity, which may take its time when it is the first of its module."""
    return activity_definition(unpickled(function))


class _NoClient:
    """Stands for the client that activities of the host can use."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError(
            "an activity of a project has no connection to Temporal; start runs over the API, or from a workflow"
        )
