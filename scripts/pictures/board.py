"""Draws a dashboard from what Prometheus answered: numbers, lines and areas, in panels below and beside each other."""

from collections.abc import Mapping, Sequence
from typing import Any

from pictures.canvas import Canvas, width_of
from pictures.plot import Box, Line, Plot
from pictures.scale import shown
from watching.description import Alert, Panel, Watch

COLUMN, GAP, EDGE = 50.0, 8.0, 14.0
"""Width of one of the 24 columns; room between panels; room at the edge of the board."""

HEAD, ROW_TITLE = 40.0, 30.0
NUMBER_HEIGHT, LINES_HEIGHT = 84.0, 208.0
PAD = 12.0

COLOURS = {
    "green": "#73bf69",
    "yellow": "#f2cc0c",
    "blue": "#5794f2",
    "orange": "#ff9830",
    "red": "#f2495c",
    "purple": "#b877d9",
}

PALETTE = ("green", "yellow", "blue", "orange", "purple", "red")
"""Colours of lines that have none of their own, in order."""

STYLE = (
    """
    .board { fill: #111217 }
    .panel { fill: #181b1f; stroke: #2c3036 }
    .grid { stroke: #2c3036; fill: none }
    .limit { stroke: #f2495c; fill: none; stroke-dasharray: 6 4 }
    text.title { fill: #d8d9e0; font-weight: 600 }
    text.name { fill: #a5a8b3; font-size: 11px }
    text.number { font-size: 30px; font-weight: 600 }
"""
    + "".join(
        f"    .{name}-line {{ stroke: {value}; fill: none; stroke-width: 1.5; stroke-linejoin: round }}\n"
        f"    .{name}-area {{ fill: {value}; fill-opacity: 0.35 }}\n"
        f"    .{name}-mark, text.number-{name} {{ fill: {value} }}\n"
        for name, value in COLOURS.items()
    )
    + "".join(f"    text.number-{name} {{ font-size: 28px; font-weight: 600 }}\n" for name in COLOURS)
)


def draw_board(watch: Watch, answers: Mapping[str, Any]) -> Canvas:
    """Draw all panels.

    Args:
        watch: the description of the dashboard.
        answers: `step`, in seconds, and for each panel by its title the lines of each of its queries, as
            `watching.answers` writes them.
    """
    canvas = Canvas(width=24 * COLUMN + 2 * EDGE, style=STYLE)
    canvas.rectangle(0, 0, 0, 0, "board")  # its size is known at the end
    canvas.text(EDGE, 26, watch.title, "title")
    y = HEAD
    for row in watch.rows:
        canvas.text(EDGE, y + 19, row.title, "title")
        y = _draw_row(canvas, row.panels, watch, answers, y + ROW_TITLE)
    canvas.height = y + EDGE - GAP
    canvas.shapes[0] = f'<rect class="board" width="{canvas.width:g}" height="{canvas.height:g}" rx="6"/>'
    return canvas


def _draw_row(canvas: Canvas, panels: Sequence[Panel], watch: Watch, answers: Mapping[str, Any], y: float) -> float:
    """Draw panels from left to right, in as many lines as they need, and return where the next row begins."""
    column, height = 0, 0.0
    for panel in panels:
        if column + panel.width > 24:
            column, y = 0, y + height + GAP
        height = NUMBER_HEIGHT if panel.kind == "number" else LINES_HEIGHT
        box = Box(EDGE + COLUMN * column, y, COLUMN * panel.width - (GAP if column + panel.width < 24 else 0), height)
        _draw_panel(canvas, panel, watch, answers, box)
        column += panel.width
    return y + height + GAP


def _draw_panel(canvas: Canvas, panel: Panel, watch: Watch, answers: Mapping[str, Any], box: Box) -> None:
    canvas.rectangle(box.x, box.y, box.width, box.height, "panel")
    canvas.text(box.x + PAD, box.y + 21, fitting(panel.title, box.width - 2 * PAD), "title")
    lines = _lines(panel, watch, answers["panels"][panel.title])
    alert = watch.alert(panel.alert)
    if panel.kind == "number":
        _draw_number(canvas, panel, lines, alert, box)
        return
    legend_top = _draw_legend(canvas, lines, box)
    plot = Box(box.x + 58, box.y + 34, box.width - 58 - PAD, legend_top - box.y - 34 - 20)
    Plot(canvas, plot, panel, lines).draw(answers["step"], alert)


def _lines(panel: Panel, watch: Watch, answers: Sequence[Sequence[Mapping[str, Any]]]) -> list[Line]:
    lines: list[Line] = []
    for query, found in zip(panel.queries, answers, strict=True):
        named = watch.colours_of(query)
        for each in found:
            colour = query.colour or named.get(each["name"]) or PALETTE[len(lines) % len(PALETTE)]
            lines.append(Line(each["name"], colour, each["values"]))
    return lines


def _draw_number(canvas: Canvas, panel: Panel, lines: Sequence[Line], alert: Alert | None, box: Box) -> None:
    values = [value for line in lines for value in line.values if value is not None]
    last = values[-1] if values else 0.0
    is_bad = alert is not None and (last < alert.limit if alert.above is None else last > alert.limit)
    text = shown(last, panel.unit)
    canvas.text(box.x + box.width / 2, box.y + 62, text, f"number-{'red' if is_bad else 'green'}", "middle")


def _draw_legend(canvas: Canvas, lines: Sequence[Line], box: Box) -> float:
    """Write the names of the lines at the bottom of the panel, and return where they begin."""
    places: list[tuple[Line, str, float, int]] = []
    x, row, right = 0.0, 0, box.width - 2 * PAD
    for line in lines:
        name = fitting(line.name, 0.75 * right)
        width = 18 + width_of(name) + 10
        if x and x + width > right:
            x, row = 0.0, row + 1
        places.append((line, name, x, row))
        x += width
    top = box.y + box.height - 12 - 16 * (row + 1) + 6
    for line, name, left, number in places:
        y = top + 16 * number + 8
        canvas.rectangle(box.x + PAD + left, y - 4, 12, 4, f"{line.colour}-mark")
        canvas.text(box.x + PAD + left + 17, y + 2, name, "name")
    return top


def fitting(text: str, width: float) -> str:
    """Return the text, without its end where it is wider."""
    if width_of(text) <= width:
        return text
    while text and width_of(f"{text}…") > width:
        text = text[:-1]
    return f"{text}…"
