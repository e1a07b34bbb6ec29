"""Conditions, loops and ends: what their fields say. Where they lead is the graph's business."""

from collections.abc import Mapping
from typing import Any

from workerhost_drawings.canvas.fields import Fields
from workerhost_drawings.canvas.scope import FIXED
from workerhost_drawings.flow.expressions import Expression, Value
from workerhost_drawings.graphs.graph import EndForm, LoopForm
from workerhost_drawings.javascript.names import is_variable

LONGEST_HISTORY = 10_000
"""Events after which a loop that continues as new does so, where the drawing does not say."""


def read_condition(fields: Fields) -> Expression:
    """Return the expression of a condition."""
    condition = fields.code("condition", "expression")
    if condition is None:
        fields.problem("The condition has no expression, as state.counter < 3.", fields.find("condition")[1])
    return condition or Value(value=False)


def read_end(fields: Fields) -> EndForm:
    """Return what an end says."""
    return EndForm(mapping=fields.code("resultMapping"), with_metadata=fields.flag("includeMetadata", default=False))


def read_loop(fields: Fields, metadata: object) -> LoopForm:
    """Return what a loop says.

    Args:
        fields: of the loop.
        metadata: `continueAsNew` of the drawing, which holds for its loops.
    """
    condition, items = fields.code("condition"), fields.code("items")
    if condition is None and items is None:
        fields.problem(
            "The loop says neither how long it goes on (condition) nor what it goes through (items).",
            fields.find("condition")[1],
        )
    if items is None:
        after, history = _resets(fields, metadata)
        return LoopForm(condition=condition, reset_after=after, reset_history=history)
    if fields.find("continueAsNew")[0] not in (None, False, "false"):
        fields.warning(
            "A loop through items stays in one run; continueAsNew is for loops with a condition.",
            fields.find("continueAsNew")[1],
        )
    item = _item(fields, "itemVariable") or fields.reading.scope.item("item")
    return LoopForm(condition=condition, items=items, item=item, index=_item(fields, "indexVariable"))


def _item(fields: Fields, field: str) -> str | None:
    value, path = fields.find(field)
    if value is None:
        return None
    if not isinstance(value, str) or not is_variable(value) or value in FIXED:
        fields.problem(f"{field} is a name as item, and none that means something else.", path)
        return None
    return fields.reading.scope.item(value[:200])


def _resets(fields: Fields, metadata: object) -> tuple[int | None, int | None]:
    """Return after how many iterations and after how many events a loop continues as new."""
    own, path = fields.find("continueAsNew")
    after, after_path = fields.find("maxIterationsBeforeReset")
    if isinstance(own, Mapping):
        after, after_path = own.get("maxIterationsBeforeReset", after), f"{path}.maxIterationsBeforeReset"
    of_all: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
    of_loop: Mapping[str, Any] = own if isinstance(own, Mapping) else {"enabled": own in (True, "true")}
    history = of_loop.get("maxHistoryLength") or (of_all.get("maxHistoryLength") if of_all.get("enabled") else None)
    if not (of_loop.get("enabled") or of_all.get("enabled")):
        if after is not None and own is None:
            fields.warning("maxIterationsBeforeReset says nothing where continueAsNew is not set.", after_path)
        return None, None
    after = fields.count(after, after_path, 1)
    history = fields.count(history, f"{path}.maxHistoryLength", 10)
    return after, history or (None if after else LONGEST_HISTORY)
