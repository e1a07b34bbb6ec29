"""Serving one project on its event loop: connect, poll until told to stop, drain."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkerConfig

from workerhost.errors import WorkerFailedError
from workerhost.model import Project
from workerhost.plugins import PluginError
from workerhost.runtime.builds.activities import BuildActivities
from workerhost.runtime.builds.chooser import DeploymentChooser
from workerhost.runtime.builds.limits import project_limits
from workerhost.runtime.builds.project_builds import ProjectBuilds
from workerhost.runtime.builds.runner import BuildRunner
from workerhost.runtime.builds.worker_config import worker_options
from workerhost.runtime.temporal import connection
from workerhost.runtime.temporal.rpc_failures import failure_of, unavailable
from workerhost.runtime.workers.context import WorkerContext

POLLING_CHECK_SECONDS = 0.001
"""How often a start looks whether the SDK's worker polls; it does some 5 ms after it was made."""

CONNECT_SECONDS = 10
"""How long a server that takes the connection and does not answer is waited for."""

CANCEL_SECONDS = 5
"""How long activities that are cancelled at the end of a drain have to notice."""

MOST_STOPS = 20
"""How often code of a project may stop the event loop while that is left to end what runs on it."""


def run_to_end(
    loop: asyncio.AbstractEventLoop, serving: asyncio.Task[None], when_stopped: Callable[[BaseException], None]
) -> None:
    """Run the loop until the task is done, also where code of the project stops it, or too often.

    Args:
        loop: of this thread.
        serving: what is to end.
        when_stopped: called once, with how the loop was stopped; has the task end.
    """
    has_stopped = False
    for _ in range(1 + MOST_STOPS):
        try:
            loop.run_until_complete(serving)
        except BaseException as error:
            if serving.done():
                raise
            if not has_stopped:
                has_stopped = True
                when_stopped(error)
        else:
            return


async def serve(
    project: Project,
    builds: ProjectBuilds,
    context: WorkerContext,
    stop: asyncio.Event,
    polling: Callable[[Worker], Awaitable[None]],
) -> None:
    """Run the project's worker until `stop` is set, then drain it.

    Args:
        project: whose task queue is polled.
        builds: of the project; new runs take one of them.
        context: what the host's workers share.
        stop: ends the serving, at any time.
        polling: awaited as soon as the worker polls.

    Raises:
        TemporalUnavailableError: the server does not answer.
        WorkerFailedError: the worker cannot be made, or ended by itself.
    """
    limit = project_limits(project, context.settings).max_concurrent_activities
    executor = ThreadPoolExecutor(limit, thread_name_prefix=f"activity-{project.id}")
    stopping: asyncio.Future[Any] = asyncio.ensure_future(stop.wait())
    remove_evictor: Callable[[], None] = lambda: None  # noqa: E731  there is none before there is a worker
    try:
        client = await _unless_stopped(_connect(context), stopping)
        if client is None:
            return
        config = _worker_config(project, builds, context, client, executor)
        builds.serve_with(config["client"].data_converter)
        worker = Worker(**config)
        # The SDK's own way to forget a cached run is not public; test_moves shows that it works.
        remove_evictor = builds.moved_runs.add_evictor(worker._bridge_worker.request_workflow_eviction)  # noqa: SLF001
        running = asyncio.ensure_future(worker.run())
        if not await _poll_and_drain(worker, running, stopping, context, builds, polling):
            raise _reason(running.exception(), context.connect_options["target_host"])
    finally:
        remove_evictor()
        builds.end_idle_processes()
        stopping.cancel()
        executor.shutdown(wait=False, cancel_futures=True)


async def _connect(context: WorkerContext) -> Client:
    options = dict(context.connect_options)
    try:
        return await asyncio.wait_for(connection.connect(options), CONNECT_SECONDS)
    except TimeoutError:
        raise unavailable(options["target_host"]) from None


async def _unless_stopped(start: Awaitable[Client], stopping: asyncio.Future[Any]) -> Client | None:
    task: asyncio.Future[Any] = asyncio.ensure_future(start)
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        client: Client = task.result()
        return client
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return None


def _worker_config(
    project: Project,
    builds: ProjectBuilds,
    context: WorkerContext,
    client: Client,
    executor: ThreadPoolExecutor,
) -> WorkerConfig:
    config: WorkerConfig = {
        **worker_options(project, context.settings),
        "client": client,
        "workflow_runner": BuildRunner(DeploymentChooser(builds, context.observer)),
        "workflow_task_executor": context.workflow_task_executor,
        "activity_executor": executor,
    }
    try:
        context.plugins.configure_worker(project, config)
    except PluginError as error:
        raise WorkerFailedError(f"the worker of project {project.id} cannot be configured: {error}") from error
    # Ours comes first, so that interceptors of plugins see the real function and its arguments.
    activities = BuildActivities(
        project.id, builds, context.plugin_activities, executor, context.running_activities, context.observer
    )
    config["interceptors"] = [activities, *config["interceptors"]]
    return config


async def _poll_and_drain(  # noqa: PLR0913, PLR0917  what its caller has
    worker: Worker,
    running: asyncio.Future[Any],
    stopping: asyncio.Future[Any],
    context: WorkerContext,
    builds: ProjectBuilds,
    polling: Callable[[Worker], Awaitable[None]],
) -> bool:
    """Tell whether the worker ended because it was told to."""
    while not (worker.is_running or running.done() or stopping.done()):  # noqa: ASYNC110  the SDK has no event for it
        await asyncio.sleep(POLLING_CHECK_SECONDS)
    if worker.is_running:
        await polling(worker)
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        return False
    if not worker.is_running:  # so there is nothing to drain
        running.cancel()
        await asyncio.wait({running})
        return True
    note = asyncio.get_running_loop().run_in_executor(context.blocking_executor, builds.note_shutdown)
    with contextlib.suppress(TimeoutError):  # an activity that does not notice its cancellation is left behind
        await asyncio.wait_for(worker.shutdown(), context.settings.drain_timeout + CANCEL_SECONDS)
    await note
    running.cancel()
    return True


def _reason(error: BaseException | None, address: str) -> Exception:
    if isinstance(error, RPCError):
        if (failure := failure_of(error, address)) is not None:
            return failure
        return WorkerFailedError(f"Temporal refuses the worker: {error.message}")
    return WorkerFailedError(f"the worker ended by itself: {error or 'no reason given'}")
