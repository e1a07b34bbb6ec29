"""Answers about projects and their workflows."""

from typing import Any

from workerhost.answers.base import Answer, CommandResult, OrText, Time
from workerhost.words import DesiredState


class PauseInfo(Answer):
    """Since when a project waits, and why."""

    since: Time
    reason: str | None


class PauseResult(CommandResult):
    """What pausing or resuming a project came to."""

    paused: PauseInfo | None
    """None where it goes on."""


class ProjectInfo(Answer):
    """A project as it is set."""

    id: str
    name: str
    task_queue: str
    desired_state: OrText[DesiredState]
    settings: Any
    """An object with the keys of `ProjectSettings`, or whatever a product wrote into the table."""
    paused: PauseInfo | None = None
    """Since when it waits, and why; None where it does not."""


class ProjectList(Answer):
    """All projects."""

    projects: tuple[ProjectInfo, ...]


class WorkflowInfo(Answer):
    """A workflow of a project, and the versions of its code."""

    workflow_id: str
    """`<project>/<name>`."""
    name: str
    active_version: str | None
    versions: tuple[str, ...]
    """Oldest first."""


class WorkflowList(Answer):
    """All workflows of a project."""

    workflows: tuple[WorkflowInfo, ...]


class ReloadResult(Answer):
    """That a project runs the code that is active in the tables."""

    success: bool = True
    workflow_id: str
    message: str
