"""The calls of the asynchronous client about what a project's code takes and returns."""

from collections.abc import Sequence

from workerhost.answers import ProjectActivityInfo, WorkflowTypeInfo
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import types as calls
from workerhost.words import CURRENT


class AsyncTypeCalls(AsyncConnection):
    """What workflow types and activities take and return."""

    async def workflow_types(self, project_id: str, build: str = CURRENT) -> Sequence[WorkflowTypeInfo]:
        """Return the workflow types of a build, with their signals, queries and updates.

        Args:
            project_id: the project.
            build: id of the build; `current` for the one that new runs take.
        """
        return (await self.send(calls.workflow_types(project_id, build))).workflow_types

    async def activities(self, project_id: str, build: str = CURRENT) -> Sequence[ProjectActivityInfo]:
        """Return the activities that the project may call: its own, and those of plugins.

        Args:
            project_id: the project.
            build: id of the build whose activities are meant; `current` for the one that new runs take.
        """
        return (await self.send(calls.activities(project_id, build))).activities
