"""Lets the SDK read runs that are paused, whose status it does not know up to 1.35 at least."""

from temporalio.api.enums.v1 import WorkflowExecutionStatus as StatusMessage
from temporalio.client import WorkflowExecutionStatus


def read_paused_runs() -> None:
    """Have the SDK take a paused run for one that runs, as which it counts. Calling this again does nothing.

    Without it, the SDK raises ValueError where such a run is described or is in a list of others.
    """
    if int(StatusMessage.WORKFLOW_EXECUTION_STATUS_PAUSED) not in set(WorkflowExecutionStatus):
        WorkflowExecutionStatus._missing_ = classmethod(_missing)  # type: ignore[method-assign,assignment]


def _missing(_cls: type[WorkflowExecutionStatus], value: object) -> WorkflowExecutionStatus | None:
    is_paused = value == StatusMessage.WORKFLOW_EXECUTION_STATUS_PAUSED
    return WorkflowExecutionStatus.RUNNING if is_paused else None
