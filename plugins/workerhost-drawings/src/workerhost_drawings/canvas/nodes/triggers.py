"""What begins runs, and webhooks that reach them."""

from workerhost_drawings.canvas.fields import Fields
from workerhost_drawings.fields.triggers import BODY, run_of_call
from workerhost_drawings.flow.program import INPUT
from workerhost_drawings.flow.steps import Mark, Receive, Step

KINDS = ("manual", "api-endpoint", "scheduled", "signal")
OPERATIONS = ("signal", "update", "query")


def read_trigger(fields: Fields) -> tuple[Step, ...]:
    """Return the step with which a run begins; what starts it from outside goes to the reading."""
    kind = fields.choice(("triggerType",), KINDS, "manual")
    triggers = fields.reading.triggers
    if kind == "scheduled":
        triggers.schedule(fields, fields.id)
    elif kind == "api-endpoint":
        triggers.webhook(fields, fields.id, {"action": "start", "args": [BODY]}, own=False)
    elif kind == "signal":
        return (_on_signal(fields),)
    return (Mark(**fields.step()),)


def _on_signal(fields: Fields) -> Step:
    """Return the step that takes the signal with which a run was started: its payload becomes the input."""
    workflow = fields.reading.context.workflow
    name = fields.name("the name of a signal", "signalName")
    fields.reading.received.add(name)
    run = run_of_call(fields, workflow)
    definition = {"action": "signal", "name": name, "workflowType": workflow, "workflowId": run, "args": [BODY]}
    if run == workflow:
        fields.warning(
            f"Every call signals the run of the id {workflow}, and starts it where it does not run. Where each call "
            "is to have a run of its own, write a JSONPath into config.workflowId, as $.body.orderId.",
        )
    fields.reading.triggers.webhook(fields, fields.id, definition, own=False)
    return Receive(**fields.step(), signal=name, result=INPUT)


def read_endpoint(fields: Fields) -> tuple[Step, ...]:
    """Return the step of a webhook that reaches a run; what it does goes to the reading."""
    operation = fields.choice(("operation", "action", "kind"), OPERATIONS, "signal")
    if operation != "signal":
        fields.problem(
            f"A webhook to a drawn workflow sends signals, and none of them {_NOT_SENT[operation]}.",
            fields.find("operation", "action", "kind")[1],
        )
    name = fields.name("the name of a signal", "signalName", "name")
    fields.reading.signals.setdefault(name, fields.id)
    definition = {"action": "signal", "name": name, "workflowId": run_of_call(fields, "$.body.workflowId")}
    fields.reading.triggers.webhook(fields, fields.id, {**definition, "args": [BODY]}, own=True)
    return (Mark(**fields.step()),)


_NOT_SENT = {
    "update": "takes updates: send a signal, and let a node wait for it",
    "query": "answers queries: ask POST /projects/<id>/executions/<workflowId>/query, or read the run's nodes",
}
