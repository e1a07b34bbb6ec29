"""The calls of the asynchronous client about projects and their workers."""

from collections.abc import Mapping, Sequence
from typing import Any

from workerhost.answers import ProjectInfo, WorkerCommandResult, WorkerInfo
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import projects as calls
from workerhost.project_settings import ProjectSettings


class AsyncProjectCalls(AsyncConnection):
    """Projects and their workers."""

    async def projects(self) -> Sequence[ProjectInfo]:
        """Return all projects."""
        found = await self.send(calls.projects())
        return found.projects

    async def put_project(
        self,
        project_id: str,
        *,
        name: str | None = None,
        task_queue: str | None = None,
        settings: ProjectSettings | Mapping[str, Any] | None = None,
    ) -> ProjectInfo:
        """Create the project, or change what is given.

        Args:
            project_id: the project.
            name: for people; the id where a new project is given none.
            task_queue: of Temporal; `<project_id>-queue` where a new project is given none.
            settings: replace all settings that the project has.
        """
        return await self.send(calls.put_project(project_id, name, task_queue, settings))

    async def start(self, project_id: str, *, timeout: float | None = None) -> WorkerCommandResult:
        """Start the project's worker on its active code, and wait until it takes tasks.

        Args:
            project_id: the project.
            timeout: seconds to wait, at most 300; None for what the service is set to. The answer's `status` is set
                where the worker goes on to start.
        """
        return await self.send(calls.command("start", project_id, timeout))

    async def stop(self, project_id: str, *, timeout: float | None = None) -> WorkerCommandResult:
        """Stop the project's worker, and wait until it has ended its activities.

        Args:
            project_id: the project.
            timeout: seconds to wait, at most 300; None for what the service is set to. The answer's `status` is set
                where the worker goes on to stop.
        """
        return await self.send(calls.command("stop", project_id, timeout))

    async def restart(self, project_id: str, *, timeout: float | None = None) -> WorkerCommandResult:
        """Give the project a new worker without a gap, and wait until that takes tasks.

        Args:
            project_id: the project.
            timeout: seconds to wait, at most 300; None for what the service is set to. The answer's `status` is set
                where the new worker goes on to start.
        """
        return await self.send(calls.command("restart", project_id, timeout))

    async def status(self, project_id: str) -> WorkerInfo:
        """Return what the project's worker does."""
        return await self.send(calls.status(project_id))

    async def workers(self) -> Sequence[str]:
        """Return the ids of the projects whose worker takes tasks."""
        found = await self.send(calls.workers())
        return found.workers
