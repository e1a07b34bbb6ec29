"""What begins runs, and webhooks that reach them."""

import re
from typing import Any

from workerhost.model import is_valid_id
from workerhost_drawings.canvas.fields import Fields
from workerhost_drawings.fields.times import is_zone
from workerhost_drawings.flow.program import INPUT, TriggerForm
from workerhost_drawings.flow.steps import Mark, Receive, Step

KINDS = ("manual", "api-endpoint", "scheduled", "signal")
OPERATIONS = ("signal", "update", "query")
BODY = "$.body"
"""Where a call of a webhook has its body."""


def read_trigger(fields: Fields) -> tuple[Step, ...]:
    """Return the step with which a run begins; what starts it from outside goes to the reading."""
    kind = fields.choice(("triggerType",), KINDS, "manual")
    if kind == "scheduled":
        _schedule(fields)
    elif kind == "api-endpoint":
        _webhook(fields, fields.reading.context.workflow, {"action": "start", "args": [BODY]})
    elif kind == "signal":
        return (_on_signal(fields),)
    return (Mark(**fields.step()),)


def _schedule(fields: Fields) -> None:
    value, path = fields.find("schedule", "cron")
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(each, str) and each.strip() for each in texts):
        fields.problem("schedule is empty. It takes a cron text, as 0 9 * * mon-fri, or a list of them.", path)
        return
    definition: dict[str, Any] = {"cron": [each.strip() for each in texts]}
    zone, zone_path = fields.find("timezone", "timeZone")
    if zone is not None and not is_zone(zone):
        fields.problem(f"There is no time zone {str(zone)[:100]}. It takes a name as Europe/Berlin.", zone_path)
    elif zone is not None:
        definition["timeZone"] = zone
    given, given_path = fields.find("input")
    if given is not None:
        fields.is_constant(given, given_path, "The input of scheduled runs is a value")
        definition["args"] = [given]
    _add(fields, "schedule", fields.reading.context.workflow, definition)


def _on_signal(fields: Fields) -> Step:
    """Return the step that takes the signal with which a run was started: its payload becomes the input."""
    workflow = fields.reading.context.workflow
    name = fields.name("the name of a signal", "signalName")
    fields.reading.received.add(name)
    workflow_id = _workflow_id(fields, workflow)
    definition = {
        "action": "signal",
        "name": name,
        "workflowType": workflow,
        "workflowId": workflow_id,
        "args": [BODY],
    }
    if workflow_id == workflow:
        fields.warning(
            f"Every call signals the run of the id {workflow}, and starts it where it does not run. Where each call "
            "is to have a run of its own, write a JSONPath into config.workflowId, as $.body.orderId.",
        )
    _webhook(fields, workflow, definition)
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
    workflow_id = _workflow_id(fields, "$.body.workflowId")
    definition = {"action": "signal", "name": name, "workflowId": workflow_id, "args": [BODY]}
    slug = re.sub(r"[^A-Za-z0-9_-]", "-", fields.id)
    _webhook(fields, f"{fields.reading.context.workflow}-{slug}"[:128], definition)
    return (Mark(**fields.step()),)


_NOT_SENT = {
    "update": "takes updates: send a signal, and let a node wait for it",
    "query": "answers queries: ask POST /projects/<id>/executions/<workflowId>/query, or read the run's nodes",
}


def _workflow_id(fields: Fields, default: str) -> str:
    value, path = fields.find("workflowId")
    if value is None:
        return default
    if not isinstance(value, str) or not (value.startswith("$.") or is_valid_id(value)):
        fields.problem("workflowId is the id of a run, or a JSONPath into the call, as $.body.orderId.", path)
        return default
    return value


def _webhook(fields: Fields, name: str, definition: dict[str, Any]) -> None:
    context = fields.reading.context
    address = f"POST /hooks/{context.project_id}/{name}"
    endpoint, path = fields.find("endpoint")
    method, method_path = fields.find("method")
    if endpoint is not None or (isinstance(method, str) and method.upper() != "POST"):
        drawn = " ".join(str(each)[:200] for each in (method, endpoint) if each is not None)
        sentence = f"The webhook has an address of its own: {address}, and not {drawn}."
        fields.warning(sentence, path if endpoint is not None else method_path)
    authentication, path = fields.find("authentication")
    if authentication is None:
        fields.warning(f"Everyone who knows the address {address} can call it: it has no authentication.", path)
        authentication = {"kind": "none"}
    elif not isinstance(authentication, dict) or authentication.get("kind") not in ("hmac", "header", "none"):
        fields.problem("authentication is an object with a kind: hmac, header or none.", path)
        return
    elif not fields.is_constant(authentication, path, "authentication has values as they stand"):
        return
    _add(fields, "webhook", name, {**definition, "authentication": authentication})


def _add(fields: Fields, kind: Any, name: str, definition: dict[str, Any]) -> None:
    if not is_valid_id(name):
        return
    if any(each.kind == kind and each.name == name for each in fields.reading.triggers):
        fields.problem(f"Two nodes of this drawing have a {kind} of the name {name}. Give this one another id.", "id")
        return
    fields.reading.triggers.append(TriggerForm(kind=kind, name=name, node=fields.id, definition=definition))
