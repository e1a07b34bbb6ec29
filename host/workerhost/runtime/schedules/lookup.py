"""Finding the schedules of a project among those of the namespace."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from temporalio.client import Client, ScheduleDescription, ScheduleHandle
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import NotFoundError
from workerhost.model import Project
from workerhost.runtime.schedules.conversion import belongs, found_schedule, schedule_id
from workerhost.runtime.schedules.definition import FoundSchedule
from workerhost.runtime.temporal.connection import RPC_TIMEOUT

R = TypeVar("R")

MOST_AT_ONCE = 16
"""Schedules that are asked about at once."""

LISTED_SECONDS, LOOK_SECONDS = 1.0, 0.02
"""How long making a schedule waits until Temporal lists it, and how often it looks. The embedded server takes 10 ms."""


async def find(client: Client, project: Project, name: str) -> ScheduleDescription:
    """Return what Temporal says of a schedule of the project.

    Raises:
        NotFoundError: the project has none of that name.
    """
    try:
        described = await handle_of(client, project, name).describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            raise not_found(project, name) from error
        raise
    if not belongs(project, described):
        raise not_found(project, name)
    return described


async def look(client: Client, project: Project, name: str) -> FoundSchedule:
    """Return a schedule of the project as it is now, with its arguments whole.

    Raises:
        NotFoundError: the project has none of that name.
    """
    return await found_schedule(project, await find(client, project, name), is_listed=False)


async def look_if_there(client: Client, project: Project, name: str) -> FoundSchedule | None:
    """Return a schedule of the project as a list shows it, or None where it is another client's, or gone."""
    try:
        return await found_schedule(project, await find(client, project, name), is_listed=True)
    except NotFoundError:
        return None


async def list_names(client: Client, project: Project) -> list[str]:
    """Return the names that the ids of schedules have which begin with the project's, sorted."""
    prefix = schedule_id(project)
    query = f"ScheduleId STARTS_WITH '{prefix}'"
    found = await client.list_schedules(query, page_size=1000, rpc_timeout=RPC_TIMEOUT)
    return sorted({each.id.removeprefix(prefix) async for each in found})


async def wait_until_listed(client: Client, project: Project, name: str) -> None:
    """Wait a moment, so that who makes a schedule and then lists all sees it."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LISTED_SECONDS
    query = f"ScheduleId = '{schedule_id(project, name)}'"
    while loop.time() < deadline:
        async for _ in await client.list_schedules(query, rpc_timeout=RPC_TIMEOUT):
            return
        await asyncio.sleep(LOOK_SECONDS)


async def for_all(names: Sequence[str], use: Callable[[str], Awaitable[R]]) -> list[R]:
    """Do something about each name, some at once, and return what came of it, in the same order."""
    places = asyncio.Semaphore(MOST_AT_ONCE)

    async def use_one(name: str) -> R:
        async with places:
            return await use(name)

    return await asyncio.gather(*(use_one(name) for name in names))


def handle_of(client: Client, project: Project, name: str) -> ScheduleHandle:
    """Return the SDK's handle of a schedule of the project."""
    return client.get_schedule_handle(schedule_id(project, name))


def not_found(project: Project, name: str) -> NotFoundError:
    """Return the error for a schedule that does not exist."""
    return NotFoundError(f"project {project.id} has no schedule {name}", code="schedule_not_found")


def raise_unless_gone(error: NotFoundError | RPCError) -> None:
    """Raise an error about a schedule again, unless it says that the schedule does not exist."""
    if isinstance(error, RPCError) and error.status != RPCStatusCode.NOT_FOUND:
        raise error
