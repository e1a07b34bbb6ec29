"""Schedules of a project: make, change, list, look at, pause, trigger, backfill, delete."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesRequest
from temporalio.client import (
    Client,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleBackfill,
    ScheduleDescription,
    ScheduleHandle,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import ConflictError, InvalidRequestError, NotFoundError
from workerhost.model import Project
from workerhost.runtime.executions import cursors
from workerhost.runtime.executions.lookup import refuse_unsendable
from workerhost.runtime.schedules.conversion import OVERLAPS, as_timestamp, belongs, schedule_id, schedule_of
from workerhost.runtime.schedules.definition import Backfill, FoundSchedule, ScheduleDefinition
from workerhost.runtime.schedules.lookup import (
    find,
    for_all,
    handle_of,
    list_names,
    look,
    look_if_there,
    not_found,
    raise_unless_gone,
    wait_until_listed,
)
from workerhost.runtime.schedules.refusals import refusal_of
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.store import Store
from workerhost.words import ScheduleOverlap

T = TypeVar("T")

LIST = "schedules"
"""What cursors call pages of schedules."""

MANY_SECONDS = 60.0
"""How long a call about many schedules may take."""

MOST_LISTED = 200
"""Schedules of a page at most, since each of them is looked at."""

TRIES = 3
"""How often a schedule is put, where others make and delete it meanwhile."""

BACKFILL_LIMIT = 1000
"""So many runs, or more, are not started by one backfill: more times than these Temporal does not name."""

EXCLUSIVE = timedelta(microseconds=1)
"""Temporal leaves the beginning of a backfill out, so that it is asked for a little more."""


class Schedules:
    """Schedules of projects, kept by Temporal alone. Safe to use from any thread; every call may block.

    Every call raises `TemporalUnavailableError` where the server does not answer, and those about one schedule
    `NotFoundError` where the project has none of that name.

    Args:
        temporal: the way to Temporal.
        store: where projects are.
    """

    def __init__(self, temporal: TemporalConnection, store: Store) -> None:
        self._temporal = temporal
        self._store = store

    def put(self, project: Project, name: str, wanted: ScheduleDefinition) -> tuple[FoundSchedule, bool]:
        """Make a schedule, or have it be as it is wanted now; return it, and whether it is new.

        Args:
            project: on whose task queue it starts runs.
            name: of the schedule.
            wanted: what it starts, and when.

        Raises:
            InvalidRequestError: Temporal refuses it.
            ConflictError: another client has a schedule of that id, or others make and delete it all the time.
        """
        refuse_unsendable(wanted.args)
        schedule = schedule_of(project, name, wanted)

        async def put(client: Client) -> tuple[FoundSchedule, bool]:
            for _ in range(TRIES):
                try:
                    await client.create_schedule(schedule_id(project, name), schedule, rpc_timeout=RPC_TIMEOUT)
                    await wait_until_listed(client, project, name)
                    return await look(client, project, name), True
                except ScheduleAlreadyRunningError:
                    if await _replace(client, project, name, ScheduleUpdate(schedule)):
                        return await look(client, project, name), False
            raise ConflictError(f"schedule {name} of project {project.id} is made and deleted by others; try again")

        try:
            answer = self._temporal.call(put, MANY_SECONDS)
        except RPCError as error:
            raise refusal_of(error, wanted) or error from error
        self._keep_to(project)
        return answer

    def get(self, project: Project, name: str) -> FoundSchedule:
        """Return one schedule, as it is now."""
        return self._temporal.call(lambda client: look(client, project, name))

    def find(self, project: Project, name: str) -> FoundSchedule | None:
        """Return one schedule, as it is now, or None where the project has none of that name."""
        return self._temporal.call(lambda client: look_if_there(client, project, name))

    def page(self, project: Project, limit: int, cursor: str | None) -> tuple[Sequence[FoundSchedule], str | None]:
        """Return some schedules of the project, by name, and where the next page begins.

        Temporal lists a new schedule a moment late. What is returned of a listed one is as it is now.

        Args:
            project: whose they are.
            limit: how many at most; never more than `MOST_LISTED`.
            cursor: that of the page before; None for the first page.

        Raises:
            InvalidRequestError: the cursor is none of this project's.
        """
        after = cursors.decode(cursor, [LIST, project.id], _name_of) if cursor else ""
        limit = min(limit, MOST_LISTED)

        async def list_some(client: Client) -> tuple[Sequence[FoundSchedule], str | None]:
            names = [name for name in await list_names(client, project) if name > after]
            shown = await for_all(names[:limit], lambda name: look_if_there(client, project, name))
            more = cursors.encode([LIST, project.id], [names[limit - 1]]) if len(names) > limit else None
            return [each for each in shown if each is not None], more

        return self._temporal.call(list_some, MANY_SECONDS)

    def delete(self, project: Project, name: str) -> None:
        """Delete a schedule. The runs that it has started go on."""
        self._change(project, name, lambda handle, _: handle.delete(rpc_timeout=RPC_TIMEOUT))

    def trigger(self, project: Project, name: str, overlap: ScheduleOverlap | None) -> None:
        """Have a schedule start a run now, also one that is paused.

        Args:
            project: whose it is.
            name: of the schedule.
            overlap: what happens where a run of it runs; None for what the schedule says.
        """
        policy = OVERLAPS[overlap] if overlap else None
        self._change(project, name, lambda handle, _: handle.trigger(overlap=policy, rpc_timeout=RPC_TIMEOUT))

    def pause(self, project: Project, name: str, note: str | None) -> None:
        """Have a schedule start nothing at its times; a note that is None stays as it is."""
        self._change(
            project, name, lambda handle, now: handle.pause(note=_note(note, now, "paused"), rpc_timeout=RPC_TIMEOUT)
        )

    def resume(self, project: Project, name: str, note: str | None) -> None:
        """Have a paused schedule go on; a note that is None stays as it is."""
        self._change(
            project, name, lambda handle, now: handle.unpause(note=_note(note, now, "resumed"), rpc_timeout=RPC_TIMEOUT)
        )

    def backfill(self, project: Project, name: str, wanted: Backfill) -> int:
        """Have a schedule go through a time as if it passed now, and return how many of its times lie in it.

        Raises:
            InvalidRequestError: these are `BACKFILL_LIMIT` or more.
        """
        begin = wanted.begin - EXCLUSIVE
        request = ListScheduleMatchingTimesRequest(
            schedule_id=schedule_id(project, name), start_time=as_timestamp(begin), end_time=as_timestamp(wanted.end)
        )

        async def fill(client: Client) -> int:
            await find(client, project, name)
            request.namespace = client.namespace
            found = await client.workflow_service.list_schedule_matching_times(request, retry=True, timeout=RPC_TIMEOUT)
            if len(found.start_time) >= BACKFILL_LIMIT:
                raise InvalidRequestError(
                    f"between from and to lie {BACKFILL_LIMIT} times of schedule {name} or more; backfill in parts"
                )
            backfill = ScheduleBackfill(begin, wanted.end, OVERLAPS[wanted.overlap])
            await handle_of(client, project, name).backfill(backfill, rpc_timeout=RPC_TIMEOUT)
            return len(found.start_time)

        return self._answered(project, name, fill)

    def check(self, project: Project) -> None:
        """Ask Temporal for the project's schedules, before something is done that is to go on with them."""
        self._temporal.call(lambda client: list_names(client, project), MANY_SECONDS)

    def delete_all(self, project: Project) -> None:
        """Delete all schedules of the project. Calling this again deletes what is left."""

        async def delete(client: Client, name: str) -> None:
            try:
                await find(client, project, name)
                await handle_of(client, project, name).delete(rpc_timeout=RPC_TIMEOUT)
            except (NotFoundError, RPCError) as error:
                raise_unless_gone(error)

        self._for_each(project, delete)

    def follow_task_queue(self, project: Project) -> None:
        """Have all schedules of the project start runs on its present task queue. May be called again."""

        def move(now: ScheduleUpdateInput) -> ScheduleUpdate | None:
            action = now.description.schedule.action
            if not isinstance(action, ScheduleActionStartWorkflow) or action.task_queue == project.task_queue:
                return None
            action.task_queue = project.task_queue
            return ScheduleUpdate(now.description.schedule)

        async def follow(client: Client, name: str) -> None:
            try:
                await find(client, project, name)
                await handle_of(client, project, name).update(move, rpc_timeout=RPC_TIMEOUT)
            except (NotFoundError, RPCError) as error:
                raise_unless_gone(error)

        self._for_each(project, follow)

    def _keep_to(self, project: Project) -> None:
        """Do with the schedules of a project what calls that deleted or changed it meanwhile may have missed.

        Raises:
            NotFoundError: the project is deleted, and so are its schedules.
        """
        try:
            now = self._store.projects.get(project.id)
        except NotFoundError:
            self.delete_all(project)
            raise
        if now.task_queue != project.task_queue:
            self.follow_task_queue(now)

    def _for_each(self, project: Project, use: Callable[[Client, str], Awaitable[None]]) -> None:
        async def use_all(client: Client) -> None:
            await for_all(await list_names(client, project), lambda name: use(client, name))

        self._temporal.call(use_all, MANY_SECONDS)

    def _change(
        self, project: Project, name: str, change: Callable[[ScheduleHandle, ScheduleDescription], Awaitable[None]]
    ) -> None:
        async def apply(client: Client) -> None:
            now = await find(client, project, name)
            await change(handle_of(client, project, name), now)

        self._answered(project, name, apply)

    def _answered(self, project: Project, name: str, use: Callable[[Client], Awaitable[T]]) -> T:
        try:
            return self._temporal.call(use, 4 * RPC_TIMEOUT.total_seconds())
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:  # it was deleted since it was found
                raise not_found(project, name) from error
            raise refusal_of(error, None) or error from error


async def _replace(client: Client, project: Project, name: str, update: ScheduleUpdate) -> bool:
    """Change a schedule that was there a moment ago; tell whether it still was.

    Raises:
        ConflictError: it is another client's.
    """

    def change(now: ScheduleUpdateInput) -> ScheduleUpdate:
        if not belongs(project, now.description):
            raise ConflictError(f"another client of Temporal has a schedule with the id {schedule_id(project, name)}")
        return update

    try:
        await handle_of(client, project, name).update(change, rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


def _note(given: str | None, now: ScheduleDescription, otherwise: str) -> str:
    """Return the note of a schedule that is paused or resumed, which Temporal wants to have one."""
    known = now.schedule.state.note
    return given or (known if known and known not in ("paused", "resumed") else otherwise)


def _name_of(position: object) -> str:
    match position:
        case [str(name)]:
            return name
    raise ValueError(position)
