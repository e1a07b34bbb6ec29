"""The calls of the asynchronous client about what a run has done."""

from collections.abc import AsyncIterator

from workerhost.answers import HistoryPage, NodeList, StepInfo, StepPage
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import steps as calls


class AsyncStepCalls(AsyncConnection):
    """What a run has done: its steps, and its history."""

    async def step_page(
        self,
        project_id: str,
        workflow_id: str,
        limit: int = 50,
        cursor: str | None = None,
    ) -> StepPage:
        """Return some steps of the latest run of that workflow id, in the order in which they began.

        Args:
            project_id: the project.
            workflow_id: of the run.
            limit: how many at most.
            cursor: that of the page before; None for the first page.
        """
        return await self.send(calls.steps(project_id, workflow_id, limit, cursor))

    async def steps(self, project_id: str, workflow_id: str, *, page_size: int = 100) -> AsyncIterator[StepInfo]:
        """Yield all steps of the latest run of that workflow id, in the order in which they began."""
        async for page in self._pages(lambda cursor: calls.steps(project_id, workflow_id, page_size, cursor)):
            for step in page.steps:
                yield step

    async def step(self, project_id: str, workflow_id: str, step_id: str) -> StepInfo:
        """Return one step of the latest run of that workflow id, with its values whole."""
        return await self.send(calls.step(project_id, workflow_id, step_id))

    async def nodes(self, project_id: str, workflow_id: str) -> NodeList:
        """Return the nodes of the drawing that the latest run of that workflow id came to, in that order.

        Without a worker, nodes that are no steps are missing, and `complete` is False.
        """
        return await self.send(calls.nodes(project_id, workflow_id))

    async def history_page(
        self,
        project_id: str,
        workflow_id: str,
        limit: int = 50,
        cursor: str | None = None,
    ) -> HistoryPage:
        """Return some events of the latest run of that workflow id as Temporal's own JSON, the first one first.

        Args:
            project_id: the project.
            workflow_id: of the run.
            limit: how many at most.
            cursor: that of the page before; None for the first page.
        """
        return await self.send(calls.history(project_id, workflow_id, limit, cursor))
