"""Activities whose code is in a project process."""

import asyncio
import contextlib
import contextvars
import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import temporalio.activity
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto import ActivityHeartbeat
from temporalio.bridge.proto.activity_result import ActivityExecutionResult
from temporalio.bridge.proto.activity_task import ActivityCancellationDetails, ActivityTask
from temporalio.common import RawValue
from temporalio.converter import DefaultFailureConverter
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from workerhost.code.build import Build
from workerhost.code.project_process.messages import Kind
from workerhost.runtime.processes.activity_task import start_task
from workerhost.runtime.processes.project_process import ProjectProcess
from workerhost.runtime.processes.project_processes import ProjectProcesses
from workerhost.runtime.processes.questions import NoAnswerError, OverspentError, ProcessEndedError, Question
from workerhost.runtime.processes.slot import NotReadyYetError

STOP_SECONDS = 10.0
"""How long an activity that is cancelled, or past its time, has to end before its process is killed."""

WAIT_SECONDS = 1.0
"""How often an activity asks whether the project may have a process again."""


class RemoteActivity:
    """One activity of a build, or of a plugin. Used on the project worker's event loop.

    Args:
        processes: of the project.
        name: of the activity.
        source: whose activity it is, or the function of a plugin, pickled.
        keep: what must be referred to for as long as the activity runs.
    """

    def __init__(self, processes: ProjectProcesses, name: str, source: Build | bytes, keep: object = None) -> None:
        self._processes = processes
        self._name = name
        self._source = source
        self._keep = keep

    def put_in_place(
        self,
        task: ExecuteActivityInput,
        impl: ActivityInboundInterceptor,
        executor: ThreadPoolExecutor,
    ) -> None:
        """Have the task ask the project's process. Interceptors see the activity's name and plain arguments."""
        payloads = [raw.payload for raw in task.args[0]]
        shown = [_plain(payload) for payload in payloads]
        headers = dict(task.headers)

        async def call(*args: Any) -> Any:
            is_changed = len(args) != len(shown) or any(new is not old for new, old in zip(args, shown, strict=True))
            passed = temporalio.activity.payload_converter().to_payloads(args) if is_changed else payloads
            return await self._run(passed, headers, executor)

        call.__name__ = call.__qualname__ = self._name
        task.fn, task.args = call, shown

    async def _run(self, payloads: Sequence[Payload], headers: dict[str, Payload], executor: ThreadPoolExecutor) -> Any:
        task = start_task(temporalio.activity.info(), payloads, headers).SerializeToString()
        question = Question(f"activity {self._name}", on_heartbeat=_Heartbeats().take, is_activity=True)
        at_once = self._processes.run_activity_at_once(self._source, question, task)
        ask = functools.partial(self._processes.run_activity, self._source, question, task)
        asking = _Asking(question, at_once, ask, executor)
        try:
            result = await asking.result()
        except ProcessEndedError as error:
            raise ApplicationError(
                f"the project's process ended while this activity ran: {error.why}", type="ProcessDied"
            ) from None
        except OverspentError as error:  # and would again
            raise ApplicationError(str(error), type="ProcessorTime", non_retryable=True) from None
        except NoAnswerError as error:
            raise ApplicationError(str(error), type="NotStarted") from None
        try:
            return _outcome(ActivityExecutionResult.FromString(result))
        except DecodeError:
            raise ApplicationError("the project's process sent what is no result", type="ProcessDied") from None


