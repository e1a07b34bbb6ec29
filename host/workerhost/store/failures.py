"""What the failures of a database mean: for callers, for a further try, for who set the database up."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from workerhost.errors import StoreUnavailableError

TRY_AGAIN = {"40001", "40P01"}
"""serialization_failure and deadlock_detected: https://www.postgresql.org/docs/current/errcodes-appendix.html"""

DISK_FULL = "53100"
"""disk_full of PostgreSQL."""


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise `StoreUnavailableError`, with a sentence, for failures which mean that the database does not answer."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailableError(_sentence(error)) from error
    except PoolTimeoutError as error:
        raise StoreUnavailableError(
            "all database connections of this host are in use; try again, or raise WORKERHOST_DATABASE_CONNECTIONS"
        ) from error
    except DatabaseError as error:
        # DatabaseError itself is what SQLite says of a file that is no database.
        if type(error) is DatabaseError or (isinstance(error, ProgrammingError) and _lacks_tables(error)):
            raise StoreUnavailableError(_sentence(error)) from error
        raise


def is_worth_another_try(error: BaseException) -> bool:
    """Tell whether a transaction that failed with this error is likely to succeed when it is tried again at once."""
    cause = error.__cause__
    if not isinstance(error, StoreUnavailableError) or not isinstance(cause, DBAPIError):
        return False
    return cause.connection_invalidated or getattr(cause.orig, "sqlstate", None) in TRY_AGAIN


def _lacks_tables(error: DBAPIError) -> bool:
    undefined_table = getattr(error.orig, "sqlstate", None) == "42P01"
    return undefined_table or "no such table" in str(error.orig)


def _sentence(error: DBAPIError) -> str:
    if _lacks_tables(error):
        return "the database has no tables of workerhost yet; run: workerhost db upgrade"
    return f"{_failure(error)}; the service goes on and tries again"


def _failure(error: DBAPIError) -> str:
    # A name of SQLite's, which may have more after it, as in SQLITE_IOERR_WRITE.
    name = getattr(error.orig, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL") or getattr(error.orig, "sqlstate", None) == DISK_FULL:
        return "the disk of the database is full"
    if name.startswith("SQLITE_IOERR"):
        return "the database's files cannot be read or written"
    if name.startswith("SQLITE_BUSY"):
        return "another process keeps the database locked"
    return "the database does not answer"


def driver_reason(error: BaseException | None) -> str:
    """Return the line of the driver's message that tells most: the server's own line, or else the first."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or ["it does not answer"]
    return next((line for line in lines if "FATAL" in line), lines[0])
