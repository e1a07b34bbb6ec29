"""Nodes that wait for a signal."""

from workerhost_drawings.canvas.fields import Fields
from workerhost_drawings.flow.chains import chained
from workerhost_drawings.flow.steps import Receive, Step

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
    detail = f"The signal {name} did not come within {timeout / 1000:g} s."
    late = fields.failure("late", "SignalTimeout", 408, "The signal did not come in time", detail)
    return chained(receive, *fields.where(f"!{fields.reference}.acknowledged", "in time", late))
