"""A call of the control API: its method, path, body and answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from workerhost.answers import (
    Answer,
    BatchPage,
    ExecutionPage,
    LogPage,
    SchedulePage,
    StepPage,
    UsagePage,
    VariablePage,
)
from workerhost.errors import InvalidRequestError

A = TypeVar("A", bound=Answer)
P = TypeVar("P", BatchPage, ExecutionPage, LogPage, SchedulePage, StepPage, UsagePage, VariablePage)

START_SECONDS = 30.0
"""How long the service waits for a worker, or for all hosts to take a build, unless it is set otherwise."""
CHECK_SECONDS = 60.0
"""How long checking a build may take, its turn included."""


@dataclass(frozen=True)
class Call(Generic[A]):
    """One call.

    Attributes:
        method: of HTTP.
        path: below the address of the service.
        answer: what it is answered with.
        body: sent as JSON; None for none. Keys that are None are left out.
        query: of the address; keys that are None are left out.
        seconds: how long the service may rightly take, beyond what any call takes.
        may_be_none: the key of the body that is sent also where it is None; None for no key.
    """

    method: str
    path: str
    answer: type[A]
    body: Mapping[str, Any] | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0
    may_be_none: str | None = None


CallForPage = Callable[[str | None], Call[P]]
"""Describes the call for the page that begins at a cursor; None for the first page."""


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is set."""
    return {key: value for key, value in values.items() if value is not None}


def project_path(project_id: str, *more: str) -> str:
    """Return the path of a project, or of what is below it."""
    return path("projects", project_id, *more)


def path(*parts: str) -> str:
    """Return the path of these parts, whatever characters they hold: an id must not name another call."""
    if not all(parts):
        raise InvalidRequestError("an id or a name is empty")
    return "".join(f"/{quote(part, safe='') if part.strip('.') else part.replace('.', '%2E')}" for part in parts)
