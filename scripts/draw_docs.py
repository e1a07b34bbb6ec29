"""Draws the pictures of the documentation: `docs/pictures/NAME.toml` describes `docs/NAME.svg`.

Usage: `python scripts/draw_docs.py`

A description has a title, a description for those who do not see the picture, and one of four tables:

- `[sequence]` says who does what, one step below the other. Its `lanes` are the actors. Each line of its `steps` is a
  message (`a -> b: text`), an answer (`a --> b: text`), something that one actor does (`a: text`), or a heading above
  several steps (`== text`).
- `[timeline]` says what happens when, from left to right. Places are percents of its length.
- `[graph]` names the `page` of `docs` on which the first JSON that a command takes is a canvas graph.
- `[board]` names the file with what Prometheus answered to the questions of the dashboard, which
  `scripts/record_dashboard.py` writes.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pictures.board import draw_board
from pictures.canvas import Canvas
from pictures.graph import draw_graph
from pictures.sequence import draw_sequence
from pictures.timeline import draw_timeline
from watching.description import read

DOCS = Path(__file__).parents[1] / "docs"

_GRAPH = re.compile(r"<<'JSON'\n(?P<graph>.*?)^JSON$", re.MULTILINE | re.DOTALL)


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
    canvas = _canvas(words)
    return Picture(canvas, canvas.svg(words["title"], words["description"]))


def _canvas(words: Mapping[str, Any]) -> Canvas:
    if "sequence" in words:
        return draw_sequence(words["sequence"])
    if "timeline" in words:
        return draw_timeline(words["timeline"])
    if "board" in words:
        answers = (DOCS / "pictures" / words["board"]["answers"]).read_text(encoding="utf-8")
        return draw_board(read(), json.loads(answers))
    found = _GRAPH.search((DOCS / words["graph"]["page"]).read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{words['graph']['page']} has no graph")
    return draw_graph(json.loads(found["graph"]))


def main() -> None:
    """Draw all pictures."""
    for description in descriptions():
        picture_of(description).write_text(draw(description).svg, encoding="utf-8")
        print(picture_of(description).relative_to(DOCS.parent))


if __name__ == "__main__":
    main()
