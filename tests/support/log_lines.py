"""Lines of projects' logs for tests."""

import json
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from support.watchers import Event
from workerhost.observed import LogLevel, LogLine
from workerhost.store import Store
from workerhost.store.project_logs.values import LogFilter, NewLine
from workerhost.testing import Api

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


class LogStream:
    """Follows a log in a thread of its own."""

    def __init__(self, api: Api, path: str, last: str | None = None) -> None:
        self.response = api.client.get(path, headers={"Last-Event-ID": last} if last else {})
        assert self.response.status_code == 200, self.response.get_data(as_text=True)
        assert self.response.mimetype == "text/event-stream"
        self.lines: list[Event] = []
        self.has_ended = False
        self._leaves = False
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        for piece in self.response.response:
            if self._leaves:
                break
            blocks = (piece.decode() if isinstance(piece, bytes) else piece).split("\n\n")
            for block in blocks:
                fields = dict(line.split(": ", 1) for line in block.splitlines())
                if "data" in fields:
                    assert fields["event"] == "line"
                    self.lines.append(Event("line", json.loads(fields["data"]), fields["id"]))
        self.response.close()
        self.has_ended = True

    def messages(self) -> list[str]:
        """Return the messages of all lines that were told."""
        return [each.data["message"] for each in self.lines]

    def leave(self) -> None:
        """Go away, with the next piece that comes."""
        self._leaves = True
        self._thread.join()
