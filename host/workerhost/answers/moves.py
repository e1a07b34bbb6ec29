"""Answers about runs that are moved to another build."""

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from workerhost.answers.base import Answer, CommandResult, OrText, Time
from workerhost.words import BuildId, ExecutionStatus, MoveStatus, RunId, WorkflowId


def _move_key(name: str) -> str:
    """Return the key of a field; those of `from_build` and `to_build` are `from` and `to`."""
    return to_camel(name.removesuffix("_build"))


class HistoryEventInfo(Answer):
    """An event of a run's history."""

    id: int
    type: str


class DivergedRunInfo(Answer):
    """A run that another build cannot go on with, and why."""

    workflow_id: WorkflowId
    run_id: RunId
    workflow_type: str
    event: HistoryEventInfo | None = None
    """Where its history and the code part, as far as that is known."""
    reason: str
    status: OrText[ExecutionStatus] | None = None
    """Known where code was checked; None where runs were moved, which are all open."""


class MoveResult(CommandResult):
    """That one run goes on with another build."""

    model_config = ConfigDict(alias_generator=_move_key)

    workflow_id: WorkflowId
    run_id: RunId
    from_build: BuildId | None = None
    to_build: BuildId
    changed: bool
    """False where it was on that build already."""


class BuildMoveInfo(CommandResult):
    """How far the open runs of one build have been moved to another."""

    model_config = ConfigDict(alias_generator=_move_key)

    message: str = ""
    move_id: str
    status: OrText[MoveStatus]
    from_build: BuildId
    to_build: BuildId
    total: int
    """How many runs are to be moved."""
    moved: int
    not_moved: tuple[DivergedRunInfo, ...] = ()
    started_at: Time | None = None
    ended_at: Time | None = None
