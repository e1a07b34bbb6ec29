"""Steps that several kinds of tasks are made of."""

from workerhost_drawings.documents.places import Place
from workerhost_drawings.documents.scope import Scope, is_expression
from workerhost_drawings.flow.building import Piece
from workerhost_drawings.flow.expressions import Expression, Helper, Local, Value
from workerhost_drawings.v1 import schemas


def assign(into: str, value: Expression) -> Piece:
    """Return a step that only helps."""
    return {"kind": "assign", "into": into, "value": value}


def checked(local: str, schema: Place | None, node: str) -> list[Piece]:
    """Return the check of what a local holds."""
    if schema is None:
        return []
    members = schema.object(("format", "document", "resource"))
    if "format" in members and not members["format"].text().startswith("json"):
        members["format"].problem("schemas are JSON Schemas here; json would do")
    if "document" not in members:
        schema.problem("a schema stands in the document itself here, under `document`; nothing is fetched for it")
        return []
    reason = schemas.problem_of(members["document"].value)
    if reason:
        members["document"].problem(reason)
    arguments: list[Expression] = [Local(name=local), Value(value=members["document"].value), Value(value=node)]
    return [assign(local, Helper(function="schemas.fitting", arguments=arguments))]


def duration_of(place: Place, scope: Scope) -> int | Expression:
    """Return a duration: milliseconds, or what an expression says."""
    return scope.expression(place) if is_expression(place.value) else place.milliseconds()
