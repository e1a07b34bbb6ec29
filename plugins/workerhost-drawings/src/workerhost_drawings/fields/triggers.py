"""Reads fields that say what schedules and webhooks of workerhost do, whatever starts them in a format."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from workerhost.model import is_valid_id
from workerhost_drawings.fields.reader import FieldReader
from workerhost_drawings.fields.times import is_zone
from workerhost_drawings.flow.expressions import Expression
from workerhost_drawings.flow.program import QueryForm, TriggerForm

BODY = "$.body"
"""Where a call of a webhook has its body."""

OPERATIONS = ("signal", "update", "query")
_BY_METHOD = {"GET": "query", "PUT": "update", "PATCH": "update"}
"""What webhooks do that do not say it; all others signal."""
_NAMED = {"signal": ("signalName", "name"), "update": ("updateName", "signalName", "name")}
"""The fields that name what a webhook sends."""


class Triggers:
    """What begins or reaches the runs of one drawing from outside. Belongs to one compilation.

    Args:
        project: whose webhooks they are.
        workflow: the type of the runs, and the name of what begins them.
    """

    def __init__(self, project: str, workflow: str) -> None:
        self._project = project
        self._workflow = workflow
        self.found: list[TriggerForm] = []

    def schedule(self, fields: FieldReader, node: str) -> None:
        """Add the schedule that a node says: `schedule`, `timezone` and `input`."""
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
        self._add(fields, "schedule", self._workflow, node, definition)

    def webhook(self, fields: FieldReader, node: str, definition: Mapping[str, Any], *, own: bool) -> None:
        """Add the webhook that a node says: its `authentication`; `endpoint` and `method` are not its own to say.

        Args:
            fields: of the node.
            node: its id.
            definition: what a call does.
            own: whether the webhook is named by the node, beside that of the drawing.
        """
        slug = re.sub(r"[^A-Za-z0-9_-]", "-", node)
        name = f"{self._workflow}-{slug}"[:128] if own else self._workflow
        address = f"POST /hooks/{self._project}/{name}"
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
        self._add(fields, "webhook", name, node, {**definition, "authentication": authentication})

    def _add(
        self, fields: FieldReader, kind: Literal["schedule", "webhook"], name: str, node: str, definition: Any
    ) -> None:
        if not is_valid_id(name):
            return
        if any(each.kind == kind and each.name == name for each in self.found):
            reason = f"Two nodes of this drawing have a {kind} of the name {name}. Give this one another id."
            fields.problem(reason, "id")
            return
        self.found.append(TriggerForm(kind=kind, name=name, node=node, definition=definition))


def run_of_call(fields: FieldReader, default: str) -> str:
    """Return the id of the run that a call of a webhook reaches, or the JSONPath to it: what `workflowId` says."""
    value, path = fields.find("workflowId")
    if value is None:
        return default
    if not isinstance(value, str) or not (value.startswith("$.") or is_valid_id(value)):
        fields.problem("workflowId is the id of a run, or a JSONPath into the call, as $.body.orderId.", path)
        return default
    return value


def operation_of(fields: FieldReader) -> str:
    """Return what a call of a webhook does to a run: what `operation` says, or what its `method` is for."""
    method, _ = fields.find("method")
    usual = _BY_METHOD.get(str(method).upper(), "signal")
    if usual == "query" and fields.find("signalName")[0] is not None:
        usual = "signal"
    return fields.choice(("operation", "action", "kind"), OPERATIONS, usual)


def sent_by_call(fields: FieldReader, operation: str) -> str:
    """Return the name of the signal or the update that a call of a webhook brings."""
    return fields.name(f"the name of the {operation}", *_NAMED[operation])


def query_of(fields: FieldReader, node: str, usual: str, present: Expression) -> QueryForm:
    """Return the query that a call of a webhook asks: `queryName`, and what answers it: `resultMapping`.

    Args:
        fields: of the node.
        node: its id.
        usual: the name of a query that the node does not name.
        present: what answers it where the node does not say so.
    """
    names = ("queryName", "name")
    name = usual if fields.find(*names)[0] is None else fields.name("the name of a query", *names)
    return QueryForm(name=name, node=node, value=fields.code("resultMapping") or present)
