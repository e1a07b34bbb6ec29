"""Shapes and texts as SVG, in colours that can be read on white and on black."""

import math
from dataclasses import dataclass, field
from typing import Literal
from xml.sax.saxutils import escape

Anchor = Literal["start", "middle", "end"]

LINE = 16.0
"""Height of a line of text, in pixels as all lengths here."""

MARGIN = 12.0

COLOURS = {"blue": "#2f74d0", "orange": "#b8560f", "purple": "#8250df", "grey": "#57606a"}
"""White text can be read on each of them, and each can be told from white and from black."""

STYLE = """
    text { fill: #737b85 }
    .strong { font-weight: 600 }
    .small { font-size: 12px }
    .inside { fill: #fff; font-weight: 600 }
    .inside-small { fill: #fff; font-size: 12px }
    .line { stroke: #8b949e; fill: none }
    .dashed { stroke: #8b949e; fill: none; stroke-dasharray: 4 4 }
    .mark { fill: #8b949e }
    .moved { fill: #fff; stroke: #737b85; stroke-width: 2 }
"""

NARROW, WIDE = "iljtfrI.,:;'|()[]/- ", "mwMW@%…"


@dataclass(frozen=True)
class TextBox:
    """Where a text stands, as wide as it is in a wide font."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "TextBox") -> bool:
        """Tell whether both have a place in common."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


@dataclass
class Canvas:
    """Collects shapes and texts. Whoever draws sets the size before asking for the SVG.

    Attributes:
        style: more CSS, after what all pictures share.
    """

    width: float = 0
    height: float = 0
    style: str = ""
    shapes: list[str] = field(default_factory=list)
    texts: list[TextBox] = field(default_factory=list)

    def rectangle(self, x: float, y: float, width: float, height: float, style: str) -> None:
        """Draw a rectangle; `style` is its class."""
        size = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
        self.shapes.append(f'<rect class="{style}" {size} rx="{min(3.0, width / 4):g}"/>')

    def path(self, points: str, style: str) -> None:
        """Draw a path, in the language of SVG's attribute `d`."""
        self.shapes.append(f'<path class="{style}" d="{points}"/>')

    def circle(self, x: float, y: float, radius: float, style: str) -> None:
        """Draw a circle around (x, y)."""
        self.shapes.append(f'<circle class="{style}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>')

    def text(self, x: float, y: float, text: str, style: str = "", anchor: Anchor = "start") -> TextBox:
        """Write one line and return its place; `y` is the base line."""
        width = width_of(text, is_bold=style.startswith(("strong", "inside")))
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        place = TextBox(text, left, y - 11, left + width, y + 3)
        self.texts.append(place)
        kind = f'class="{style}" ' if style else ""
        self.shapes.append(f'<text {kind}x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>')
        return place

    def svg(self, title: str, description: str) -> str:
        """Return everything as an SVG document."""
        fills = "".join(f"    .{name} {{ fill: {value} }}\n" for name, value in COLOURS.items())
        width, height = math.ceil(self.width), math.ceil(self.height)
        size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        fonts = "Helvetica, Arial, 'Liberation Sans', sans-serif"
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title description"'
            f' font-family="{fonts}" font-size="13">',
            f'  <title id="title">{escape(title)}</title>',
            f'  <desc id="description">{escape(" ".join(description.split()))}</desc>',
            f"  <style>{STYLE}{fills}{self.style}  </style>",
            *(f"  {shape}" for shape in self.shapes),
            "</svg>",
        ]
        return "\n".join(lines) + "\n"


def width_of(text: str, *, is_bold: bool = False) -> float:
    """Return how wide a text is at most, since readers have different fonts."""
    # Not with `sum`, which rounds otherwise from Python 3.12 on.
    width = math.fsum(4.9 if each in NARROW else 12.5 if each in WIDE else 8.2 for each in text)
    return 1.15 * width if is_bold else width


def wrap(text: str, width: float) -> list[str]:
    """Return the lines of a text, none wider than `width` unless one word alone is."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def widest(lines: list[str]) -> float:
    """Return the width of the widest line."""
    return max(map(width_of, lines))
