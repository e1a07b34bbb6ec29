"""The calls of the asynchronous client about schedules."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Unpack

from workerhost.answers import CommandResult, ScheduleInfo, SchedulePage
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import schedules as calls
from workerhost.client.options import ScheduleOptions


class AsyncScheduleCalls(AsyncConnection):
    """Schedules, which start runs at times."""

    async def schedule_page(
        self,
        project_id: str,
        limit: int = 50,
        cursor: str | None = None,
    ) -> SchedulePage:
        """Return some schedules of the project, by name.

        Args:
            project_id: the project.
            limit: how many at most.
            cursor: that of the page before; None for the first page.
        """
        return await self.send(calls.schedules(project_id, limit, cursor))

    async def schedules(self, project_id: str, *, page_size: int = 50) -> AsyncIterator[ScheduleInfo]:
        """Yield all schedules of the project by name, `page_size` with each call."""
        async for page in self._pages(lambda cursor: calls.schedules(project_id, page_size, cursor)):
            for schedule in page.schedules:
                yield schedule

    async def schedule(self, project_id: str, name: str) -> ScheduleInfo:
        """Return one schedule, with its next and its last runs."""
        return await self.send(calls.schedule(project_id, name))

    async def put_schedule(
        self,
        project_id: str,
        name: str,
        workflow_type: str,
        **options: Unpack[ScheduleOptions],
    ) -> ScheduleInfo:
        """Make a schedule, or replace it; what is left out is as if it were new.

        Args:
            project_id: the project.
            name: of the schedule.
            workflow_type: what it starts.
            **options: when and how; at least one of `cron`, `interval_seconds` and `calendar`.
        """
        return await self.send(calls.put_schedule(project_id, name, workflow_type, options))

    async def delete_schedule(self, project_id: str, name: str) -> CommandResult:
        """Delete a schedule; the runs that it has started go on."""
        return await self.send(calls.delete_schedule(project_id, name))

    async def trigger_schedule(self, project_id: str, name: str, *, overlap: str | None = None) -> CommandResult:
        """Have a schedule start a run now.

        Args:
            project_id: the project.
            name: of the schedule.
            overlap: what happens where a run of it still runs, as `allowAll`; None for what the schedule says.
        """
        return await self.send(calls.command("trigger", project_id, name, {"overlap": overlap}))

    async def pause_schedule(self, project_id: str, name: str, *, note: str | None = None) -> CommandResult:
        """Have a schedule start nothing at its times; a note that is None stays as it is."""
        return await self.send(calls.command("pause", project_id, name, {"note": note}))

    async def resume_schedule(self, project_id: str, name: str, *, note: str | None = None) -> CommandResult:
        """Have a paused schedule go on; a note that is None stays as it is."""
        return await self.send(calls.command("resume", project_id, name, {"note": note}))

    async def backfill_schedule(
        self,
        project_id: str,
        name: str,
        begin: datetime,
        end: datetime,
        *,
        overlap: str | None = None,
    ) -> CommandResult:
        """Have a schedule start the runs of its times from `begin` to `end`.

        Args:
            project_id: the project.
            name: of the schedule.
            begin: it must have a time zone.
            end: it must have a time zone.
            overlap: what happens where a run of it still runs; None for one run after the other.
        """
        return await self.send(calls.backfill(project_id, name, begin, end, overlap))
