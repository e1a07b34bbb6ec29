"""Works on batches in threads of this host, and goes on with those that other hosts have left."""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from temporalio.client import Client

from workerhost.errors import StoreUnavailableError, TemporalUnavailableError, WorkerhostError
from workerhost.runtime.batches.arguments import read_runs, read_starts
from workerhost.runtime.batches.progress import BatchProgress, answered, work_through
from workerhost.runtime.batches.run_operations import RunTools
from workerhost.runtime.batches.work import BatchWork, RunWork, StartWork, query_of
from workerhost.runtime.executions.resetting.wanted import RunResetter
from workerhost.runtime.executions.starting.starter import ExecutionStarter
from workerhost.runtime.temporal.connection import connect
from workerhost.service_log.repeated_failures import RepeatedFailures
from workerhost.store import Store
from workerhost.store.batches import Batch
from workerhost.words import BatchOperation, BatchStatus, HostId

log = logging.getLogger(__name__)

BATCHES_AT_ONCE = 3
"""Batches that one host works on at the same time, each of another project."""

VISIBILITY_SECONDS = 2.0
"""How long a batch over a filter waits before its first look: Temporal lists an execution that much after its start."""


class BatchRunner:
    """Works on batches. Safe to use from any thread; every call may block.

    Each batch has a thread with an event loop and a client of its own, so that the calls of the API do not wait for it.
    Where the host dies, another one goes on from the last progress that was written. What was begun after that is done
    again, which changes nothing: starts, signals and resets have the same request ids, and Temporal knows these again.

    Args:
        store: where batches are.
        starter: knows the builds that new executions take.
        resetter: resets runs.
        connect_options: of Temporal.
        host_id: of this host.
    """

    def __init__(
        self,
        store: Store,
        starter: ExecutionStarter,
        resetter: RunResetter,
        connect_options: dict[str, Any],
        host_id: HostId,
    ) -> None:
        self._store = store
        self._starter = starter
        self._resetter = resetter
        self._connect_options = connect_options
        self._host_id = host_id
        self._executor = ThreadPoolExecutor(BATCHES_AT_ONCE, thread_name_prefix="batch")
        self._failures = RepeatedFailures(log)
        self._stopping = threading.Event()
        self._working_on: set[str] = set()
        self._assigning = threading.Lock()
        """Held while this host is given a batch, so that it does not take one twice."""

    def take_up_batches(self) -> None:
        """Begin with batches that wait, and go on with those of hosts that are gone, as many as this host has room for.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        with self._assigning:
            while not self._stopping.is_set() and len(self._working_on) < BATCHES_AT_ONCE:
                batch = self._store.batches.claim(self._host_id, tuple(self._working_on))
                if batch is None:
                    return
                self._working_on.add(batch.id)
                self._executor.submit(self._work, batch)

    def stop(self) -> None:
        """Leave batches that are under way to other hosts, and wait for the threads. May be called again."""
        with self._assigning:
            self._stopping.set()
        self._executor.shutdown(wait=True)

    def _work(self, batch: Batch) -> None:
        progress = BatchProgress(self._store, batch, self._stopping)
        try:
            has_ended = self._go_on(progress)
        except StoreUnavailableError as error:
            sentence = f"the batch {batch.id} goes on later: {error}"
            self._failures.note(batch.id, sentence, project=batch.project_id)
            has_ended = False
        except Exception:
            log.exception("the batch %s of project %s failed", batch.id, batch.project_id)
            has_ended = False
        finally:
            with self._assigning:
                self._working_on.discard(batch.id)
        if has_ended:  # otherwise it would be taken up again at once
            self._take_up_next()

    def _go_on(self, progress: BatchProgress) -> bool:
        """Work on a batch, and tell whether it has ended."""
        try:
            if progress.batch.status == BatchStatus.RUNNING and asyncio.run(self._work_through(progress)):
                progress.complete()
            else:
                progress.hand_over()
        except StoreUnavailableError:
            raise
        except TemporalUnavailableError as error:
            batch = progress.batch
            sentence = f"the batch {batch.id} goes on later: {error}"
            self._failures.note(batch.id, sentence, project=batch.project_id)
            progress.hand_over()
            return False
        except Exception as error:
            if not isinstance(error, WorkerhostError):
                log.exception("the batch %s failed", progress.batch.id)
            progress.give_up(
                str(error) if isinstance(error, WorkerhostError) else "the service failed; its log says why"
            )
        return True

    async def _work_through(self, progress: BatchProgress) -> bool:
        address = self._connect_options["target_host"]
        work = self._find_work(await connect(self._connect_options), progress.batch)
        if not progress.batch.position:
            if progress.batch.operation != BatchOperation.START:
                await asyncio.to_thread(self._stopping.wait, VISIBILITY_SECONDS)
            progress.begin(*await answered(work.measure(), address))
        return await work_through(work, progress, address)

    def _find_work(self, client: Client, batch: Batch) -> BatchWork:
        project = self._store.projects.get(batch.project_id)
        arguments = self._store.batches.arguments(batch.id)
        if batch.operation == BatchOperation.START:
            return StartWork(client, project, self._starter.builds_of_new_runs(project), batch, read_starts(arguments))
        operation, wanted = read_runs(batch.operation, arguments)
        began = batch.created_at
        assert began is not None  # noqa: S101  it was read from the store
        query = query_of(operation, wanted, project, self._store.moves.runs(project.id), began)
        return RunWork(RunTools(client, project.id, began, self._resetter), project, batch, operation, query)

    def _take_up_next(self) -> None:
        try:
            self.take_up_batches()
        except StoreUnavailableError as error:
            log.info("no further batch is taken up now: %s", error)
