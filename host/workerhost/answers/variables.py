"""Answers about variables."""

from typing import Any

from workerhost.answers.base import Answer, OrText, Time
from workerhost.words import VariableScope


class VariableInfo(Answer):
    """A variable that is kept for a project."""

    scope: OrText[VariableScope]
    name: str
    value: Any
    """Any JSON value."""
    version: int
    """Counts its changes, from 1."""
    updated_at: Time


class VariablePage(Answer):
    """Some variables by scope and name, and where the next page begins."""

    variables: tuple[VariableInfo, ...]
    cursor: str | None = None
    """None on the last page."""
