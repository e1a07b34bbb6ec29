"""Draws what happens when, from left to right: a row shows one run, or what holds from when to when."""

from collections.abc import Mapping
from typing import Any

from pictures.canvas import MARGIN, Canvas, width_of

LEFT, LENGTH = 130.0, 600.0
"""Where time begins, and how long its line is."""

TOP, ROW = 66.0, 45.0
"""Where the middle of the first row is, and how far it is to the next one."""


def draw_timeline(description: Mapping[str, Any]) -> Canvas:
    """Draw `moments`, `rows` and what the marks mean."""
    canvas = Canvas(width=LEFT + LENGTH + MARGIN)
    bottom = TOP + ROW * len(description["rows"]) - 20
    for moment in description["moments"]:
        x = _place(moment["at"])
        canvas.path(f"M{x:g} 44 V{bottom:g}", "dashed")
        canvas.text(x, 20, moment["what"], "strong", "middle")
        canvas.text(x, 37, moment["more"], "small", "middle")
    for number, row in enumerate(description["rows"]):
        y = TOP + ROW * number
        canvas.text(MARGIN, y + 5, row["name"])
        if "bars" in row:
            for bar in row["bars"]:
                _draw_bar(canvas, bar, y)
        else:
            _draw_run(canvas, row, y)
    _draw_legend(canvas, bottom + 14)
    canvas.height = bottom + 48
    return canvas


def _place(percent: float) -> float:
    return LEFT + LENGTH * percent / 100


def _draw_bar(canvas: Canvas, bar: Mapping[str, Any], y: float) -> None:
    """Draw what holds from when to when: filled, with `outlined` only its border, without `colour` the words alone."""
    start, end = _place(bar["from"]), _place(bar["to"])
    style = "inside"
    if bar.get("outlined"):
        canvas.rectangle(start + 2, y - 11, end - start - 4, 22, "dashed")
        style = f"strong {bar['colour']}"
    elif "colour" in bar:
        canvas.rectangle(start + 1, y - 11, end - start - 2, 22, bar["colour"])
    else:
        style = "strong"
    canvas.text((start + end) / 2, y + 5, bar["text"], style, "middle")


def _draw_run(canvas: Canvas, row: Mapping[str, Any], y: float) -> None:
    """Draw a run: its parts on one build each, with a mark between two of them, and its end if it has one."""
    parts = row["parts"]
    canvas.circle(_place(parts[0]["from"]), y, 6, parts[0]["colour"])
    for part in parts:
        start, end = _place(part["from"]), _place(part["to"])
        canvas.rectangle(start, y - 4, end - start, 8, part["colour"])
        canvas.text((start + end) / 2, y - 10, part["build"], f"strong {part['colour']}", "middle")
    for part in parts[1:]:
        _draw_moved(canvas, _place(part["from"]), y)
    end, colour = _place(parts[-1]["to"]), parts[-1]["colour"]
    if "ends" in row:
        canvas.rectangle(end - 3, y - 10, 6, 20, colour)
        canvas.text(end + 10, y + 4, row["ends"], "small")
    else:
        canvas.path(f"M{end - 2:g} {y - 8:g} L{end + 12:g} {y:g} L{end - 2:g} {y + 8:g} Z", colour)


def _draw_moved(canvas: Canvas, x: float, y: float) -> None:
    canvas.path(f"M{x:g} {y - 9:g} L{x + 9:g} {y:g} L{x:g} {y + 9:g} L{x - 9:g} {y:g} Z", "moved")


def _draw_legend(canvas: Canvas, y: float) -> None:
    """Draw the arrow of time, and what the marks on a run mean."""
    end = LEFT + LENGTH
    canvas.path(f"M{LEFT:g} {y:g} H{end - 10:g}", "line")
    canvas.path(f"M{end - 10:g} {y - 5:g} L{end:g} {y:g} L{end - 10:g} {y + 5:g} Z", "mark")
    x, y = LEFT, y + 18
    canvas.text(x, y + 4, "time", "small")
    x += 80
    canvas.circle(x, y, 5, "mark")
    x = _name(canvas, x, y, "begins")
    canvas.rectangle(x - 2, y - 8, 5, 16, "mark")
    x = _name(canvas, x, y, "ends")
    canvas.path(f"M{x - 5:g} {y - 6:g} L{x + 7:g} {y:g} L{x - 5:g} {y + 6:g} Z", "mark")
    x = _name(canvas, x, y, "goes on")
    _draw_moved(canvas, x, y)
    _name(canvas, x, y, "is moved")


def _name(canvas: Canvas, x: float, y: float, meaning: str) -> float:
    """Write what the mark at `x` means, and return where the next mark stands."""
    canvas.text(x + 14, y + 4, meaning, "small")
    return x + 14 + width_of(meaning) + 24
