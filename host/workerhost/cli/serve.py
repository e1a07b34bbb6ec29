"""`workerhost serve`."""

import logging

import click

from workerhost.api.server import ControlServer
from workerhost.errors import ConfigurationError
from workerhost.processes import is_free
from workerhost.settings import Settings, load_settings
from workerhost.store import Store


@click.command
@click.option("--bind", help="Address to listen on; WORKERHOST_BIND, else 127.0.0.1.")
@click.option("--port", type=int, help="Port to listen on; WORKER_SERVICE_PORT, else 3011.")
@click.option("--die-with-parent", is_flag=True, hidden=True, help="End when the starting process is gone.")
def serve(bind: str | None, port: int | None, *, die_with_parent: bool) -> None:
    """Serve the control API and run the projects' workers, for production.

    Takes the database from DATABASE_URL, brings its tables up to date, and connects to Temporal at
    TEMPORAL_ADDRESS. SIGTERM and Ctrl-C let running activities end before the process does.
    """
    given = {"bind": bind, "port": port}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    configure_logging(settings)
    if not is_free(settings.port, settings.bind):
        raise ConfigurationError(
            f"{settings.bind}:{settings.port} cannot be listened on: the port is in use or the address is not this "
            "machine's; end what listens there, or choose another with --port or WORKER_SERVICE_PORT"
        )
    upgrade_database(settings)
    ControlServer(settings, dies_with_parent=die_with_parent).run()


def configure_logging(settings: Settings) -> None:
    """Write log lines to standard error: ours from the level that is set, those of libraries from WARNING."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a job that is late is run once, which needs no word
    logging.getLogger("workerhost").setLevel(settings.log_level)


def upgrade_database(settings: Settings) -> str:
    """Apply missing migrations and return the schema's revision.

    Raises:
        ConfigurationError: the database belongs to a newer workerhost, or its address is wrong.
        StoreUnavailableError: the database does not answer.
    """
    store = Store(settings.database_url)
    try:
        return store.database.upgrade()
    finally:
        store.close()  # no connection may be open when gunicorn forks
