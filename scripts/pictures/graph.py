"""Draws a canvas graph as it stands on its canvas: a node is a box at its position, an edge a line with its label."""

from collections.abc import Mapping
from typing import Any

from pictures.canvas import LINE, MARGIN, Canvas, width_of, wrap

WIDTH, HEIGHT = 150.0, 48.0
"""Of the box of a node."""

TEXT_WIDTH = 132.0
"""How wide a label may be before it is wrapped."""

_COLOURS = {"trigger": "orange", "condition": "purple", "conditional": "purple", "loop": "purple", "end": "grey"}
"""By type of node; all others are blue."""


def draw_graph(graph: Mapping[str, Any]) -> Canvas:
    """Return the picture of a graph, the value of the JSON that a canvas saves.

    Raises:
        KeyError: a node has no position, or an edge leads to no node.
    """
    canvas = Canvas()
    nodes = {each["id"]: each for each in graph["nodes"]}
    left = min(each["position"]["x"] for each in nodes.values()) - MARGIN
    top = min(each["position"]["y"] for each in nodes.values()) - MARGIN
    places = {name: (each["position"]["x"] - left, each["position"]["y"] - top) for name, each in nodes.items()}
    for edge in graph["edges"]:
        _draw_edge(canvas, places[edge["source"]], places[edge["target"]], edge.get("label", ""))
    for name, node in nodes.items():
        _draw_node(canvas, *places[name], node)
    canvas.width = max(x for x, _ in places.values()) + WIDTH + MARGIN
    canvas.height = max(y for _, y in places.values()) + HEIGHT + MARGIN
    return canvas


def _draw_node(canvas: Canvas, x: float, y: float, node: Mapping[str, Any]) -> None:
    canvas.rectangle(x, y, WIDTH, HEIGHT, _COLOURS.get(node["type"], "blue"))
    lines = wrap(node["data"].get("label", node["id"]), TEXT_WIDTH)
    first = y + HEIGHT / 2 + 4 - LINE * (len(lines) - 1) / 2
    for number, line in enumerate(lines):
        canvas.text(x + WIDTH / 2, first + number * LINE, line, "inside", "middle")


def _draw_edge(canvas: Canvas, source: tuple[float, float], target: tuple[float, float], label: str) -> None:
    begin_x, begin_y = source[0] + WIDTH, source[1] + HEIGHT / 2
    end_x, end_y = target[0] - 6, target[1] + HEIGHT / 2
    bend = max(abs(end_x - begin_x) / 2, 24.0)
    canvas.path(
        f"M{begin_x:g} {begin_y:g} C{begin_x + bend:g} {begin_y:g} {end_x - bend:g} {end_y:g} {end_x:g} {end_y:g}",
        "line",
    )
    canvas.path(f"M{end_x:g} {end_y - 4:g} l6 4 l-6 4 z", "mark")
    if label:
        # Beside the end of the line, where those of one node are apart.
        x = (begin_x + end_x) / 2
        y = (begin_y + end_y) / 2 + (-6 if end_y <= begin_y else LINE)
        canvas.text(max(x, begin_x + width_of(label) / 2 + 4), y, label, "small", "middle")
