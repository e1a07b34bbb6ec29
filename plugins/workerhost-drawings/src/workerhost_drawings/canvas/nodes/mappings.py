"""Mappings, children, and nodes that are only passed."""

from typing import Any

from workerhost_drawings.canvas.fields import Fields
from workerhost_drawings.flow.steps import Assign, Child, Mark, Step
from workerhost_drawings.javascript.values import expression_of

POLICIES = ("terminate", "abandon", "request_cancel")
"""What becomes of a child when its parent ends."""


def read_mark(fields: Fields) -> tuple[Step, ...]:
    """Return the step of a node that is only passed."""
    return (Mark(**fields.step()),)


def read_mapping(fields: Fields) -> tuple[Step, ...]:
    """Return the step of an input or output mapping: its result is the object that it makes."""
    config = fields.node.data.get("config")
    mapping, path = (config, "config") if isinstance(config, dict) else (fields.node.data.get("mapping"), "mapping")
    if path == "config" and isinstance(config, dict) and isinstance(config.get("mapping"), dict):
        mapping, path = config["mapping"], "config.mapping"
    if not isinstance(mapping, dict) or not mapping:
        fields.problem("The mapping is empty. It takes an object: names, and what stands for each.", path)
        mapping = {}
    return (Assign(**fields.step(), into=fields.local, value=expression_of(mapping, path)),)


def read_child(fields: Fields) -> tuple[Step, ...]:
    """Return the step of a child workflow."""
    context = fields.reading.context
    kind = fields.name("the type of a workflow of this project", "workflowType")
    if kind not in ("?", context.workflow, *context.workflow_types):
        fields.warning(
            f"The project has no workflow type {kind} now; publish it before a run comes here.",
            fields.find("workflowType")[1],
        )
    said: dict[str, Any] = {
        "parent_close_policy": fields.choice(("parentClosePolicy",), POLICIES, POLICIES[0]),
        "waits": fields.flag("waitForCompletion", default=True),
        "input": fields.value("input"),
        "workflow_id": fields.value("workflowId"),
    }
    return (Child(**fields.step(), workflow_type=kind, result=fields.local, retry=fields.retry(), **said),)
