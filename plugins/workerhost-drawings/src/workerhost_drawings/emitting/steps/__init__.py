"""The statements of each kind of step."""

from collections.abc import Mapping

from workerhost_drawings.emitting.steps.calls import write_activity, write_child
from workerhost_drawings.emitting.steps.failing import write_raise, write_try
from workerhost_drawings.emitting.steps.loops import write_each, write_while
from workerhost_drawings.emitting.steps.parallel import write_deadline, write_parallel
from workerhost_drawings.emitting.steps.values import write_assign, write_end, write_nothing
from workerhost_drawings.emitting.steps.variables import write_change_variable, write_read_variable
from workerhost_drawings.emitting.steps.waiting import write_listen, write_receive, write_wait
from workerhost_drawings.emitting.writing import StepWriter

WRITERS: Mapping[str, StepWriter] = {
    "activity": write_activity,
    "assign": write_assign,
    "branch": write_nothing,
    "changeVariable": write_change_variable,
    "child": write_child,
    "deadline": write_deadline,
    "each": write_each,
    "end": write_end,
    "listen": write_listen,
    "mark": write_nothing,
    "parallel": write_parallel,
    "raise": write_raise,
    "readVariable": write_read_variable,
    "receive": write_receive,
    "try": write_try,
    "wait": write_wait,
    "while": write_while,
}
"""By kind."""
