"""Conditions, loops and ends: what their fields say. Where they lead is the graph's business."""

from collections.abc import Mapping
from typing import Any

from workerhost_drawings.canvas.fields import Fields
from workerhost_drawings.canvas.scope import FIXED
from workerhost_drawings.flow.expressions import Expression, Value
from workerhost_drawings.graphs.graph import EndForm, LoopForm

LONGEST_HISTORY = 10_000
"""Events after which a loop that continues as new does so, where the drawing does not say."""


def read_condition(fields: Fields) -> Expression:
    """Return the expression of a condition."""
    condition = fields.code("condition", "expression")
    if condition is None:
        fields.wrong("condition", "The condition has no expression, as state.counter < 3.")
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
        reason = "The loop says neither how long it goes on (condition) nor what it goes through (items)."
        fields.wrong("condition", reason)
    if items is None:
        after, history = _resets(fields, metadata)
        return LoopForm(condition=condition, reset_after=after, reset_history=history)
    begins_anew, path = fields.find("continueAsNew")
    if begins_anew not in (None, False, "false"):
        fields.warning("A loop through items stays in one run; continueAsNew is for loops with a condition.", path)
    scope = fields.reading.scope
    item = scope.item(fields.variable("itemVariable", FIXED) or "item")
    index = fields.variable("indexVariable", FIXED)
    return LoopForm(condition=condition, items=items, item=item, index=scope.item(index) if index else None)


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
