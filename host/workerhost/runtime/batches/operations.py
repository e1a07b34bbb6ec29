"""What callers ask of batches: to begin one, to see how far it is, and to stop it."""

import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from workerhost.errors import InvalidArgumentsError, InvalidRequestError, StoreUnavailableError
from workerhost.model import Project
from workerhost.runtime.batches.arguments import runs_as_json, starts_as_json
from workerhost.runtime.batches.run_operations import ResetRuns, RunOperation
from workerhost.runtime.batches.runner import BatchRunner
from workerhost.runtime.batches.work import query_of
from workerhost.runtime.executions import cursors
from workerhost.runtime.executions.listing.filter import ExecutionFilter
from workerhost.runtime.executions.listing.pages import read_position
from workerhost.runtime.executions.lookup import refuse_unsendable
from workerhost.runtime.executions.starting.start_options import ExecutionStart
from workerhost.runtime.executions.starting.starter import ExecutionStarter, refuse_unknown_type
from workerhost.runtime.types.arguments import ArgumentChecker
from workerhost.store import Store
from workerhost.store.batches import Batch
from workerhost.words import BatchOperation, BuildId

log = logging.getLogger(__name__)

LIST = "batches"
"""What cursors call pages of batches."""

LONGEST_CHECK_SECONDS = 5.0
"""How long the arguments of all starts of a batch may be checked; those that are left then are let through. A check of
one may take a tenth of a second where its schema wants that, and a batch has 20,000."""


class Batches:
    """The batches of projects. Safe to use from any thread; every call may block.

    Every call raises `NotFoundError` where there is no such project or batch.

    Args:
        store: where they are.
        starter: knows the builds that new executions take.
        runner: works on them.
        checker: refuses arguments that do not fit.
    """

    def __init__(self, store: Store, starter: ExecutionStarter, runner: BatchRunner, checker: ArgumentChecker) -> None:
        self._store = store
        self._starter = starter
        self._runner = runner
        self._checker = checker

    def begin_with_runs(
        self, project_id: str, word: BatchOperation, operation: RunOperation, wanted: ExecutionFilter
    ) -> str:
        """Have something done with all runs that a filter admits, and return the id of the batch.

        Args:
            project_id: whose runs they are.
            word: what is done.
            operation: the same, with all that is said of it.
            wanted: the filter.

        Raises:
            InvalidRequestError: the filter cannot be asked for, or admits no run with which that can be done.
            NotFoundError: the project has no such build.
            ConflictError: too many batches of the project have not ended.
        """
        project = self._store.projects.get(project_id)
        query_of(operation, wanted, project)  # refuses what cannot be asked for
        if isinstance(operation, ResetRuns) and operation.build:
            operation = replace(operation, build=self._store.builds.named(project, operation.build).id)
        return self._begin(project, word, 0, runs_as_json(word, operation, wanted))

    def begin_with_starts(self, project_id: str, starts: Sequence[ExecutionStart], *, checked: bool = True) -> str:
        """Have many executions started, and return the id of the batch.

        Args:
            project_id: whose they are.
            starts: what is started, in this order.
            checked: whether the arguments of each must fit what the code takes.

        Raises:
            NotFoundError: the project has no such workflow type.
            InvalidRequestError: two have the same workflow id, or one holds what cannot be sent.
            InvalidArgumentsError: the arguments of one do not fit.
            ConflictError: the project has no code, or too many of its batches have not ended.
        """
        project = self._store.projects.get(project_id)
        builds = self._starter.builds_of_new_runs(project)
        for workflow_type in dict.fromkeys(start.workflow_type for start in starts):
            refuse_unknown_type(project_id, builds, workflow_type)
        places: dict[str, int] = {}
        deadline = time.monotonic() + LONGEST_CHECK_SECONDS
        for number, start in enumerate(starts):
            _refuse_unfit(number, start, places)
            if checked:
                self._refuse_misfit(project, [build.id for build in builds], number, start, deadline)
        return self._begin(project, BatchOperation.START, len(starts), starts_as_json(starts))

    def get(self, project_id: str, batch_id: str) -> Batch:
        """Return a batch as it is now."""
        return self._store.batches.get(self._store.projects.get(project_id).id, batch_id)

    def page(self, project_id: str, limit: int, cursor: str | None) -> tuple[Sequence[Batch], str | None]:
        """Return a page of batches, newest first, and the cursor of the next page.

        Args:
            project_id: whose they are.
            limit: most of the page.
            cursor: of the page; None for the first one.

        Raises:
            InvalidRequestError: the cursor is none of this project's.
        """
        project = self._store.projects.get(project_id)
        before = cursors.decode(cursor, [LIST, project.id], read_position) if cursor else None
        found = self._store.batches.page(project.id, limit + 1, before)
        page = found[:limit]
        return page, _cursor(page[-1]) if len(found) > limit else None

    def stop(self, project_id: str, batch_id: str) -> Batch:
        """Have a batch end before its time, and return it; what it has begun is ended first. May be asked again."""
        return self._store.batches.stop(self._store.projects.get(project_id).id, batch_id)

    def _refuse_misfit(
        self, project: Project, builds: Sequence[BuildId], number: int, start: ExecutionStart, deadline: float
    ) -> None:
        try:
            self._checker.check_start(project, builds, start.workflow_type, start.args, deadline=deadline)
        except InvalidArgumentsError as error:
            raise InvalidArgumentsError(f"executions.{number}: {error}") from error

    def _begin(self, project: Project, word: BatchOperation, total: int, arguments: dict[str, Any]) -> str:
        batch = Batch(uuid.uuid4().hex[:12], project.id, word, total=total)
        self._store.batches.add(batch, arguments)
        try:
            self._runner.take_up_batches()
        except StoreUnavailableError as error:
            log.info("the batch %s begins later: %s", batch.id, error)
        return batch.id


def _refuse_unfit(number: int, start: ExecutionStart, places: dict[str, int]) -> None:
    """Raise an error where a start cannot be sent, or has the workflow id of an earlier one, as `places` has them."""
    try:
        refuse_unsendable([*start.args, start.options.memo])
    except InvalidRequestError as error:
        raise InvalidRequestError(f"executions.{number}: {error}") from error
    if start.workflow_id is not None and (earlier := places.setdefault(start.workflow_id, number)) != number:
        raise InvalidRequestError(f"executions.{number}.workflowId is that of executions.{earlier} as well")


def _cursor(batch: Batch) -> str:
    assert batch.created_at is not None  # noqa: S101  it was read from the store
    return cursors.encode([LIST, batch.project_id], [batch.created_at.isoformat(), batch.id])
