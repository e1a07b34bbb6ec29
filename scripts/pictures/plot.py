"""Draws lines and areas over time, with their scales."""

from collections.abc import Sequence
from dataclasses import dataclass

from pictures.canvas import Canvas
from pictures.scale import shown, ticks
from watching.description import Alert, Panel

TIME_WIDTH = 40.0

Bounds = tuple[float, float | None]
"""From where to where an area goes at one moment; the second is None in a gap."""


@dataclass(frozen=True)
class Line:
    """What one line of a panel shows: a value at each step, None where there was none."""

    name: str
    colour: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


class Plot:
    """The lines of one panel.

    Args:
        canvas: where they are drawn.
        box: between the scales.
        panel: says the unit, and whether the lines are areas that stand on each other.
        lines: of equal length.
    """

    def __init__(self, canvas: Canvas, box: Box, panel: Panel, lines: Sequence[Line]) -> None:
        self._canvas = canvas
        self._box = box
        self._panel = panel
        self._lines = lines
        self._is_stacked = panel.kind == "areas"
        self._bounds = stacked(lines) if self._is_stacked else [[(0.0, each) for each in line.values] for line in lines]
        tops = [top for bounds in self._bounds for _, top in bounds if top is not None]
        self._ticks = ticks(max(tops, default=0.0) or 1.0)
        self._points = max((len(line.values) for line in lines), default=0)

    def draw(self, step: float, alert: Alert | None) -> None:
        """Draw the scales, the lines, and the limit of the alert where it is on the scale.

        Args:
            step: seconds between two values.
            alert: the panel's, if it has one.
        """
        for value in self._ticks:
            self._draw_across(value, "grid")
            self._canvas.text(self._box.x - 6, self._y(value) + 4, shown(value, self._panel.unit), "name", "end")
        self._draw_times(step)
        if not self._lines:
            middle = self._box.x + self._box.width / 2, self._box.y + self._box.height / 2 + 9
            self._canvas.text(*middle, "No data", "name", "middle")
        for line, bounds in zip(self._lines, self._bounds, strict=True):
            for first, piece in pieces(bounds):
                self._draw_piece(line.colour, first, piece)
        if alert is not None and 0 < alert.limit <= self._ticks[-1]:
            self._draw_across(alert.limit, "limit")

    def _x(self, number: int) -> float:
        return self._box.x + self._box.width * number / max(1, self._points - 1)

    def _y(self, value: float) -> float:
        return self._box.y + self._box.height * (1 - value / self._ticks[-1])

    def _draw_across(self, value: float, style: str) -> None:
        y = self._y(value)
        self._canvas.path(f"M{self._box.x:.1f} {y:.1f} H{self._box.x + self._box.width:.1f}", style)

    def _draw_times(self, step: float) -> None:
        """Write how long ago it was, from the right, where the present is."""
        minutes = max(0, self._points - 1) * step / 60
        right, y = self._box.x + self._box.width, self._box.y + self._box.height + 15
        self._canvas.text(right, y, "now", "name", "end")
        every = max(1, round(minutes / 4))
        for ago in range(every, int(minutes) + 1, every):
            x = right - self._box.width * ago / minutes
            if x - self._box.x > TIME_WIDTH:  # further left is the scale
                self._canvas.text(x, y, f"-{ago} min", "name", "middle")

    def _draw_piece(self, colour: str, first: int, piece: Sequence[tuple[float, float]]) -> None:
        places = [(self._x(first + number), *each) for number, each in enumerate(piece)]
        tops = [f"{x:.1f} {self._y(top):.1f}" for x, _, top in places]
        if self._is_stacked:
            bottoms = [f"{x:.1f} {self._y(bottom):.1f}" for x, bottom, _ in reversed(places)]
            self._canvas.path(f"M{' L'.join([*tops, *bottoms])} Z", f"{colour}-area")
        self._canvas.path(f"M{' L'.join(tops)}", f"{colour}-line")


def pieces(bounds: Sequence[Bounds]) -> list[tuple[int, list[tuple[float, float]]]]:
    """Return what is between gaps: where each piece begins, and its bounds."""
    found: list[tuple[int, list[tuple[float, float]]]] = []
    is_open = False
    for number, (bottom, top) in enumerate(bounds):
        if top is None:
            is_open = False
            continue
        if not is_open:
            found.append((number, []))
        found[-1][1].append((bottom, top))
        is_open = True
    return found


def stacked(lines: Sequence[Line]) -> list[list[Bounds]]:
    """Return from where to where each line's area goes at each step: each stands on the one before."""
    height = [0.0] * max((len(line.values) for line in lines), default=0)
    found: list[list[Bounds]] = []
    for line in lines:
        tops = [below + (value or 0.0) for below, value in zip(height, line.values, strict=True)]
        found.append(list[Bounds](zip(height, tops, strict=True)))
        height = tops
    return found
