"""Walks through programs."""

from collections.abc import Iterator
from typing import cast

from workerhost_drawings.flow.base import Form
from workerhost_drawings.flow.expressions import Value
from workerhost_drawings.flow.steps import Flow, Step, StepBase

_COLLECTIONS = (dict, list, tuple)
_HOLDING = (Form, *_COLLECTIONS)
"""What a part of a program may be that holds forms; most fields are texts and numbers."""


def forms(part: object, node: str | None = None) -> Iterator[tuple[str | None, Form]]:
    """Yield a part of a program and all in it, steps and expressions, each with the node that it belongs to.

    Args:
        part: a form, or a collection of them.
        node: that it belongs to where it does not say so itself.
    """
    if isinstance(part, Form):
        node = vars(part).get("node") or node
        yield node, part
        if not isinstance(part, Value):
            for held in vars(part).values():
                if isinstance(held, _HOLDING):
                    yield from forms(held, node)
    elif isinstance(part, _COLLECTIONS):
        for each in part.values() if isinstance(part, dict) else part:
            if isinstance(each, _HOLDING):
                yield from forms(each, node)


def all_steps(flow: Flow) -> Iterator[Step]:
    """Yield the steps of a flow and of every flow within it."""
    for _, part in forms(flow):
        if isinstance(part, StepBase):
            yield cast("Step", part)  # every class that derives from it is one of them
