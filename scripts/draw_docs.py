"""Draws the pictures of the documentation: `docs/pictures/NAME.toml` describes `docs/NAME.svg`.

Usage: `python scripts/draw_docs.py`

A description has a title, a description for those who do not see the picture, and one of two tables:

- `[sequence]` says who does what, one step below the other. Its `lanes` are the actors. Each line of its `steps` is a
  message (`a -> b: text`), an answer (`a --> b: text`), something that one actor does (`a: text`), or a heading above
  several steps (`== text`).
- `[timeline]` says what happens when, from left to right. Places are percents of its length.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pictures.canvas import Canvas
from pictures.sequence import draw_sequence
from pictures.timeline import draw_timeline

DOCS = Path(__file__).parents[1] / "docs"


def descriptions() -> list[Path]:
    """Return the files that describe a picture, sorted."""
    return sorted((DOCS / "pictures").glob("*.toml"))


def picture_of(description: Path) -> Path:
    """Return the file of the picture that a file describes."""
    return DOCS / f"{description.stem}.svg"


@dataclass(frozen=True)
class Picture:
    """A picture, as shapes and as SVG."""

    canvas: Canvas
    svg: str


def draw(description: Path) -> Picture:
    """Return the picture that a file describes."""
    words = tomllib.loads(description.read_text(encoding="utf-8"))
    canvas = draw_sequence(words["sequence"]) if "sequence" in words else draw_timeline(words["timeline"])
    return Picture(canvas, canvas.svg(words["title"], words["description"]))


def main() -> None:
    """Draw all pictures."""
    for description in descriptions():
        picture_of(description).write_text(draw(description).svg, encoding="utf-8")
        print(picture_of(description).relative_to(DOCS.parent))


if __name__ == "__main__":
    main()
