"""Workflows every part of which says on which build it ran, for tests that publish while they run."""

import asyncio
import contextlib
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowHandle

from support.fleet import Fleet
from support.processes import RestClient, Workerhost
from workerhost.errors import StoreUnavailableError
from workerhost.testing import eventually, unique_id

JOURNEY = '''
import asyncio
from datetime import timedelta

from temporalio import activity, workflow

SOON = timedelta(seconds=30)


@activity.defn
async def mark() -> str:
    await asyncio.sleep(0.01)
    return "MARK"


@workflow.defn
class Leg:
    @workflow.run
    async def run(self, pause: float) -> list[str]:
        first = await workflow.execute_activity(mark, start_to_close_timeout=SOON)
        if pause:
            await workflow.sleep(pause)
        return ["MARK", first, await workflow.execute_activity(mark, start_to_close_timeout=SOON), "MARK"]


@workflow.defn
class Journey:
    """Does something of everything, and waits for a signal and an update in between."""

    def __init__(self) -> None:
        self.marks = ["MARK"]
        self.has_word = self.is_hurried = False

    @workflow.run
    async def run(self) -> list[str]:
        self.marks.append(await workflow.execute_activity(mark, start_to_close_timeout=SOON))
        await workflow.sleep(0.1)
        self.marks.extend(await workflow.execute_child_workflow(Leg.run, 0))
        await workflow.wait_condition(lambda: self.has_word)
        self.marks.append(await workflow.execute_local_activity(mark, start_to_close_timeout=SOON))
        await workflow.wait_condition(lambda: self.is_hurried)
        self.marks.append(await workflow.execute_activity(mark, start_to_close_timeout=SOON))
        return [*self.marks, "MARK"]

    @workflow.signal
    def say(self) -> None:
        self.marks.append("MARK")
        self.has_word = True

    @workflow.update
    async def hurry(self) -> str:
        self.is_hurried = True
        return "MARK"

    @workflow.query
    def build(self) -> str:
        return "MARK"
'''
PARTS_OF_A_JOURNEY = 11
"""How many marks a journey returns, with that of its update."""


def journey(mark: str) -> dict[str, str]:
    """Return the body of a publish every part of which says `mark`."""
    return {"version": mark, "workflowCode": JOURNEY.replace("MARK", mark)}


def publish(client: RestClient, project_id: str, mark: str) -> str:
    """Publish that and return the digest of the build."""
    return str(client.call("PUT", f"/projects/{project_id}/workflows/journey", journey(mark))["buildId"])


def two_hosts(fleet: Fleet) -> tuple[str, list[tuple[Workerhost, RestClient]]]:
    """Start two hosts with an API each that both run one project, on the build `v0`; return the project's id."""
    servers = [fleet.serve() for _ in range(2)]
    project_id = unique_id("project")
    servers[0][1].deploy(project_id, "journey", journey("v0"), settings={"replicas": 2})
    eventually(lambda: fleet.loads() == [1, 1] and fleet.is_settled())
    return project_id, servers


def host_process(fleet: Fleet, server: Workerhost) -> psutil.Process:
    """Return the process of the host that a `serve` runs."""
    family = {process.pid for process in server.family()}
    [host] = [host for host in fleet.store.hosts.all(60) if host.process_id in family]
    return psutil.Process(host.process_id)


def put_to_sleep(fleet: Fleet, process: psutil.Process) -> None:
    """Suspend a host at a moment when it does not write: SQLite would keep everybody else from writing meanwhile."""

    def is_asleep() -> bool:
        process.suspend()
        try:
            fleet.store.workers.forget(days=1)
        except StoreUnavailableError:
            process.resume()
            return False
        return True

    eventually(is_asleep, 60)


def kill_all(server: Workerhost) -> None:
    """Kill a `serve` and all its processes, so that nobody revives its host."""
    for process in server.family():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def current_mark(client: RestClient, project_id: str) -> str:
    """Return the version that is deployed, after a look that all that is told of it agrees.

    What is told by several calls may change between them: a database goes on with what a host had sent that was killed.
    """
    build, workflows = _current_build(client, project_id), None
    while workflows is None:
        workflows = client.call("GET", f"/projects/{project_id}/workflows")["workflows"]
        if (now := _current_build(client, project_id)) != build:
            build, workflows = now, None
    assert build["versions"] == {each["name"]: each["activeVersion"] for each in workflows}
    return str(build["versions"]["journey"])


