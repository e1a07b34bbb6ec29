"""What begins runs, and webhooks that reach them."""

import re
from typing import Any
from zoneinfo import ZoneInfo

from workerhost.model import is_valid_id
from workerhost_drawings.canvas.fields import Fields, Reading, expression_of
from workerhost_drawings.canvas.scope import STATE
from workerhost_drawings.flow.expressions import Expression, Local, ObjectOf, Value
from workerhost_drawings.flow.program import INPUT, QueryForm, TriggerForm
from workerhost_drawings.flow.steps import Mark, Receive, Step

KINDS = ("manual", "api-endpoint", "scheduled", "signal")
OPERATIONS = ("signal", "update", "query")
BY_METHOD = {"GET": "query", "PUT": "update", "PATCH": "update"}
"""What webhooks do that do not say it; all others signal."""
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
    if zone is not None and not _is_zone(zone):
        fields.problem(f"There is no time zone {str(zone)[:100]}. It takes a name as Europe/Berlin.", zone_path)
    elif zone is not None:
        definition["timeZone"] = zone
    given, given_path = fields.find("input")
    if given is not None:
        if not isinstance(expression_of(given, given_path), Value):
            fields.problem("The input of scheduled runs is a value; expressions have nothing to look at.", given_path)
        definition["args"] = [given]
    _add(fields, "schedule", fields.reading.context.workflow, definition)


def _is_zone(name: object) -> bool:
    try:
        return isinstance(name, str) and name not in ("Local", "localtime") and ZoneInfo(name) is not None
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return False
    except KeyError:
        return False


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
    method, _ = fields.find("method")
    usual = BY_METHOD.get(str(method).upper(), "signal")
    if usual == "query" and fields.find("signalName")[0] is not None:
        usual = "signal"
    operation = fields.choice(("operation", "action", "kind"), OPERATIONS, usual)
    if operation == "query":
        definition: dict[str, Any] = {"name": _asked(fields)}
    else:
        name = fields.name(f"the name of the {operation}", *_NAMED[operation])
        (fields.reading.updates if operation == "update" else fields.reading.signals).setdefault(name, fields.id)
        if operation == "update" and fields.find("expectedFields")[0]:
            fields.reading.expecting.add(name)
        definition = {"name": name, "args": [BODY]}
    definition = {"action": operation, **definition, "workflowId": _workflow_id(fields, "$.body.workflowId")}
    slug = re.sub(r"[^A-Za-z0-9_-]", "-", fields.id)
    _webhook(fields, f"{fields.reading.context.workflow}-{slug}"[:128], definition)
    return (Mark(**fields.step()),)


_NAMED = {"signal": ("signalName", "name"), "update": ("updateName", "signalName", "name")}


def _asked(fields: Fields) -> str:
    """Return the name of the query of a webhook; what answers it goes to the reading."""
    names = ("queryName", "name")
    name = STATE if fields.find(*names)[0] is None else fields.name("the name of a query", *names)
    asked = QueryForm(name=name, node=fields.id, value=fields.code("resultMapping") or _present(fields.reading))
    if fields.reading.queries.setdefault(name, asked).value != asked.value:
        fields.problem(f"Another node answers the query {name} with something else. Give this one another name.")
    return name


def _present(reading: Reading) -> ObjectOf:
    """Return what a run has come to: its state, and the results of nodes so far."""
    nodes = [each.id for each in reading.ids.values() if each.type != "trigger" and reading.scope.has(each.id)]
    results: dict[str, Expression] = {each: Local(name=reading.scope.local(each)) for each in sorted(nodes)}
    return ObjectOf(fields={"state": Local(name=STATE), "results": ObjectOf(fields=results)})


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
    elif not isinstance(expression_of(authentication, path), Value):
        fields.problem("authentication has values as they stand; expressions have nothing to look at.", path)
        return
    _add(fields, "webhook", name, {**definition, "authentication": authentication})


def _add(fields: Fields, kind: Any, name: str, definition: dict[str, Any]) -> None:
    if not is_valid_id(name):
        return
    if any(each.kind == kind and each.name == name for each in fields.reading.triggers):
        fields.problem(f"Two nodes of this drawing have a {kind} of the name {name}. Give this one another id.", "id")
        return
    fields.reading.triggers.append(TriggerForm(kind=kind, name=name, node=fields.id, definition=definition))
