"""Drawings beside the code that they became, as they stand in two columns."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from workerhost.drawing import CompiledDrawing, Drawing, DrawingProblem, NodeLine, Trigger


@dataclass(frozen=True)
class _Compiled:
    """What stands in the column `compiled`."""

    compiler: str
    map: Sequence[NodeLine] = ()
    warnings: Sequence[DrawingProblem] = ()
    triggers: Sequence[Trigger] = field(default=())


_COMPILED = TypeAdapter(_Compiled)
_TRIGGERS = TypeAdapter(list[Trigger])


def columns_of(drawing: CompiledDrawing | None) -> dict[str, Any]:
    """Return the values of the columns `source` and `compiled` for a drawing; null for both where there is none."""
    if drawing is None:
        return {"source": None, "compiled": None}
    compiled = _Compiled(drawing.compiler, drawing.map, drawing.warnings, drawing.triggers)
    return {"source": _plain(drawing.drawing), "compiled": json.loads(json.dumps(asdict(compiled)))}


def drawing_of(row: Any) -> CompiledDrawing | None:
    """Return the drawing of a row; None where there is none, or where a product wrote something else there."""
    source, compiled = row.source, _read(row.compiled)
    if compiled is None or not isinstance(source, Mapping) or not isinstance(source.get("format"), str):
        return None
    drawing = Drawing(source["format"], source.get("document"))
    return CompiledDrawing(drawing, compiled.compiler, compiled.map, compiled.warnings, compiled.triggers)


def triggers_of(compiled: Any) -> Sequence[Trigger]:
    """Return the triggers in a value of the column `compiled`."""
    read = _read(compiled)
    return read.triggers if read else ()


def stored_triggers(triggers: Mapping[str, Sequence[Trigger]]) -> dict[str, Any]:
    """Return the value of the column `loaded_triggers` for the triggers of workflows by their names."""
    plain = {name: [asdict(each) for each in brought] for name, brought in triggers.items()}
    made: dict[str, Any] = json.loads(json.dumps(plain))
    return made


def loaded_triggers_of(stored: Mapping[str, Any]) -> list[tuple[str, Trigger]]:
    """Return the triggers in a value of the column `loaded_triggers`, with the workflow of each."""
    return [(name, each) for name in sorted(stored) for each in _TRIGGERS.validate_python(stored[name])]


def map_of(compiled: Any) -> Sequence[NodeLine]:
    """Return the map in a value of the column `compiled`."""
    read = _read(compiled)
    return read.map if read else ()


def _read(value: Any) -> _Compiled | None:
    """Return a value of the column `compiled`, or None where it is null or something else."""
    try:
        return None if value is None else _COMPILED.validate_python(value)
    except ValidationError:
        return None


def _plain(drawing: Drawing) -> dict[str, Any]:
    """Return a drawing as JSON; its document stays the value that it is, however large."""
    return {"format": drawing.format, "document": drawing.document}
