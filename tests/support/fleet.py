"""Several hosts on one database and one Temporal, as real processes."""

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from temporalio.client import Client

from support.processes import RestClient, Workerhost, serve, workerhost
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.store import Store
from workerhost.testing import eventually

QUICK = {
    "WORKERHOST_DRAIN_TIMEOUT": "10",
    "WORKERHOST_RECONCILE_INTERVAL": "0.2",
    "WORKERHOST_HEARTBEAT_INTERVAL": "0.5",
    "WORKERHOST_LEASE_TIMEOUT": "3",
}
"""Times that keep the tests short."""


class Fleet:
    """Hosts that are started with `serve` and `host`; whatever still runs at the end is killed."""

    def __init__(self, folder: Path, temporal: EmbeddedTemporal, database_url: str) -> None:
        self.temporal = temporal
        self.store = Store(database_url)
        self._folder = folder
        self._environment = {"DATABASE_URL": database_url, **QUICK}
        self._stack = contextlib.ExitStack()
        self._stack.callback(self.store.close)

    def serve(self, *arguments: str, **environment: str) -> tuple[Workerhost, RestClient]:
        """Start `workerhost serve` and wait until its hosts have registered."""
        known = len(self.hosts())
        started = self._stack.enter_context(
            serve(self._folder, self.temporal, *arguments, **self._environment, **environment)
        )
        workers = int(arguments[arguments.index("--workers") + 1]) if "--workers" in arguments else 1
        eventually(lambda: len(self.hosts()) == known + workers)
        return started

    def host(self, *arguments: str, **environment: str) -> Workerhost:
        """Start `workerhost host` and wait until it has registered."""
        all_variables = {**self._environment, "TEMPORAL_ADDRESS": self.temporal.address, **environment}
        process = self._stack.enter_context(workerhost("host", *arguments, folder=self._folder, **all_variables))
        process.wait_for("^Host [0-9a-f]+ runs")
        return process

    def close(self) -> None:
        self._stack.close()

    def hosts(self) -> list[str]:
        """Return the ids of the live hosts."""
        with contextlib.suppress(Exception):  # before the tables are there
            return [host.id for host in self.store.hosts.all(60)]
        return []

    def process_of(self, project_id: str) -> int | None:
        """Return the id of the process whose worker holds a lease on the project, or None while none does."""
        wanted = self.store.leases.wanted_one(project_id)
        holders = {lease.host_id for lease in wanted[0].leases} if wanted else set()
        return next((host.process_id for host in self.store.hosts.all(60) if host.id in holders), None)

    def loads(self) -> list[int]:
        """Return how many running leases each live host has, the least first."""
        leases = [lease for each in self.store.leases.wanted() for lease in each.leases if lease.status == "running"]
        counts = Counter(lease.host_id for lease in leases)
        return sorted(counts[host] for host in self.hosts())

    def is_served(self, project_id: str) -> bool:
        """Tell whether some worker polls for the project."""
        return any(row.status == "running" for row in self.store.workers.alive(project_id))

    def is_settled(self) -> bool:
        """Tell whether all that polls holds a lease: nothing is on its way from one host to another."""
        rows = [row for each in self.store.leases.wanted() for row in self.store.workers.alive(each.project.id)]
        return all(row.status == "running" and row.replica is not None for row in rows)


class Load:
    """Executions that begin one after the other, in a thread, until the load is stopped.

    Args:
        address: of Temporal.
        queues: task queues that take turns.
        workflow_type: what to run, with one argument.
    """

    def __init__(self, address: str, queues: list[str], workflow_type: str, argument: Any) -> None:
        self.results: list[Any] = []
        self.failures: list[Exception] = []
        self._address = address
        self._queues = queues
        self._workflow_type = workflow_type
        self._argument = argument
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    @contextlib.contextmanager
    def running(self) -> Iterator["Load"]:
        """Begin; at the end of the block begin no more, and wait until all that were begun have ended."""
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join(100)
            assert not self._thread.is_alive(), "some executions have not ended"

    async def _run(self) -> None:
        client = await Client.connect(self._address)
        slots = asyncio.Semaphore(8)
        begun: list[asyncio.Future[None]] = []
        while not self._stop.is_set():
            await slots.acquire()
            queue = self._queues[len(begun) % len(self._queues)]
            execution = asyncio.ensure_future(self._execute(client, f"{queue}-{id(self)}-{len(begun)}", queue))
            execution.add_done_callback(lambda _: slots.release())
            begun.append(execution)
        await asyncio.gather(*begun)

    async def _execute(self, client: Client, workflow_id: str, queue: str) -> None:
        try:
            result = await client.execute_workflow(
                self._workflow_type, self._argument, id=workflow_id, task_queue=queue
            )
        except Exception as error:
            self.failures.append(error)
        else:
            self.results.append(result)
