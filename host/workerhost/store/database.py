"""The connection to the database: engine, sessions, migrations, and what its failures mean."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Executable, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from workerhost.errors import ConfigurationError, StoreUnavailableError
from workerhost.store.connection_watch import ConnectionWatch
from workerhost.store.failures import driver_reason, is_worth_another_try, translated_errors
from workerhost.store.timing import time_statements

T = TypeVar("T")

BUSY_SECONDS = 10
"""How long a SQLite statement waits for another process's write to end."""

HURRY_SECONDS = 3
"""The same of one in a process that is about to end: it has several things to write then, one after the other."""

CONNECT_SECONDS = 5
"""How long a connection to PostgreSQL may take, how long a caller waits for a free one, and how long sent data may
stay unacknowledged before the connection counts as lost."""

SILENT_SECONDS = 10.0
"""How long a connection to PostgreSQL may be taken for one piece of work; one that is longer has gone silent."""

REST_SECONDS = 5.0
"""How long a pooled connection may have rested to be used without a look whether it still works."""

ATTEMPTS = 4
"""How often a transaction is tried that PostgreSQL asks to try again, or whose connection was lost."""


class Database:
    """One database. Thread-safe: every call takes a pooled connection of its own.

    Args:
        url: SQLite or PostgreSQL, as SQLAlchemy writes it.
        connections: the most that are open to PostgreSQL at once.
    """

    def __init__(self, url: str, connections: int = 10) -> None:
        self.url = _parse(url)
        self._engine = _create_engine(self.url, connections)
        self._watch: ConnectionWatch | None = None
        if self.url.get_backend_name() == "postgresql":  # another process's SQLite file does not go silent
            self._watch = ConnectionWatch(self._engine, SILENT_SECONDS)
            _try_after_rest(self._engine)
        self._attempts = Retrying(
            retry=retry_if_exception(is_worth_another_try),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=0.02, max=0.5),
            reraise=True,
        )
        self._writing_engine = self._engine.execution_options(begins_write=True)
        self._reading_engine = self._engine
        if self.url.get_backend_name() == "postgresql":
            # A transaction there shows each statement what was committed before that one, so that a reader gains
            # nothing from it and would wait for two more answers: to BEGIN and to ROLLBACK.
            self._reading_engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads; each statement sees what was committed before it.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        with translated_errors(), Session(self._reading_engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session whose changes are committed together at its end, or not at all.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        with translated_errors(), Session(self._writing_engine) as session, session.begin():
            yield session

    def write(self, work: Callable[[Session], T]) -> T:
        """Do `work` in one transaction and return what it returns; try again where that is likely to help.

        Args:
            work: changes rows with the session. It may be called several times, and must leave the same behind
                whether an earlier call was committed or not.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        for attempt in self._attempts:
            with attempt, self.writing() as session:
                result = work(session)
        return result

    def execute_alone(self, statement: Executable, values: Mapping[str, Any]) -> None:
        """Execute one statement, committed by itself on PostgreSQL; raises `StoreUnavailableError` as all do here."""
        for attempt in self._attempts:
            with attempt, self.reading() as session:
                session.execute(statement, values)

    @contextmanager
    def own_connection(self) -> Iterator[Any]:
        """Open a connection of the driver's own kind that belongs to the caller, in autocommit mode.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        with translated_errors():
            pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection  # before it is detached: it names none afterwards
        pooled.detach()
        try:
            connection.autocommit = True
            yield connection
        finally:
            connection.close()

    def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            StoreUnavailableError: there is none.
        """
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def time_statements(self, done: Callable[[str, float], None], failed: Callable[[], None]) -> None:
        """Have functions told of each statement, as `store.timing` says."""
        time_statements(self._engine, done, failed)

    def upgrade(self) -> str:
        """Apply all migrations that are missing and return the schema's revision.

        Raises:
            ConfigurationError: the database belongs to a newer workerhost.
            StoreUnavailableError: the database does not answer.
        """
        # Here, since Alembic takes a while to import, and only one process of a service upgrades its database.
        from workerhost.store.migrating import apply_migrations  # noqa: PLC0415

        with self._watch.paused() if self._watch else nullcontext():
            return apply_migrations(self._writing_engine)

    def describe_failure(self, error: StoreUnavailableError) -> str:
        """Return a sentence for who set the database up, with its address and what its driver says."""
        reason = driver_reason(error.__cause__.orig) if isinstance(error.__cause__, DBAPIError) else str(error)
        return f"the database at {self.url.render_as_string(hide_password=True)} cannot be used: {reason}"

    def hurry(self) -> None:
        """Have statements on SQLite wait for other processes no longer than `HURRY_SECONDS` from now on."""
        if self.url.get_backend_name() == "sqlite":
            for engine in (self._engine, self._writing_engine):
                engine.update_execution_options(busy_seconds=HURRY_SECONDS)

    def close(self) -> None:
        """Close all pooled connections."""
        if self._watch is not None:
            self._watch.stop()
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


def _create_engine(url: URL, connections: int) -> Engine:
    try:
        return _sqlite_engine(url) if url.get_backend_name() == "sqlite" else _postgresql_engine(url, connections)
    except ArgumentError as error:
        raise ConfigurationError(f"DATABASE_URL names {url.drivername}, which SQLAlchemy does not know") from error
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"DATABASE_URL names {url.drivername}, whose driver is not installed: pip install "
            + ("'workerhost[postgres]'" if error.name == "psycopg" else str(error.name))
        ) from error


def _postgresql_engine(url: URL, connections: int) -> Engine:
    # Without prepared statements, so that poolers which hand out another server connection for each transaction work.
    # The timeouts are the client library's own: https://www.postgresql.org/docs/current/libpq-connect.html
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": 1000 * CONNECT_SECONDS,
        "application_name": "workerhost",
    }
    if url.get_driver_name() == "psycopg":
        arguments["prepare_threshold"] = None
    return create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
        connect_args={**arguments, **url.query},
        json_deserializer=_json,
    )


def _try_after_rest(engine: Engine) -> None:
    def note_use(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    def try_after_rest(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        # SQLAlchemy's own ping before each use would double the statements of an idle host.
        if time.monotonic() - record.info.get("used_at", time.monotonic()) > REST_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except Exception as error:
                raise DisconnectionError from error  # the pool then opens another one

    event.listen(engine, "checkin", note_use)
    event.listen(engine, "checkout", try_after_rest)


def _sqlite_engine(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ConfigurationError("DATABASE_URL must name a file for SQLite: sqlite:///path/to/file.db")
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"DATABASE_URL: the folder of {url.database} cannot be made: {error.strerror}"
        ) from error
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, json_deserializer=_json)
    event.listen(engine, "connect", _prepare_sqlite_connection)
    event.listen(engine, "begin", _begin_sqlite_transaction)
    return engine


def _json(stored: str) -> Any:
    """Return the JSON value of a column, or its text where a product wrote something else than JSON there."""
    try:
        return json.loads(stored)
    except ValueError:
        return stored


def _prepare_sqlite_connection(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is off: _begin_sqlite_transaction sends it
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite_transaction(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for another writer (SQLITE_BUSY at once), so
    # one that may write says so at its start: https://www.sqlite.org/lang_transaction.html
    options = connection.get_execution_options()
    if (seconds := options.get("busy_seconds")) is not None:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {1000 * seconds}")
    writes = options.get("begins_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
