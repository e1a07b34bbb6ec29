"""Where a line comes from: the activity or the run whose code says it."""

import threading
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import temporalio.workflow

from workerhost.words import BuildId

if TYPE_CHECKING:
    from workerhost.code.capture.said import Sink


@dataclass(frozen=True, eq=False, slots=True)
class Origin:
    """One attempt of an activity, or one run. Made once for each; its lines share it."""

    workflow_id: str | None = None
    run_id: str | None = None
    workflow_type: str | None = None
    build_id: BuildId | None = None
    activity: str | None = None
    attempt: int | None = None
    node: str | None = None
    sink: "Sink | None" = None
    """Where lines go that are said in a host, which has several projects; None in a project's process."""


PATIENCE_SECONDS = 0.5
"""How long the lines of one workflow task may wait together. The SDK takes a task for one that hangs after 2 seconds,
and tries it again, without an end where it says as much each time."""

ACTIVITY: ContextVar[Origin | None] = ContextVar("workerhost_activity_origin", default=None)
"""The activity whose code runs in this context; also in threads to which contexts are passed."""


class _Activation(threading.local):
    """The run that is activated on this thread. No context variable: tasks of a workflow keep their first context."""

    origin: Origin | None = None
    is_replaying = False
    is_eviction = False
    patience = 0.0


_ACTIVATION = _Activation()


class Activating:
    """A block that activates a run, on this thread alone.

    Args:
        origin: of the run.
        act: the activation, as the SDK has it.
    """

    def __init__(self, origin: Origin, act: Any) -> None:
        self._origin = origin
        self._act = act

    def __enter__(self) -> None:
        """Have what is said on this thread come from the run."""
        _ACTIVATION.origin = self._origin
        _ACTIVATION.patience = PATIENCE_SECONDS
        _ACTIVATION.is_replaying = self._act.is_replaying
        _ACTIVATION.is_eviction = any(job.HasField("remove_from_cache") for job in self._act.jobs)

    def __exit__(self, *_error: object) -> None:
        """Have it come from nowhere again."""
        _ACTIVATION.origin = None


def current_origin() -> Origin | None:
    """Return where code on this thread and in this context belongs; None outside of runs and activities."""
    return _ACTIVATION.origin or ACTIVITY.get()


def patience() -> float | None:
    """Return for how many seconds what is said here may still wait; None for as long as it takes."""
    return None if _ACTIVATION.origin is None else _ACTIVATION.patience


def note_wait(seconds: float) -> None:
    """Note that what was said here has waited for so long."""
    _ACTIVATION.patience = max(0.0, _ACTIVATION.patience - seconds)


def is_silent() -> bool:
    """Tell whether what is said here was said before: a run is replayed, or torn down.

    A query is answered aloud, also while its run is replayed for it.
    """
    if _ACTIVATION.origin is None:
        return False
    if _ACTIVATION.is_eviction:
        return True
    if not _ACTIVATION.is_replaying:
        return False
    return not temporalio.workflow.in_workflow() or temporalio.workflow.unsafe.is_replaying_history_events()


def activity_origin(info: Any, build_id: BuildId | None, node: str | None, sink: "Sink | None" = None) -> Origin:
    """Return the origin of an attempt of an activity.

    Args:
        info: of the activity, from the SDK.
        build_id: of the build whose run has asked for it.
        node: of the drawing.
        sink: where its lines go, in a host.
    """
    return Origin(
        info.workflow_id or None,
        info.workflow_run_id or None,
        info.workflow_type or None,
        build_id,
        info.activity_type,
        info.attempt,
        node,
        sink,
    )


def run_origin(info: temporalio.workflow.Info, build_id: BuildId | None, sink: "Sink | None" = None) -> Origin:
    """Return the origin of a run.

    Args:
        info: of the run, from the SDK.
        build_id: that it is on; None where it has none yet.
        sink: where its lines go, in a host.
    """
    return Origin(info.workflow_id, info.run_id, info.workflow_type, build_id, attempt=info.attempt, sink=sink)
