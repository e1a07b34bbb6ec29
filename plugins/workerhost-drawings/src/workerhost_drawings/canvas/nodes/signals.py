"""Nodes that wait for a signal."""

from workerhost_drawings.canvas.fields import Fields
from workerhost_drawings.flow.chains import chained
from workerhost_drawings.flow.expressions import JavaScript, Value
from workerhost_drawings.flow.steps import Branch, Case, Raise, Receive, Step

WAITING = "WaitForSignalActivity"


def read_signal(fields: Fields) -> tuple[Step, ...]:
    """Return the steps of a node that waits for a signal."""
    name = fields.name("the name of a signal", "signalName")
    fields.reading.received.add(name)
    if fields.find("expectedFields")[0]:
        fields.reading.expecting.add(name)
    timeout = fields.time("timeout")
    action = fields.choice(("timeoutAction",), ("continue", "fail"), "continue")
    receive = Receive(**fields.step(), signal=name, timeout=timeout, result=fields.local)
    if action == "continue" or timeout is None:
        return (receive,)
    reference = fields.reading.scope.reference(fields.id)
    error = {
        "type": "SignalTimeout",
        "status": 408,
        "title": "The signal did not come in time",
        "detail": f"The signal {name} did not come within {timeout / 1000:g} s.",
        "instance": fields.id,
    }
    late = Raise(**fields.step("late"), error=Value(value=error))
    case = Case(when=JavaScript(code=f"!{reference}.acknowledged"), next=late.id)
    return chained(receive, Branch(**fields.step("in time"), cases=[case]), late)
