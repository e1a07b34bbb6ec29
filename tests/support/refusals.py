"""Calls that the API refuses, and what is stored before and after them."""

import sqlite3
from typing import Any

from workerhost.runtime.service import Service
from workerhost.testing import Api

TABLES = ("projects", "workflows", "workflow_compiled_code", "builds")

WRITTEN_LATER = {"triggers_revision", "triggers_held_at"}
"""Columns that hosts write some seconds after a change."""


def dump(service: Service) -> list[list[dict[str, Any]]]:
    """Return everything that is stored about projects and code, table by table."""
    connection = sqlite3.connect(str(service.store.database.url.database))
    connection.row_factory = sqlite3.Row
    try:
        return [_rows(connection, table) for table in TABLES]
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    rows = connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2")
    return [{key: value for key, value in dict(row).items() if key not in WRITTEN_LATER} for row in rows]


def refused(api: Api, method: str, path: str, body: Any, status: int, *parts: str) -> Any:
    """Check that the call is refused by the contract, with these parts in its sentence."""
    answer = api.call(method, path, body, status)
    assert answer["success"] is False
    assert answer["code"]
    for part in parts:
        assert part in answer["error"], answer
    for secret in ("Traceback", "site-packages", 'File "', "/tmp", "/root", "/home"):
        assert secret not in answer["error"]
    return answer
