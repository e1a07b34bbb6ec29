"""Working through a batch: many executions at once, and what has come of them is counted in their order."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

from temporalio.service import RPCError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from workerhost.code.executing.converter import PayloadTooLargeError
from workerhost.errors import (
    InvalidRequestError,
    StoreUnavailableError,
    TemporalBusyError,
    TemporalRefusedError,
    TemporalUnavailableError,
    WorkerhostError,
)
from workerhost.runtime.batches.work import BatchItem, BatchWork
from workerhost.runtime.temporal.rpc_failures import failure_of, request_refused
from workerhost.store import Store
from workerhost.store.batches import Batch
from workerhost.words import BatchStatus

log = logging.getLogger(__name__)

T = TypeVar("T")

AHEAD = 4
"""How many times as many executions as are asked for at once may be begun before the oldest of them is counted: others
need not wait for a slow one."""

SAVE_SECONDS = 0.5
"""How often the progress of a batch is written, and looked at whether somebody has stopped it."""

MOST_FAILURES = 100
"""Failures of a batch that are kept with their reasons; all are counted."""


class BatchProgress:
    """How far a batch has come; belongs to the thread that works on it.

    Args:
        store: where it is written.
        batch: as the host was given it.
        stopping: is set when the host ends.
    """

    def __init__(self, store: Store, batch: Batch, stopping: threading.Event) -> None:
        self._store = store
        self._stopping = stopping
        self._saved_at = 0.0
        self._status: BatchStatus | None = batch.status
        self.batch = batch

    def begin(self, total: int, position: str) -> None:
        """Write how many executions there are, and where the first one is."""
        self.batch = replace(self.batch, total=total, position=position)
        self._save(self.batch)

    def note(self, item: BatchItem, reason: str | None) -> None:
        """Count an execution: as done, or as failed with its reason."""
        batch = replace(self.batch, position=item.position)
        if reason is None:
            self.batch = replace(batch, done=batch.done + 1)
            return
        failures = batch.failures
        if len(failures) < MOST_FAILURES:
            failures = [*failures, {"workflowId": item.workflow_id, "reason": reason}]
        self.batch = replace(batch, failed=batch.failed + 1, failures=failures)

    def is_to_end(self) -> bool:
        """Tell whether nothing more is to be begun: the batch is stopped or another host's, or this host ends."""
        if time.monotonic() - self._saved_at > SAVE_SECONDS:
            self._save(self.batch)
        return self._status != BatchStatus.RUNNING or self._stopping.is_set()

    def complete(self) -> None:
        """Write that all has been tried."""
        total = self.batch.done + self.batch.failed
        self._save(replace(self.batch, total=total, status=BatchStatus.COMPLETED))

    def hand_over(self) -> None:
        """Write that no host works on it now; one that somebody has stopped ends."""
        self._save(replace(self.batch, status=BatchStatus.WAITING))

    def give_up(self, reason: str) -> None:
        """Write that it cannot go on."""
        self._save(replace(self.batch, status=BatchStatus.FAILED, message=reason))

    def _save(self, batch: Batch) -> None:
        self._status = self._store.batches.save(batch)
        self._saved_at = time.monotonic()


async def work_through(work: BatchWork, progress: BatchProgress, address: str) -> bool:
    """Do what is left of a batch, and tell whether all of it is done now.

    Args:
        work: its executions.
        progress: how far it has come.
        address: of Temporal, for messages.

    Raises:
        TemporalUnavailableError: Temporal does not answer, or takes no more for a long time.
        TemporalRefusedError: it does not let this service in.
        InvalidRequestError: it does not take the filter.
        StoreUnavailableError: the progress cannot be written.
    """
    slots = asyncio.Semaphore(work.at_once)
    begun: deque[tuple[BatchItem, asyncio.Task[str | None]]] = deque()
    is_ended = progress.is_to_end()
    is_left = is_ended

    async def count_oldest() -> None:
        nonlocal is_left
        item, trying = begun[0]
        try:
            progress.note(item, await trying)
        except _NotTriedError:  # nor was any after it, as they get their places in turn
            is_left = True
        begun.popleft()

    async def try_in_turn(item: BatchItem) -> str | None:
        async with slots:
            if is_ended:
                raise _NotTriedError
            return await _try(item, address)

    try:
        items = work.items(progress.batch.position)
        while not is_ended and (item := await answered(anext(items, None), address)) is not None:
            begun.append((item, asyncio.create_task(try_in_turn(item))))
            if len(begun) >= AHEAD * work.at_once:
                await count_oldest()
            is_ended = is_left = progress.is_to_end()
        while begun:
            await count_oldest()
            is_ended = is_ended or progress.is_to_end()
    finally:
        await asyncio.gather(*(trying for _, trying in begun), return_exceptions=True)
    return not is_left


class _NotTriedError(Exception):
    """An execution had no place yet when the batch was stopped."""


async def answered(asked: Awaitable[T], address: str) -> T:
    """Return what Temporal answers.

    Args:
        asked: a question to it.
        address: of Temporal, for messages.

    Raises:
        WorkerhostError: it does not answer, or refuses; the sentence says which.
    """
    try:
        return await asked
    except PayloadTooLargeError as error:
        raise InvalidRequestError(error.message) from error
    except RPCError as error:
        raise (failure_of(error, address) or request_refused(error.message)) from error


@retry(
    retry=retry_if_exception_type(TemporalBusyError),
    wait=wait_random_exponential(multiplier=0.5, max=10),
    stop=stop_after_attempt(6),
    reraise=True,
)
async def _try(item: BatchItem, address: str) -> str | None:
    """Do one of the batch, and return why it failed, or None."""
    try:
        await answered(item.act(), address)
    except (TemporalUnavailableError, TemporalRefusedError, StoreUnavailableError):
        raise  # so it is for all
    except WorkerhostError as error:
        return str(error)
    except Exception:
        log.exception("a batch failed at execution %s", item.workflow_id)
        return "the service failed; its log says why"
    return None
