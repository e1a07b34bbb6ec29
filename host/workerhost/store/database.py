"""The connection to the database: engine, sessions, migrations, and what its failures mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import alembic.command
import alembic.util
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from workerhost.errors import ConfigurationError, StoreUnavailableError

BUSY_SECONDS = 10
"""How long a SQLite statement waits for another process's write to end."""


class Database:
    """One database. Thread-safe: every call takes a pooled connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self._engine = _create_engine(self.url)
        self._writing_engine = self._engine.execution_options(begins_write=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        with _translated_errors(), Session(self._engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session whose changes are committed together at its end, or not at all.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        with _translated_errors(), Session(self._writing_engine) as session, session.begin():
            yield session

    def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            StoreUnavailableError: there is none.
        """
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def upgrade(self) -> str:
        """Apply all migrations that are missing and return the schema's revision.

        Raises:
            ConfigurationError: the database belongs to a newer workerhost.
            StoreUnavailableError: the database does not answer.
        """
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        head = ScriptDirectory.from_config(config).get_current_head()
        with _translated_errors(), self._writing_engine.connect() as connection:
            _refuse_newer_schema(connection, config)
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, "head")
            connection.commit()
        return str(head)

    def close(self) -> None:
        """Close all pooled connections."""
        self._engine.dispose()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError(
            "DATABASE_URL is not a database URL; write sqlite:///path/to/file.db or postgresql+psycopg://user@host/name"
        ) from error
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigurationError(
            f"DATABASE_URL names {parsed.get_backend_name()}; workerhost works with sqlite and postgresql"
        )
    return parsed


def _create_engine(url: URL) -> Engine:
    try:
        return _sqlite_engine(url) if url.get_backend_name() == "sqlite" else create_engine(url, pool_pre_ping=True)
    except ArgumentError as error:
        raise ConfigurationError(f"DATABASE_URL names {url.drivername}, which SQLAlchemy does not know") from error
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"DATABASE_URL names {url.drivername}, whose driver is not installed: pip install {error.name}"
        ) from error


def _sqlite_engine(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ConfigurationError("DATABASE_URL must name a file for SQLite: sqlite:///path/to/file.db")
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"DATABASE_URL: the folder of {url.database} cannot be made: {error.strerror}"
        ) from error
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite_connection)
    event.listen(engine, "begin", _begin_sqlite_transaction)
    return engine


def _prepare_sqlite_connection(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is off: _begin_sqlite_transaction sends it
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite_transaction(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for another writer (SQLITE_BUSY at once), so
    # one that may write says so at its start: https://www.sqlite.org/lang_transaction.html
    writes = connection.get_execution_options().get("begins_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _refuse_newer_schema(connection: Connection, config: Config) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    present = set(MigrationContext.configure(connection).get_current_heads())
    if unknown := present - known:
        raise ConfigurationError(
            f"the database has schema revision {', '.join(sorted(unknown))}, which this workerhost does not know: "
            "it was made by a newer version; upgrade workerhost"
        )


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailableError(_sentence(error)) from error
    except DatabaseError as error:
        if type(error) is DatabaseError:  # not one of its kinds: what SQLite says of a file that is no database
            raise StoreUnavailableError(_sentence(error)) from error
        raise


def _sentence(error: DBAPIError) -> str:
    reason = str(error.orig).strip().splitlines()
    if any("no such table" in line for line in reason):
        return "the database has no tables of workerhost yet; run: workerhost db upgrade"
    return "the database does not answer; the service goes on and tries again"
