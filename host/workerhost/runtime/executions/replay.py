"""Replays histories on a build, to see whether the runs could go on with it."""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any

import temporalio.workflow
from temporalio.api.enums.v1 import EventType
from temporalio.bridge.proto.workflow_activation import RemoveFromCache, WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import Client, WorkflowHistory
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerConfig

from workerhost.errors import WorkerhostError
from workerhost.model import BuildSummary, Project
from workerhost.plugins import PluginError, Plugins
from workerhost.runtime.builds.loader import BuildLoader
from workerhost.runtime.builds.ready_build import ProjectBuild
from workerhost.runtime.builds.runner import BuildChooser, BuildInstance, BuildRunner, recorded_build
from workerhost.runtime.builds.worker_config import worker_options
from workerhost.runtime.executions.replayer import make_replayer
from workerhost.runtime.executions.visibility import Run
from workerhost.runtime.temporal import connection
from workerhost.settings import Settings

HISTORIES_AHEAD = 8
"""Histories that are fetched while others are replayed."""

_EVENT = re.compile(r"HistoryEvent\(id: (\d+), (?:Some\()?(\w+)")
_OTHER_COMMAND = re.compile(r"(\w+) machine does not handle this event")
_NONDETERMINISM = re.compile(r'Nondeterminism error: (.*?)(?:", source|$)', re.DOTALL)

OnReplayed = Callable[[Run, "Divergence | None"], None]


@dataclass(frozen=True)
class Divergence:
    """The place where a run's history and the code of a build part."""

    event: Mapping[str, Any] | None
    """Id and type of the event, as far as that is known."""
    reason: str


class HistoryReplay:
    """Replays runs on builds, apart from what runs. Safe to use from any thread; each call has a loop and a client.

    Args:
        options: how clients connect.
        loader: loads builds.
        plugins: configure replays as they configure workers.
        settings: of the host.
    """

    def __init__(self, options: dict[str, Any], loader: BuildLoader, plugins: Plugins, settings: Settings) -> None:
        self._options = options
        self._loader = loader
        self._plugins = plugins
        self._settings = settings

    def prove(
        self,
        project: Project,
        build: BuildSummary,
        runs: Iterable[Run],
        outcome: OnReplayed,
        before: int | None = None,
    ) -> None:
        """Replay each run's history on the build, with what plugins add to the project's worker.

        Blocks until all are done, or `outcome` raises.

        Args:
            project: whose runs they are.
            build: the build that the runs could go on with.
            runs: whose histories are fetched; one that has no build yet, or is gone, is passed over.
            outcome: called with each run that was replayed, and with None where it fits the build.
            before: number of the event up to which each history counts; None for all of it.

        Raises:
            TemporalUnavailableError: the server does not answer.
            BuildRefusedError: the build does not load here.
            WorkerhostError: a plugin failed to configure the replay, or there is no process for it.
        """
        with (
            ThreadPoolExecutor(2, thread_name_prefix="replay") as executor,
            self._loader.loaded_apart(project, build) as loaded,
        ):
            asyncio.run(self._prove(project, loaded, runs, outcome, executor, before))

    @cached_property
    def _runtime(self) -> Runtime:
        # A runtime of its own, since the SDK's would log each run that does not fit, which is no fault here.
        return Runtime(telemetry=TelemetryConfig(logging=None))

    async def _prove(  # noqa: PLR0913, PLR0917  as `prove`
        self,
        project: Project,
        build: ProjectBuild,
        runs: Iterable[Run],
        outcome: OnReplayed,
        executor: ThreadPoolExecutor,
        before: int | None,
    ) -> None:
        client = await connection.connect(self._options)
        chooser = _OneBuild(build)
        config = self._config(project, client, chooser, executor)
        replayed: deque[Run] = deque()  # a history names the run that was reset, and not the one that came of it
        async with contextlib.AsyncExitStack() as stack:
            try:
                replayer = make_replayer(config, self._runtime)
                replaying = replayer.workflow_replay_iterator(_histories(client, runs, replayed, before))
                results = await stack.enter_async_context(replaying)
            except Exception as error:  # of an interceptor, or of a plugin of the SDK
                raise _not_replayable(project, f"{type(error).__name__}: {error}") from error
            async for result in results:
                failure = result.replay_failure
                divergence = chooser.divergence(failure, result.history) if failure else None
                outcome(replayed.popleft(), divergence)

    def _config(
        self, project: Project, client: Client, chooser: BuildChooser, executor: ThreadPoolExecutor
    ) -> WorkerConfig:
        """Return what a worker of the project would be made with."""
        config: WorkerConfig = {
            **worker_options(project, self._settings),
            "client": client,
            "workflow_runner": BuildRunner(chooser),
            "workflow_task_executor": executor,
            "activity_executor": executor,
        }
        try:
            self._plugins.configure_worker(project, config)
        except PluginError as error:
            raise _not_replayable(project, str(error)) from error
        return config


