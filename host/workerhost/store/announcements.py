"""Telling other hosts at once what has been committed, where the database can: PostgreSQL's LISTEN and NOTIFY.

Hosts look at the database all the time anyway. An announcement only spares them the wait until their next look, so it
may get lost.
"""

import threading
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from workerhost.store.database import Database

CHANNEL = "workerhost"

LOOK_SECONDS = 0.5
"""How often a listener looks whether it is to stop."""


def announce(session: Session, project_id: str) -> None:
    """Tell all listeners that the project has changed, as soon as the caller's transaction is committed."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_notify(:channel, :project)"), {"channel": CHANNEL, "project": project_id})


def announcements(database: Database, stop: threading.Event) -> Iterator[str]:
    """Yield the id of each project that others announce a change of, until `stop` is set; blocks.

    Yields nothing on SQLite. Takes a connection of its own, beside those of the pool.

    Raises:
        StoreUnavailableError: the database does not answer, or not any more.
    """
    if database.url.get_backend_name() != "postgresql":
        return
    with database.own_connection() as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        while not stop.is_set():
            for notification in connection.notifies(timeout=LOOK_SECONDS):
                yield notification.payload
