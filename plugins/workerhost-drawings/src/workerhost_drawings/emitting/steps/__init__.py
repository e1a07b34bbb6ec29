"""The statements of each kind of step."""

from collections.abc import Mapping

from workerhost_drawings.emitting.steps.calls import write_activity, write_child
from workerhost_drawings.emitting.steps.values import write_assign, write_end, write_nothing
from workerhost_drawings.emitting.steps.waiting import write_receive, write_wait
from workerhost_drawings.emitting.writing import StepWriter

WRITERS: Mapping[str, StepWriter] = {
    "activity": write_activity,
    "assign": write_assign,
    "branch": write_nothing,
    "child": write_child,
    "end": write_end,
    "mark": write_nothing,
    "receive": write_receive,
    "wait": write_wait,
}
"""By kind."""
