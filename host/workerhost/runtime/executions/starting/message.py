"""What comes with a start: a signal or an update."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workerhost.runtime.executions.messages import Update, UpdateStage
from workerhost.words import RunId, WorkflowId


@dataclass(frozen=True)
class SignalMessage:
    """A signal that comes with a start."""

    name: str
    args: Sequence[Any] = ()


@dataclass(frozen=True)
class UpdateMessage:
    """An update that comes with a start."""

    name: str
    args: Sequence[Any] = ()
    id: str | None = None
    """Names the update: a second one of the same id is the first one again. None for a new one."""
    until: UpdateStage = UpdateStage.COMPLETED
    """How far it must have come; one that is not so far in time is returned as accepted."""
    seconds: float = 30.0
    """To wait for that."""


Message = SignalMessage | UpdateMessage


@dataclass(frozen=True)
class Started:
    """The run that was sent something."""

    workflow_id: WorkflowId
    run_id: RunId
    update: Update | None = None
    """How far its update has come, if it was sent one."""
