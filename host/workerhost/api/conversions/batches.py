"""Batches."""

from workerhost.answers import BatchFailureInfo, BatchInfo
from workerhost.store.batches import Batch


def batch_info(batch: Batch) -> BatchInfo:
    """Return how far a batch has come, as a list shows it."""
    assert batch.created_at is not None  # noqa: S101  it was read from the store
    return BatchInfo(
        batch_id=batch.id,
        operation=batch.operation,
        status=batch.status,
        total=batch.total,
        done=batch.done,
        failed=batch.failed,
        message=batch.message,
        created_at=batch.created_at,
        ended_at=batch.ended_at,
    )


def batch_details(batch: Batch) -> BatchInfo:
    """Return how far a batch has come, and what has failed."""
    failures = tuple(BatchFailureInfo.model_validate(failure) for failure in batch.failures)
    return batch_info(batch).model_copy(update={"failures": failures})
