"""Lines of projects' logs for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from workerhost.observed import LogLevel, LogLine
from workerhost.store import Store
from workerhost.store.project_logs.values import LogFilter, NewLine

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def log_line(message: str, project_id: str = "shop", **values: Any) -> LogLine:
    """Return a line of the log of a project."""
    return LogLine(**{"at": NOON, "project_id": project_id, "level": LogLevel.INFO, "message": message, **values})


def new_line(message: str, project_id: str = "shop", *, size: int = 100, **values: Any) -> NewLine:
    """Return a line that is to be written."""
    return NewLine(log_line(message, project_id, **values), None, size)


def messages(store: Store, project_id: str = "shop", limit: int = 1000, **wanted: Any) -> Sequence[str]:
    """Return the messages of the newest lines that are meant, newest first."""
    page = store.project_logs.reader.page(project_id, LogFilter(**wanted), limit)
    return [each.line.message for each in page.lines]
