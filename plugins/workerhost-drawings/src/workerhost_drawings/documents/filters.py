"""Filters of events, as conditions in jq over an event."""

import json

from workerhost_drawings.documents.places import Place
from workerhost_drawings.documents.scope import Scope, is_expression


def filter_program(place: Place, scope: Scope) -> str:
    """Return the jq condition of a filter: an expression in it is asked of the property, all else is compared."""
    parts = place.object(("with", "correlate"))
    asked = [_property(name, each, scope) for name, each in parts["with"].members().items()] if "with" in parts else []
    for name, each in (parts["correlate"].members() if "correlate" in parts else {}).items():
        found = each.object(("from", "expect"), ("from",))
        if "expect" not in found:
            each.problem(f"what {name} is expected to be is not said; the value of the first event is not kept")
        elif "from" in found:
            expected = _over_input(found["expect"], scope)
            asked.append(f"(({scope.jq(found['from']).code}\n) == {expected})")
    return " and ".join(asked) or "true"


def _property(name: str, place: Place, scope: Scope) -> str:
    path = f".[{json.dumps(name)}]" if not name.isidentifier() or not name.isascii() else f".{name}"
    if is_expression(place.value):
        return f"({path} | (({scope.jq(place).code}\n)))"
    return f"{path} == {json.dumps(place.value)}"


def _over_input(place: Place, scope: Scope) -> str:
    if not is_expression(place.value):
        return json.dumps(place.value)
    return f"($input | ({scope.jq(place).code}\n))"