def _not_replayable(project: Project, reason: str) -> WorkerhostError:
    return WorkerhostError(f"runs of project {project.id} cannot be replayed: {reason}")


class _OneBuild:
    """Gives every run the one build, and remembers what it does with the last one."""

    def __init__(self, build: ProjectBuild) -> None:
        self._build = build
        self._failure: str | None = None
        self._reached = 0

    def build_of(self, info: temporalio.workflow.Info, recorded: str | None) -> ProjectBuild:
        self._failure, self._reached = None, 0
        return self._build

    def after_task(
        self, run: BuildInstance, completion: WorkflowActivationCompletion, activation: WorkflowActivation
    ) -> None:
        self._reached = activation.history_length
        if completion.HasField("failed"):
            self._failure = completion.failed.failure.message

    def after_eviction(self, run: BuildInstance, reason: RemoveFromCache) -> None:
        pass

    def divergence(self, error: Exception, history: WorkflowHistory) -> Divergence:
        """Return the place where the last run's history and the build part."""
        text = str(error)
        reason = self._failure
        if reason is None:
            found = _NONDETERMINISM.search(text)
            reason = found[1] if found else text
        if event := _EVENT.search(text):
            if other := _OTHER_COMMAND.search(text):
                reason = f"the history goes on with {event[2]}, and the code with another command ({other[1]})"
            return Divergence({"id": int(event[1]), "type": event[2]}, reason)
        # The task that reached so far was completed when the run was new, and with these events.
        after = (each for each in history.events if each.event_id > self._reached)
        parts = next((each for each in after if each.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED), None)
        if parts is None:
            return Divergence(None, reason)
        return Divergence({"id": parts.event_id, "type": _type_name(parts.event_type)}, reason)


async def _histories(
    client: Client, runs: Iterable[Run], replayed: deque[Run], before: int | None
) -> AsyncIterator[WorkflowHistory]:
    """Yield the history of each run that has a build, with a few fetched ahead, and note in `replayed` whose it is."""
    waiting: deque[tuple[Run, asyncio.Task[WorkflowHistory | None]]] = deque()
    left = iter(runs)
    try:
        while True:
            for run in islice(left, HISTORIES_AHEAD - len(waiting)):
                waiting.append((run, asyncio.create_task(_history(client, run, before))))
            if not waiting:
                return
            run, task = waiting.popleft()
            if history := await task:
                replayed.append(run)
                yield history
    finally:
        for _, task in waiting:
            task.cancel()


async def _history(client: Client, run: Run, before: int | None) -> WorkflowHistory | None:
    handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
    try:
        history = await handle.fetch_history(rpc_timeout=connection.RPC_TIMEOUT)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise
    if before is not None:
        history = replace(history, events=[each for each in history.events if each.event_id < before])
    return history if recorded_build(history) else None


def _type_name(number: int) -> str:
    """Return the type of an event as the SDK's errors write it, for example `TimerStarted`."""
    name = EventType.Name(number).removeprefix("EVENT_TYPE_")  # type: ignore[arg-type]
    return "".join(part.capitalize() for part in name.split("_"))
