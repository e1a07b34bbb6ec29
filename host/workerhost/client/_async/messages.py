"""The calls of the asynchronous client that say something to a run."""

from typing import Any

from workerhost.answers import CommandResult, UpdateResult
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import messages as calls


class AsyncMessageCalls(AsyncConnection):
    """Queries, updates and signals."""

    async def query(self, project_id: str, workflow_id: str, name: str, *args: Any, unchecked: bool = False) -> Any:
        """Return what the latest run of that workflow id answers to the query `name`.

        Args:
            project_id: the project.
            workflow_id: of the run.
            name: of the query.
            *args: of the query.
            unchecked: whether name and arguments are sent as they are, whatever the run's build has.
        """
        return (await self.send(calls.query(project_id, workflow_id, name, args, unchecked=unchecked))).result

    async def update(  # noqa: PLR0913  all of it says what is asked
        self,
        project_id: str,
        workflow_id: str,
        name: str,
        *args: Any,
        update_id: str | None = None,
        timeout: float = 30,
        unchecked: bool = False,
    ) -> UpdateResult:
        """Have an open run take the update `name`, and wait for its end.

        Args:
            project_id: the project.
            workflow_id: of the run.
            name: of the update.
            *args: of the update.
            update_id: names the update: a second one of the same id is the first one again. None for a new one.
            timeout: seconds to wait; an update that takes longer is returned as `accepted`, and goes on.
            unchecked: whether name and arguments are sent as they are, whatever the run's build has.
        """
        call = calls.update(project_id, workflow_id, name, args, update_id, timeout, unchecked=unchecked)
        return await self.send(call)

    async def signal(
        self, project_id: str, workflow_id: str, name: str, *args: Any, unchecked: bool = False
    ) -> CommandResult:
        """Send the signal `name` with its arguments to an open run.

        Args:
            project_id: the project.
            workflow_id: of the run.
            name: of the signal.
            *args: of the signal.
            unchecked: whether name and arguments are sent as they are, whatever the run's build has.
        """
        return await self.send(calls.signal(project_id, workflow_id, name, args, unchecked=unchecked))
