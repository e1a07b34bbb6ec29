"""The calls of the asynchronous client that watch runs."""

from collections.abc import AsyncIterator, Mapping

from workerhost.answers import ExecutionInfo, StepInfo
from workerhost.client._async.streams import AsyncStreams
from workerhost.client.calls import steps as calls
from workerhost.words import ExecutionStatus

KINDS: Mapping[str, type[StepInfo | ExecutionInfo]] = {"step": StepInfo, "status": ExecutionInfo}
"""What events of the stream hold."""


class AsyncWatchCalls(AsyncStreams):
    """Runs, as they happen."""

    async def watch(self, project_id: str, workflow_id: str) -> AsyncIterator[StepInfo | ExecutionInfo]:
        """Yield what happens in the latest run of that workflow id, until its end.

        A step is yielded when it begins and each time that it changes, the execution at the beginning, at the end, and
        when it stops going on. A connection that is lost is made again, from where it ended.

        Args:
            project_id: the project.
            workflow_id: of the run.
        """
        async for event in self._stream(calls.events(project_id, workflow_id)):
            if event.event not in KINDS:  # of a newer service
                continue
            told = KINDS[event.event].model_validate_json(event.data)
            yield told
            if isinstance(told, ExecutionInfo) and told.status != ExecutionStatus.RUNNING:
                return
