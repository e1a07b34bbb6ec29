"""The client for asynchronous code: every call is awaited."""

# ruff: noqa: ASYNC109  the service waits, and is told how long

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Self

import httpx

from workerhost.client import calls, steps, wire
from workerhost.client.answers import Begun, Done, Execution, ExecutionPage, ProjectInfo, WorkerStatus
from workerhost.client.calls import A, Call, Ramp, Smoke
from workerhost.client.deployments import BuildChange, Deployed, Deployment, Moved, MoveReport, Published, ReplayReport
from workerhost.client.steps import Pause, Steps, T
from workerhost.folders import workflows_of
from workerhost.model import ProjectSettings, WorkflowCode


class AsyncClient:
    """As `Client`, for one event loop: an asynchronous context manager with coroutines for methods.

    `executions` is an asynchronous iterator. Every method raises `ApiError` where the service refuses the call,
    with the API's sentence and its `code`, and `NoServiceError` where none answers in time.

    Args:
        url: address of the service.
        timeout: seconds that any answer may take, beyond what the service waits for on purpose.
        headers: sent with each call, for example to a proxy that asks for a password.
        retries: how often a connection that cannot be made is tried again.
    """

    def __init__(
        self,
        url: str = wire.DEFAULT_URL,
        *,
        timeout: float = wire.ANSWER_SECONDS,
        headers: Mapping[str, str] | None = None,
        retries: int = wire.RETRIES,
    ) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout
        transport = httpx.AsyncHTTPTransport(retries=retries)
        self._http = httpx.AsyncClient(transport=transport, **wire.options(self.url, headers))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, call: Call[A]) -> A:
        """Make a call that `workerhost.client.calls` describes."""
        try:
            response = await self._http.send(wire.request(self._http, call, self._timeout))
        except httpx.HTTPError as error:
            raise wire.no_answer(self.url, error) from error
        return wire.read(self.url, call, response)

    async def _follow(self, sequence: Steps[T]) -> T:
        answer: object = None
        while True:
            try:
                step = sequence.send(answer)
            except StopIteration as ended:
                result: T = ended.value
                return result
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
            else:
                answer = await self.send(step)

    # Projects and their workers.

    async def projects(self) -> Sequence[ProjectInfo]:
        """As `Client.projects`."""
        return (await self.send(calls.projects())).projects

    async def put_project(
        self,
        project_id: str,
        *,
        name: str | None = None,
        task_queue: str | None = None,
        settings: ProjectSettings | Mapping[str, Any] | None = None,
    ) -> ProjectInfo:
        """As `Client.put_project`."""
        return await self.send(calls.put_project(project_id, name, task_queue, settings))

    async def start(self, project_id: str, *, timeout: float | None = None) -> Done:
        """As `Client.start`."""
        return await self.send(calls.command("start", project_id, timeout))

    async def stop(self, project_id: str, *, timeout: float | None = None) -> Done:
        """As `Client.stop`."""
        return await self.send(calls.command("stop", project_id, timeout))

    async def restart(self, project_id: str, *, timeout: float | None = None) -> Done:
        """As `Client.restart`."""
        return await self.send(calls.command("restart", project_id, timeout))

    async def status(self, project_id: str) -> WorkerStatus:
        """As `Client.status`."""
        return await self.send(calls.status(project_id))

    async def workers(self) -> Sequence[str]:
        """As `Client.workers`."""
        return (await self.send(calls.workers())).workers

    # Their code.

    async def deploy(  # noqa: PLR0913  what a deployment can be told
        self,
        project_id: str,
        folder_or_workflows: str | os.PathLike[str] | Sequence[WorkflowCode],
        *,
        version: str | None = None,
        start: bool = True,
        dry_run: bool = False,
        smoke: Smoke | None = None,
        ramp: float | Ramp | None = None,
    ) -> Deployed:
        """As `Client.deploy`."""
        codes = await asyncio.to_thread(workflows_of, folder_or_workflows, version)
        return await self._follow(
            steps.deploy(project_id, codes, start=start, dry_run=dry_run, smoke=smoke, ramp=ramp),
        )

    async def publish(
        self,
        project_id: str,
        code: WorkflowCode,
        *,
        dry_run: bool = False,
        smoke: Smoke | None = None,
        ramp: float | Ramp | None = None,
    ) -> Published:
        """As `Client.publish`."""
        return await self.send(calls.publish(project_id, code, smoke, ramp, dry_run=dry_run))

    async def check(self, project_id: str, code: WorkflowCode, *, sample: int | None = None) -> ReplayReport:
        """As `Client.check`."""
        return await self.send(calls.check(project_id, code, sample))

    async def deployment(self, project_id: str) -> Deployment:
        """As `Client.deployment`."""
        return await self.send(calls.deployment(project_id))

    async def promote(self, project_id: str) -> BuildChange:
        """As `Client.promote`."""
        return await self.send(calls.promote(project_id))

    async def roll_back(
        self, project_id: str, *, build: str | None = None, version: str | None = None, workflow: str | None = None
    ) -> BuildChange:
        """As `Client.roll_back`."""
        return await self.send(calls.roll_back(project_id, build, version, workflow))

    async def move(self, project_id: str, workflow_id: str, build: str = calls.CURRENT) -> Moved:
        """As `Client.move`."""
        return await self.send(calls.move(project_id, workflow_id, build))

    async def move_all(
        self,
        project_id: str,
        from_build: str,
        to_build: str = calls.CURRENT,
        *,
        timeout: float | None = None,
        progress: Callable[[MoveReport], object] | None = None,
    ) -> MoveReport:
        """As `Client.move_all`."""
        return await self._follow(steps.move_all(project_id, from_build, to_build, timeout, progress))

    # Their executions.

    async def execute(self, project_id: str, workflow_type: str, *args: Any, workflow_id: str | None = None) -> Begun:
        """As `Client.execute`."""
        return await self.send(calls.execute(project_id, workflow_type, args, workflow_id))

    async def execution(self, project_id: str, workflow_id: str) -> Execution:
        """As `Client.execution`."""
        return await self.send(calls.execution(project_id, workflow_id))

    async def wait(self, project_id: str, workflow_id: str, timeout: float = 60) -> Execution:
        """As `Client.wait`."""
        return await self._follow(steps.wait(project_id, workflow_id, timeout))

    async def run(
        self,
        project_id: str,
        workflow_type: str,
        *args: Any,
        workflow_id: str | None = None,
        timeout: float = 60,
    ) -> Any:
        """As `Client.run`."""
        return await self._follow(steps.run(project_id, workflow_type, args, workflow_id, timeout))

    async def execution_page(self, project_id: str, limit: int = 50, cursor: str | None = None) -> ExecutionPage:
        """As `Client.execution_page`."""
        return await self.send(calls.executions(project_id, limit, cursor))

    async def executions(self, project_id: str, *, page_size: int = 100) -> AsyncIterator[Execution]:
        """As `Client.executions`."""
        cursor: str | None = None
        while True:
            page = await self.execution_page(project_id, page_size, cursor)
            for execution in page.executions:
                yield execution
            cursor = page.cursor
            if cursor is None:
                return

    async def signal(self, project_id: str, workflow_id: str, name: str, *args: Any) -> Done:
        """As `Client.signal`."""
        return await self.send(calls.signal(project_id, workflow_id, name, args))

    async def cancel(self, project_id: str, workflow_id: str, *, reason: str | None = None) -> Done:
        """As `Client.cancel`."""
        return await self.send(calls.end("cancel", project_id, workflow_id, reason))

    async def terminate(self, project_id: str, workflow_id: str, *, reason: str | None = None) -> Done:
        """As `Client.terminate`."""
        return await self.send(calls.end("terminate", project_id, workflow_id, reason))
