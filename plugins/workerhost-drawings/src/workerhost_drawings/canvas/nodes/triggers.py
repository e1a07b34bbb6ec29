"""What begins runs, and webhooks that reach them."""

from typing import Any

from workerhost_drawings.canvas.fields import Fields, Reading
from workerhost_drawings.canvas.scope import STATE
from workerhost_drawings.fields.triggers import BODY, operation_of, query_of, run_of_call, sent_by_call
from workerhost_drawings.flow.expressions import Expression, Local, ObjectOf
from workerhost_drawings.flow.program import INPUT
from workerhost_drawings.flow.steps import Mark, Receive, Step

KINDS = ("manual", "api-endpoint", "scheduled", "signal")


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
    reading = fields.reading
    operation = operation_of(fields)
    if operation == "query":
        definition: dict[str, Any] = {"name": _asked(fields)}
    else:
        name = sent_by_call(fields, operation)
        (reading.updates if operation == "update" else reading.signals).setdefault(name, fields.id)
        if operation == "update" and fields.find("expectedFields")[0]:
            reading.expecting.add(name)
        definition = {"name": name, "args": [BODY]}
    definition = {"action": operation, **definition, "workflowId": run_of_call(fields, "$.body.workflowId")}
    reading.triggers.webhook(fields, fields.id, definition, own=True)
    return (Mark(**fields.step()),)


def _asked(fields: Fields) -> str:
    """Return the name of the query of a webhook; what answers it goes to the reading."""
    asked = query_of(fields, fields.id, STATE, _present(fields.reading))
    if fields.reading.queries.setdefault(asked.name, asked).value != asked.value:
        fields.problem(f"Another node answers the query {asked.name} with something else. Give this one another name.")
    return asked.name


def _present(reading: Reading) -> ObjectOf:
    """Return what a run has come to: its state, and the results of nodes so far."""
    results: dict[str, Expression] = {
        node: Local(name=local)
        for node, local in sorted(reading.scope.locals.items())
        if reading.ids[node].type != "trigger"
    }
    return ObjectOf(fields={"state": Local(name=STATE), "results": ObjectOf(fields=results)})
