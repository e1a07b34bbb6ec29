"""What a canvas saves: nodes and edges as React Flow has them. Keys that are not named here are ignored."""

import json
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from workerhost_drawings.documents.reading import UnreadableError, read_text
from workerhost_drawings.problems import Findings

MOST_NODES, MOST_EDGES, MOST_VARIABLES = 2000, 4000, 500
"""Of one drawing; a larger one is better cut into child workflows."""

LONGEST_TEXT = 64 * 1024
"""Characters of one text in a node."""

MOST_BYTES = 4 * 1024**2
"""Of a drawing that is sent as a text."""

DEEPEST = 30
"""How deep the values of a node may be nested."""

_BEGINS_JSON = ("{", "[", "")
"""How a text begins that is not read as YAML."""

Id = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]


def _word(value: object) -> str | None:
    """Return a text, also that of a plain `true` of YAML; None for something to show, which says nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else None


Word = Annotated[str | None, BeforeValidator(_word)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, populate_by_name=True, frozen=True)


class CanvasNode(_Part):
    """A node. Where it stands is not read."""

    id: Id
    type: Annotated[str, Field(max_length=200)]
    data: dict[str, Any] = {}

    @property
    def label(self) -> str:
        """What the user calls it."""
        label = self.data.get("label")
        return label[:1000] if isinstance(label, str) else ""

    @property
    def config(self) -> dict[str, Any]:
        """Its configuration; empty where it has none."""
        config = self.data.get("config")
        return config if isinstance(config, dict) else {}


class CanvasEdge(_Part):
    """A way from one node to another."""

    source: str
    target: str
    source_handle: Word = None
    label: Word = None


class CanvasVariable(_Part):
    """A variable of the run, and what it holds at first."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    default_value: Any = None


class CanvasDrawing(_Part):
    """A drawing whose parts have the right form, each on its own."""

    nodes: tuple[CanvasNode, ...]
    edges: tuple[CanvasEdge, ...]
    variables: tuple[CanvasVariable, ...]
    settings: dict[str, Any]
    """`metadata` of the graph, and `executionSettings` beside it."""


_P = TypeVar("_P", bound=_Part)


def read_document(source: object, findings: Findings) -> CanvasDrawing | None:
    """Return the drawing; None where a part of it has not the form, and the findings say which."""
    whole = _value(source, findings)
    if whole is None:
        return None
    graph = whole if "nodes" in whole else whole.get("definition")
    if not isinstance(graph, dict) or not isinstance(graph.get("nodes"), list):
        findings.problem("The drawing has no list `nodes`, neither itself nor under `definition`.", path="nodes")
        return None
    before = len(findings.problems)
    nodes = _parts(CanvasNode, graph, "nodes", MOST_NODES, findings)
    edges = _parts(CanvasEdge, graph, "edges", MOST_EDGES, findings)
    variables = _parts(CanvasVariable, graph, "variables", MOST_VARIABLES, findings)
    for node in nodes:
        _check_values(node.data, node.id, findings)
    for variable in variables:
        _check_values({"defaultValue": variable.default_value}, None, findings)
    if len(findings.problems) > before:
        return None
    return CanvasDrawing(
        nodes=nodes,
        edges=edges,
        variables=variables,
        settings={**_object(graph.get("metadata")), **_object(whole.get("executionSettings"))},
    )


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _value(source: object, findings: Findings) -> dict[str, Any] | None:
    if isinstance(source, str):
        if len(source) > MOST_BYTES:
            findings.problem(f"The drawing is larger than {MOST_BYTES // 1024**2} MiB.")
            return None
        try:
            source = json.loads(source) if source.lstrip()[:1] in _BEGINS_JSON else read_text(source)
        except UnreadableError as error:
            findings.problem(f"The drawing cannot be read: {error}.")
            return None
        except json.JSONDecodeError as error:
            findings.problem(f"The drawing is no JSON: {error.msg} at line {error.lineno}, column {error.colno}.")
            return None
        except (RecursionError, ValueError):
            findings.problem("The drawing is nested too deeply, or holds a number that is too long.")
            return None
    if not isinstance(source, dict):
        findings.problem("A drawing is an object with `nodes` and `edges`.")
        return None
    return source


def _parts(form: type[_P], graph: dict[str, Any], key: str, most: int, findings: Findings) -> tuple[_P, ...]:
    values = graph.get(key)
    if values is None:
        return ()
    if not isinstance(values, list):
        findings.problem(f"`{key}` is a list.", path=key)
        return ()
    if len(values) > most:
        findings.problem(
            f"The drawing has {len(values)} {key}, and {most} are the most. Cut it into child workflows.", path=key
        )
        return ()
    parts = []
    for index, value in enumerate(values):
        try:
            parts.append(form.model_validate(value))
        except ValidationError as error:
            _report(error, value, f"{key}.{index}", findings)
    return tuple(parts)


def _report(error: ValidationError, value: object, place: str, findings: Findings) -> None:
    named = value.get("id") if isinstance(value, dict) else None
    node = named if isinstance(named, str) and place.startswith("nodes") else None
    for each in error.errors():
        path = ".".join((place, *map(str, each["loc"])))
        reason = each["msg"]
        if each["loc"] == ("id",):
            reason = "An id is a text of 1 to 200 characters, without control characters"
        findings.problem(f"{reason}.", node[:200] if node else None, path)


def _check_values(value: dict[str, Any], node: str | None, findings: Findings) -> None:
    """Refuse texts that are too long and values that are nested too deeply, since what follows goes down into them."""
    waiting: list[tuple[str, Any, int]] = [("", value, 0)]
    while waiting:
        path, each, depth = waiting.pop()
        if isinstance(each, str) and len(each) > LONGEST_TEXT:
            findings.problem(
                f"The text has {len(each)} characters, and {LONGEST_TEXT} are the most.", node, _shown(path)
            )
        elif isinstance(each, str) and not _is_whole(each):
            findings.problem("The text has half a character, a surrogate without the other one.", node, _shown(path))
        elif isinstance(each, float) and each - each != 0:
            findings.problem("JSON has no number like this.", node, _shown(path))
        elif isinstance(each, dict | list) and depth > DEEPEST:
            findings.problem(f"The values of a node are nested {DEEPEST} deep at most.", node, _shown(path))
        elif isinstance(each, dict | list):
            pairs = each.items() if isinstance(each, dict) else enumerate(each)
            if isinstance(each, dict) and not all(_is_whole(key) and len(key) <= 1000 for key in each):
                findings.problem("A key has more than 1000 characters, or half a character.", node, _shown(path))
            waiting += [(f"{path}.{key}" if path else str(key), inner, depth + 1) for key, inner in pairs]


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= each <= "\udfff" for each in text) if not text.isascii() else True


def _shown(path: str) -> str:
    return path[:200].encode(errors="replace").decode()
