"""Answers about the logs of projects."""

from typing import Any

from workerhost.answers.base import Answer, OrText, Time
from workerhost.observed import LogLevel
from workerhost.words import BuildId, RunId, WorkflowId


class LogLineInfo(Answer):
    """A line of the log of a project. What is not known of where it comes from is left out."""

    at: Time
    """When it was made, by the clock of its host."""
    level: OrText[LogLevel]
    message: str
    """As the code has it, control characters included."""
    workflow_id: WorkflowId | None = None
    run_id: RunId | None = None
    workflow_type: str | None = None
    build_id: BuildId | None = None
    activity: str | None = None
    attempt: int | None = None
    """Of the activity, 1 for the first."""
    node: str | None = None
    """The node of the drawing."""
    logger: str | None = None
    """The logger's name; left out for what was printed."""
    fields: dict[str, Any] | None = None
    """What the code has added."""


class LogPage(Answer):
    """Some lines of the log of a project, newest first, and where the next page begins."""

    lines: tuple[LogLineInfo, ...]
    cursor: str | None = None
    """None on the last page. A page with a cursor may hold fewer lines than were asked for, or none: a call looks
    through so many lines at most, and the next one goes on from there."""
