"""The calls of the asynchronous client that move runs to another build."""

import asyncio
import time
from collections.abc import Callable

from workerhost.answers import BuildMoveInfo, MoveResult
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import deployments as calls
from workerhost.words import CURRENT, MoveStatus

FIRST_WAIT_SECONDS = 1.0
"""How long the service waits for the end of a move before it answers for the first time."""
LOOK_SECONDS = 0.5
"""How often a client looks how far a move is."""


class AsyncMoveCalls(AsyncConnection):
    """Moving runs to another build."""

    async def move(self, project_id: str, workflow_id: str, build: str = CURRENT) -> MoveResult:
        """Have one open run go on with another build, if its history replays on it.

        Args:
            project_id: the project.
            workflow_id: of the run.
            build: a build id, or `current`.
        """
        return await self.send(calls.move(project_id, workflow_id, build))

    async def move_all(
        self,
        project_id: str,
        from_build: str,
        to_build: str = CURRENT,
        *,
        timeout: float | None = None,
        progress: Callable[[BuildMoveInfo], object] | None = None,
    ) -> BuildMoveInfo:
        """Have all open runs of a build go on with another one where their history replays on it, and wait for it.

        Args:
            project_id: the project.
            from_build: the id of the build that they run on.
            to_build: a build id, or `current`.
            timeout: seconds to wait; None for until the move has ended. What is left then goes on, and the answer's
                status is `running`.
            progress: called with each answer, the last one too.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        first_wait = FIRST_WAIT_SECONDS if timeout is None else min(timeout, FIRST_WAIT_SECONDS)
        found = await self.send(calls.move_all(project_id, from_build, to_build, first_wait))
        while True:
            if progress is not None:
                progress(found)
            if found.status != MoveStatus.RUNNING or (deadline is not None and time.monotonic() >= deadline):
                return found
            await asyncio.sleep(LOOK_SECONDS)
            found = await self.send(calls.build_move(project_id, found.move_id))
