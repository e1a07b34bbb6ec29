"""The calls of the asynchronous client that say something to a run."""

from typing import Any

from workerhost.answers import CommandResult, UpdateResult
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import messages as calls


class AsyncMessageCalls(AsyncConnection):
    """Queries, updates and signals."""

    async def query(self, project_id: str, workflow_id: str, name: str, *args: Any) -> Any:
        """Return what the latest run of that workflow id answers to the query `name`."""
        return (await self.send(calls.query(project_id, workflow_id, name, args))).result

    async def update(
        self,
        project_id: str,
        workflow_id: str,
        name: str,
        *args: Any,
        update_id: str | None = None,
        timeout: float = 30,
    ) -> UpdateResult:
        """Have an open run take the update `name`, and wait for its end.

        Args:
            project_id: the project.
            workflow_id: of the run.
            name: of the update.
            *args: of the update.
            update_id: names the update: a second one of the same id is the first one again. None for a new one.
            timeout: seconds to wait; an update that takes longer is returned as `accepted`, and goes on.
        """
        return await self.send(calls.update(project_id, workflow_id, name, args, update_id, timeout))

    async def signal(self, project_id: str, workflow_id: str, name: str, *args: Any) -> CommandResult:
        """Send the signal `name` with its arguments to an open run."""
        return await self.send(calls.signal(project_id, workflow_id, name, args))
