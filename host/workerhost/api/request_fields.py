"""Tells the log which project a request is about."""

from typing import Any

from flask import Flask, request
from structlog.contextvars import bind_contextvars

from workerhost.api.serving.request_log import REQUEST, RequestEntry


def install(app: Flask) -> None:
    """Have the line of each request, and all lines that are written in it, name the project in its path."""
    app.url_value_preprocessor(_note_project)


def request_id() -> str | None:
    """Return the id of the present request; None where it did not come over a connection."""
    entry: RequestEntry | None = request.environ.get(REQUEST)
    return entry.id if entry else None


def _note_project(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    entry: RequestEntry | None = request.environ.get(REQUEST)
    project = (values or {}).get("project_id")
    if entry is not None and isinstance(project, str):
        entry.project = project
        bind_contextvars(project=project)
