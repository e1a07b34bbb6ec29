"""Draws who does what, in order: an actor is a vertical line, and a step is an arrow or a box below the one before."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pictures.canvas import LINE, MARGIN, Canvas, TextBox, widest, width_of, wrap

MESSAGE_WIDTH = 165.0
"""How wide the text of a message between neighbours may be before it is wrapped."""

BOX_WIDTH = 140.0
"""How wide the text in a box may be before it is wrapped."""

ROOM = 12.0
"""Between the text of a message and the lines of its actors."""

_MESSAGE = re.compile(r"(?P<source>\w+) +(?P<arrow>-->|->) +(?P<target>\w+): +(?P<text>.+)")
_ACTION = re.compile(r"(?P<actor>\w+): +(?P<text>.+)")


@dataclass
class Lane:
    """An actor."""

    head: list[str]
    """The lines of its head; the first is its name."""
    colour: str
    x: float = 0
    covered: list[tuple[float, float]] = field(default_factory=list)
    """Where its line is left out, from top to bottom, since something else stands there."""

    @property
    def head_width(self) -> float:
        """Width of the head."""
        return max(width_of(self.head[0], is_bold=True), *map(width_of, self.head)) + 16


@dataclass(frozen=True)
class Message:
    """A step in which one actor tells another one something."""

    source: int
    target: int
    text: str
    is_answer: bool

    @property
    def ends(self) -> tuple[int, int]:
        """The left and the right actor."""
        return min(self.source, self.target), max(self.source, self.target)


@dataclass(frozen=True)
class Action:
    """A step that one actor does alone."""

    actor: int
    lines: list[str]

    @property
    def width(self) -> float:
        """Width of its box."""
        return widest(self.lines) + 14


@dataclass(frozen=True)
class Heading:
    """What the steps below have in common."""

    text: str


Step = Message | Action | Heading


def draw_sequence(description: Mapping[str, Any]) -> Canvas:
    """Draw `lanes`, `steps` and what the `colours` mean."""
    lanes = [Lane(each["head"].split("\n"), each["colour"]) for each in description["lanes"].values()]
    steps = list(_steps(description["steps"], list(description["lanes"])))
    canvas = Canvas()
    canvas.width = _place(lanes, steps)
    head_height = LINE * max(len(lane.head) for lane in lanes) + 10
    for lane in lanes:
        _draw_head(canvas, lane, head_height)
    y = MARGIN + head_height + 6
    for step in steps:
        y = _draw_step(canvas, lanes, step, y)
    for lane in lanes:
        _draw_line(canvas, lane, MARGIN + head_height, y + 8)
    canvas.height = _draw_legend(canvas, description["colours"], y + 30)
    return canvas


def _steps(text: str, names: list[str]) -> Iterator[Step]:
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("== "):
            yield Heading(line.removeprefix("== "))
        elif found := _MESSAGE.fullmatch(line):
            source, target = names.index(found["source"]), names.index(found["target"])
            yield Message(source, target, found["text"], found["arrow"] == "-->")
        elif found := _ACTION.fullmatch(line):
            yield Action(names.index(found["actor"]), wrap(found["text"], BOX_WIDTH))
        else:
            raise ValueError(f"{line!r} is not a step")


def _place(lanes: list[Lane], steps: list[Step]) -> float:
    """Set the places of the actors, so that every text has room, and return the picture's width."""
    gaps = [(lane.head_width + following.head_width) / 2 + 10 for lane, following in pairwise(lanes)]
    halves = [lane.head_width / 2 for lane in lanes]
    for step in steps:
        if isinstance(step, Message):
            left, right = step.ends
            if right - left == 1:  # between others there is more room than any text needs
                gaps[left] = max(gaps[left], widest(wrap(step.text, MESSAGE_WIDTH)) + 2 * ROOM)
        elif isinstance(step, Action):
            halves[step.actor] = max(halves[step.actor], step.width / 2)
    lanes[0].x = round(MARGIN + halves[0])
    for number, (lane, following) in enumerate(pairwise(lanes)):
        boxes = max(halves[number], halves[number + 1]) + ROOM
        following.x = lane.x + round(max(gaps[number], boxes))
    return lanes[-1].x + round(halves[-1]) + MARGIN


def _draw_head(canvas: Canvas, lane: Lane, height: float) -> None:
    canvas.rectangle(lane.x - lane.head_width / 2, MARGIN, lane.head_width, height, lane.colour)
    for number, text in enumerate(lane.head):
        style = "inside-small" if number else "inside"
        canvas.text(lane.x, MARGIN + LINE * (number + 1), text, style, "middle")


def _draw_step(canvas: Canvas, lanes: list[Lane], step: Step, y: float) -> float:
    """Draw one step from `y` on, and return where the next one begins."""
    match step:
        case Heading(text):
            place = canvas.text(MARGIN, y + 2 * LINE, text, "strong")
            canvas.path(f"M{place.right + 8:g} {y + 2 * LINE - 4:g} H{canvas.width - MARGIN:g}", "line")
            _cover(lanes, place)
            return y + 2 * LINE + 8
        case Action(actor, lines):
            lane, height = lanes[actor], LINE * len(lines) + 8
            canvas.rectangle(lane.x - step.width / 2, y + 8, step.width, height, "line")
            for number, line in enumerate(lines, start=1):
                canvas.text(lane.x, y + 8 + LINE * number, line, "small", "middle")
            lane.covered.append((y + 8, y + 8 + height))
            return y + 8 + height
        case Message():
            return _draw_message(canvas, lanes, step, y + 8)


def _draw_message(canvas: Canvas, lanes: list[Lane], message: Message, y: float) -> float:
    left, right = (lanes[end].x for end in message.ends)
    lines = wrap(message.text, right - left - 2 * ROOM)
    for number, line in enumerate(lines, start=1):
        place = canvas.text((left + right) / 2, y + LINE * number - 2, line, "small", "middle")
        _cover(lanes[message.ends[0] + 1 : message.ends[1]], place)
    y += LINE * len(lines) + 7
    source, target = lanes[message.source].x, lanes[message.target].x
    tip = 8 if target > source else -8
    canvas.path(f"M{source:g} {y:g} H{target - tip:g}", "dashed" if message.is_answer else "line")
    canvas.path(f"M{target - tip:g} {y - 4:g} L{target:g} {y:g} L{target - tip:g} {y + 4:g} Z", "mark")
    return y + 2


def _cover(lanes: list[Lane], place: TextBox) -> None:
    for lane in lanes:
        if place.left - 4 < lane.x < place.right + 4:
            lane.covered.append((place.top - 1, place.bottom + 1))


def _draw_line(canvas: Canvas, lane: Lane, top: float, bottom: float) -> None:
    for start, end in [*sorted(lane.covered), (bottom, bottom)]:
        if start > top:
            canvas.path(f"M{lane.x:g} {top:g} V{start:g}", "dashed")
        top = max(top, end)


def _draw_legend(canvas: Canvas, colours: Mapping[str, str], y: float) -> float:
    x = MARGIN
    for colour, meaning in colours.items():
        canvas.rectangle(x, y - 10, 12, 12, colour)
        x = canvas.text(x + 18, y, meaning, "small").right + 24
    canvas.width = max(canvas.width, x)
    return y + MARGIN
