"""Checks of the activities that a drawing calls."""

from collections.abc import Callable, Iterable
from typing import Any

from workerhost.drawing import CompileContext
from workerhost_drawings.checks.inputs import check_input
from workerhost_drawings.checks.near import near

Problem = Callable[[str, str], None]
"""Notes a reason and a path."""


def check_activity(name: str, path: str, context: CompileContext, others: Iterable[str], problem: Problem) -> None:
    """Refuse an activity that the project does not have.

    Args:
        name: of the activity.
        path: where it stands.
        context: what is known of the project.
        others: names beside those of activities that would do.
        problem: notes what is wrong.
    """
    if name not in context.activities:
        hint = near(name, sorted({*context.activities, *others}))
        problem(f"The project has no activity {name[:200]}, and no component of that name.{hint}", path)


def takes_input(value: Any, activity: str, context: CompileContext, problem: Problem) -> bool:
    """Tell whether an activity gets an input: one is drawn, or the activity says what it takes, which is checked.

    Args:
        value: as it is drawn, with expressions in its texts; None for none.
        activity: its name.
        context: what is known of the project.
        problem: notes what does not fit.
    """
    known = context.activities.get(activity)
    schema = known.input_schema if known is not None else None
    if schema is not None:
        for path, reason in check_input({} if value is None else value, schema, activity):
            problem(reason, path)
    return schema is not None or value not in (None, {})
