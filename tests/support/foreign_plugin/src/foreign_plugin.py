"""A plugin as somebody else would write it."""

from collections.abc import Sequence

from pydantic import BaseModel
from temporalio import activity

from workerhost import ActivitySet, hookimpl


class Letter(BaseModel):
    """What is sent."""

    to: str
    copies: int = 1


@activity.defn(name="sendLetter")
def send_letter(letter: Letter) -> str:
    """Send a letter."""
    return f"{letter.copies} sent to {letter.to}"


@hookimpl
def workerhost_register_activity_sets() -> Sequence[ActivitySet]:
    """Contribute the one activity."""
    return [ActivitySet("letters", [send_letter])]
