"""The calls of the asynchronous client that hold runs and projects, or take runs back."""

from workerhost.answers import CommandResult, ExecuteResult, PauseResult
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import control as calls


class AsyncControlCalls(AsyncConnection):
    """Resets and pauses."""

    async def reset(  # noqa: PLR0913  all of it says what is reset
        self,
        project_id: str,
        workflow_id: str,
        to: str = "last",
        *,
        step: str | None = None,
        build: str | None = None,
        reason: str | None = None,
    ) -> ExecuteResult:
        """Take the latest run of that workflow id back, and return the ids of the run that goes on from there.

        Args:
            project_id: the project.
            workflow_id: of the run.
            to: `first` or `last`: the workflow task that is done again.
            step: the id of the step before which the run is taken back, instead of `to`.
            build: a build id or `current`; None for the build that it is on, and with `first` for that of a new run.
            reason: why.
        """
        point = to if step is None else {"step": step}
        return await self.send(calls.reset(project_id, workflow_id, point, build, reason))

    async def pause_run(self, project_id: str, workflow_id: str, *, reason: str | None = None) -> CommandResult:
        """Have an open run take no more tasks, where Temporal's server can do that."""
        return await self.send(calls.hold("pause", project_id, workflow_id, reason))

    async def resume_run(self, project_id: str, workflow_id: str, *, reason: str | None = None) -> CommandResult:
        """Have a paused run go on."""
        return await self.send(calls.hold("resume", project_id, workflow_id, reason))

    async def pause(self, project_id: str, *, reason: str | None = None) -> PauseResult:
        """Have all runs of the project wait, and what is started meanwhile, until it is resumed."""
        return await self.send(calls.hold_project("pause", project_id, reason))

    async def resume(self, project_id: str) -> PauseResult:
        """Have the runs of the project go on."""
        return await self.send(calls.hold_project("resume", project_id, None))