class _Asking:
    """Asks a process to run an activity, tells it of a cancellation, and kills one that does not heed it."""

    def __init__(
        self,
        question: Question,
        asked: tuple[ProjectProcess, int] | None,
        ask: Callable[[], tuple[ProjectProcess, int]],
        executor: ThreadPoolExecutor,
    ) -> None:
        self._question = question
        self._asked = asked
        self._ask = ask
        self._executor = executor

    async def result(self) -> bytes:
        """Return the result as the process sent it.

        Raises:
            ProcessEndedError: the process has died.
            NoAnswerError: it says why there is no result.
            asyncio.CancelledError: the activity was cancelled, and has not begun or did not stop.
        """
        process, number = self._asked or await self._begin()
        answer = asyncio.wrap_future(self._question.answer)
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            if answer.cancelled():
                raise
        return await self._stop(process, number, answer)

    async def _begin(self) -> tuple[ProjectProcess, int]:
        while True:
            beginning = asyncio.get_running_loop().run_in_executor(self._executor, self._try)
            try:
                found = await asyncio.shield(beginning)
            except asyncio.CancelledError:
                found = await beginning  # it may have begun by now, and must learn of its cancellation
                if found is not None:
                    await self._stop(*found, asyncio.wrap_future(self._question.answer))
                raise
            if found is not None:
                return found
            await asyncio.sleep(WAIT_SECONDS)

    def _try(self) -> tuple[ProjectProcess, int] | None:
        try:
            return self._ask()
        except NotReadyYetError:
            return None

    async def _stop(self, process: ProjectProcess, number: int, answer: "asyncio.Future[bytes]") -> bytes:
        task = ActivityTask(task_token=temporalio.activity.info().task_token)
        task.cancel.details.CopyFrom(_details())
        await asyncio.get_running_loop().run_in_executor(
            self._executor, process.tell, Kind.CANCEL, number, task.SerializeToString()
        )
        try:
            done, _ = await asyncio.wait({answer}, timeout=STOP_SECONDS)
        except asyncio.CancelledError:  # the worker is torn down, and nobody waits any more
            self._kill(process)
            raise
        if not done:
            self._kill(process)
            await asyncio.wait({answer})
            answer.exception()
            raise asyncio.CancelledError
        return answer.result()

    def _kill(self, process: ProjectProcess) -> None:
        why = f"{self._question.what} did not stop within {STOP_SECONDS:g} s of its cancellation"
        process.end(why, is_fault=False)


class _Heartbeats:
    """Hands heartbeats to the SDK: the newest, as often as the loop has time. Made on the activity's loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()
        self._newest: bytes | None = None

    def take(self, data: bytes) -> None:
        """Take a heartbeat; called in the thread that reads what the process sends."""
        is_waiting, self._newest = self._newest is not None, data
        if not is_waiting:
            with contextlib.suppress(RuntimeError):  # the loop was closed in this moment
                self._loop.call_soon_threadsafe(self._beat, context=self._context)

    def _beat(self) -> None:
        data, self._newest = self._newest, None
        if data is not None:
            with contextlib.suppress(DecodeError):  # what is none is none
                details = ActivityHeartbeat.FromString(data).details
                temporalio.activity.heartbeat(*(RawValue(payload) for payload in details))


def _outcome(result: ActivityExecutionResult) -> Any:
    """Return what the activity returned, or raise what it raised."""
    if result.HasField("will_complete_async"):
        temporalio.activity.raise_complete_async()
    if result.HasField("cancelled"):
        raise asyncio.CancelledError
    if result.HasField("failed"):
        # It keeps the message that it is made of, which is what goes to Temporal.
        raise DefaultFailureConverter().from_failure(result.failed.failure, temporalio.activity.payload_converter())
    return RawValue(result.completed.result)


def _plain(payload: Payload) -> Any:
    """Return an argument as interceptors see it: without the types that only the project's code knows."""
    try:
        return temporalio.activity.payload_converter().from_payload(payload)
    except Exception:
        return RawValue(payload)


def _details() -> ActivityCancellationDetails:
    known = temporalio.activity.cancellation_details()
    if known is None:
        return ActivityCancellationDetails(is_cancelled=True)
    return ActivityCancellationDetails(
        is_not_found=known.not_found,
        is_cancelled=known.cancel_requested,
        is_paused=known.paused,
        is_timed_out=known.timed_out,
        is_worker_shutdown=known.worker_shutdown,
        is_reset=known.reset,
    )