def _current_build(client: RestClient, project_id: str) -> dict[str, Any]:
    deployment = client.call("GET", f"/projects/{project_id}/deployment")
    [current] = [build for build in deployment["builds"] if build["state"] == "current"]
    assert current["digest"] == deployment["currentBuild"]
    return {"digest": current["digest"], "versions": current["versions"]}


def legs(address: str, project_id: str, count: int) -> list[list[str]]:
    """Run so many short executions at once and return what they say."""
    return results(address, begin_legs(address, project_id, count))


def begin_legs(address: str, project_id: str, count: int) -> list[str]:
    """Begin so many short executions at once and return their workflow ids."""

    async def begin() -> list[str]:
        client = await Client.connect(address)
        queue = f"{project_id}-queue"
        begun = [client.start_workflow("Leg", 0, id=unique_id(project_id), task_queue=queue) for _ in range(count)]
        return [handle.id for handle in await asyncio.gather(*begun)]

    return asyncio.run(begin())


def held_back(address: str, workflow_ids: Iterable[str]) -> list[str]:
    """Return those executions whose first task was given to a worker some time ago that has not done it."""

    async def look() -> list[str]:
        client = await Client.connect(address)
        described = [await client.get_workflow_handle(each).describe() for each in workflow_ids]
        return [each.id for each in described if each.history_length == STARTED_EVENTS and _is_late(each)]

    return asyncio.run(look())


STARTED_EVENTS = 3
"""Events of an execution whose first task has begun and not ended."""


def _is_late(described: WorkflowExecutionDescription) -> bool:
    begun = described.raw_description.pending_workflow_task.started_time.ToDatetime(UTC)
    return datetime.now(UTC) - begun > timedelta(seconds=0.5)


def results(address: str, workflow_ids: Iterable[str]) -> list[list[str]]:
    """Wait for the ends of executions and return what they say."""

    async def wait() -> list[list[str]]:
        client = await Client.connect(address)
        return await _results([client.get_workflow_handle(each) for each in workflow_ids])

    return asyncio.run(wait())


async def _results(handles: Iterable[WorkflowHandle[Any, Any]]) -> list[list[str]]:
    return await asyncio.wait_for(asyncio.gather(*(handle.result() for handle in handles)), 90)


class Travellers:
    """Executions of `Journey`, a few at a time, in a thread, until so many have ended.

    Args:
        address: of Temporal.
        project_id: whose they are.
        count: how many in all.
    """

    AT_ONCE = 60

    def __init__(self, address: str, project_id: str, count: int) -> None:
        self.results: list[list[str]] = []
        self._address = address
        self._project_id = project_id
        self._count = count
        self._failures: list[BaseException] = []
        self._thread = threading.Thread(target=self._work, daemon=True)

    @contextlib.contextmanager
    def travelling(self) -> Iterator["Travellers"]:
        """Begin; at the end of the block wait until all have ended, and look that none has failed."""
        self._thread.start()
        yield self
        self._thread.join(200)
        assert not self._thread.is_alive(), f"{len(self.results)} of {self._count} executions have ended"
        assert self._failures == []
        assert len(self.results) == self._count

    def _work(self) -> None:
        try:
            asyncio.run(self._all())
        except BaseException as error:
            self._failures.append(error)
            raise

    async def _all(self) -> None:
        client = await Client.connect(self._address)
        slots = asyncio.Semaphore(self.AT_ONCE)

        async def travel() -> None:
            async with slots:
                self.results.append(await self._travel(client))

        await asyncio.gather(*(travel() for _ in range(self._count)))

    async def _travel(self, client: Client) -> list[str]:
        queue = f"{self._project_id}-queue"
        handle = await client.start_workflow("Journey", id=unique_id(self._project_id), task_queue=queue)
        await handle.signal("say")
        hurried: Any = await handle.execute_update("hurry")
        result: list[str] = await handle.result()
        return [*result, hurried]
