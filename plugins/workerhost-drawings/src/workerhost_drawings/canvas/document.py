"""What a canvas saves: nodes and edges as React Flow has them. Keys that are not named here are ignored."""

from collections.abc import Container
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from workerhost_drawings.documents.objects import check_values, read_list, read_object
from workerhost_drawings.problems import Findings

MOST_NODES, MOST_EDGES, MOST_VARIABLES = 2000, 4000, 500
"""Of one drawing; a larger one is better cut into child workflows."""

Id = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
_WORDS = {"id": "An id is a text of 1 to 200 characters, without control characters"}


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
        return _object(self.data.get("config"))

    @property
    def is_gateway(self) -> bool:
        """Whether it belongs to the gateway of another product."""
        return self.type.startswith("kong-") or self.type in ("graphql-gateway", "mcp-server")


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

    @cached_property
    def by_id(self) -> dict[str, CanvasNode]:
        """The nodes by their ids; of two with one id, the first."""
        return dict(reversed({node.id: node for node in reversed(self.nodes)}.items()))

    def with_gateways(self, known: Container[str]) -> "CanvasDrawing":
        """Return it with nodes of gateways as activities, where there is an activity or a component of their type."""
        nodes = [
            each.model_copy(update={"type": "activity", "data": {**each.data, "componentName": each.type}})
            if each.is_gateway and each.type in known
            else each
            for each in self.nodes
        ]
        return self.model_copy(update={"nodes": tuple(nodes)})


def read_document(source: object, findings: Findings) -> CanvasDrawing | None:
    """Return the drawing; None where a part of it has not the form, and the findings say which."""
    whole = read_object(source, "A drawing is an object with `nodes` and `edges`.", findings)
    if whole is None:
        return None
    graph = whole if "nodes" in whole else whole.get("definition")
    if not isinstance(graph, dict) or not isinstance(graph.get("nodes"), list):
        findings.problem("The drawing has no list `nodes`, neither itself nor under `definition`.", path="nodes")
        return None
    before = len(findings.problems)
    nodes = read_list(CanvasNode, graph["nodes"], ("nodes", MOST_NODES), findings, _WORDS)
    edges = read_list(CanvasEdge, graph.get("edges"), ("edges", MOST_EDGES), findings, {})
    variables = read_list(CanvasVariable, graph.get("variables"), ("variables", MOST_VARIABLES), findings, {})
    for node in nodes:
        check_values(node.data, node.id, findings)
    for variable in variables:
        check_values({"defaultValue": variable.default_value}, None, findings)
    if len(findings.problems) > before:
        return None
    settings = {**_object(graph.get("metadata")), **_object(whole.get("executionSettings"))}
    return CanvasDrawing(nodes=nodes, edges=edges, variables=variables, settings=settings)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
