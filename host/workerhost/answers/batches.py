"""Answers about batches."""

from workerhost.answers.base import Answer, OrText, Time
from workerhost.words import BatchOperation, BatchStatus, WorkflowId


class BatchResult(Answer):
    """The id of a batch that was begun."""

    batch_id: str


class BatchFailureInfo(Answer):
    """One execution with which a batch could not do what it does."""

    workflow_id: WorkflowId
    reason: str
    """A sentence for people."""


class BatchInfo(Answer):
    """How far a batch has come."""

    batch_id: str
    operation: OrText[BatchOperation]
    status: OrText[BatchStatus]
    total: int
    """How many executions it has; until its end, of a filter, as many as Temporal has counted."""
    done: int
    failed: int
    failures: tuple[BatchFailureInfo, ...] | None = None
    """The first ones that failed; None in lists."""
    message: str = ""
    """Why it could not go on, where its status is `failed`."""
    created_at: Time
    ended_at: Time | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it. A status that is not known here counts as an end."""
        return self.status not in (BatchStatus.WAITING, BatchStatus.RUNNING, BatchStatus.STOPPING)


class BatchPage(Answer):
    """Some batches, newest first, and where the next page begins."""

    batches: tuple[BatchInfo, ...]
    cursor: str | None = None
    """None on the last page."""
