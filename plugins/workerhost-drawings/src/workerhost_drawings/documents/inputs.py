"""Holds what a document gives to an activity against what the activity takes."""

from collections.abc import Mapping
from typing import Any

from workerhost_drawings.checks.inputs import misfits
from workerhost_drawings.documents.places import Place
from workerhost_drawings.flow.expressions import Expression, ObjectOf, Value


def check_sent(place: Place, sent: Expression | None, schema: Mapping[str, Any]) -> None:
    """Compare what is constant in an input with the schema of its activity.

    Args:
        place: where the input stands, or the task that has none.
        sent: the input; None for none.
        schema: of the activity's one argument.
    """
    if isinstance(sent, Value):
        for error in misfits(sent.value, schema):
            where = "/".join(str(each) for each in error.absolute_path)
            place.problem(f"the input does not fit the activity: {where + ': ' if where else ''}{error.message:.300}")
        return
    there = sent.fields if isinstance(sent, ObjectOf) else {}
    required = schema.get("required")
    missing = (
        [each for each in required if isinstance(each, str) and each not in there] if isinstance(required, list) else []
    )
    if missing and (sent is None or isinstance(sent, ObjectOf)):
        place.problem(f"the input does not fit the activity: {', '.join(missing)} is missing")
