"""`workerhost serve`."""

import logging
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

import click

from workerhost.api.server import ControlServer
from workerhost.cli.serving.waiting import when_ready
from workerhost.code.sealing.survey import require, survey, surveying
from workerhost.errors import ConfigurationError, NotReadyError, StoreUnavailableError, TemporalUnavailableError
from workerhost.processes import is_free
from workerhost.runtime.temporal.connection import TemporalConnection, connect_options
from workerhost.service_log.configuring import configure_logging
from workerhost.settings import Settings, load_settings
from workerhost.store import Store

log = logging.getLogger(__name__)


POOL_HELP = "Pools whose projects run here, separated by commas; WORKERHOST_POOL, else default."
CAPACITY_HELP = "Most projects that one host runs; WORKERHOST_CAPACITY, else 2000."
WAIT_HELP = "Seconds to wait for the database, Temporal and its namespace; WORKERHOST_WAIT, else 0."


@click.command
@click.option("--workers", type=int, help="Number of hosts, processes that run projects; WORKERHOST_WORKERS, else 1.")
@click.option("--pool", "pools", help=POOL_HELP)
@click.option("--capacity", type=int, help=CAPACITY_HELP)
@click.option("--bind", help="Address to listen on; WORKERHOST_BIND, else 127.0.0.1.")
@click.option("--port", type=int, help="Port to listen on; WORKER_SERVICE_PORT, else 3011.")
@click.option("--wait", type=float, metavar="SECONDS", help=WAIT_HELP)
@click.option("--die-with-parent", is_flag=True, hidden=True, help="End when the starting process is gone.")
def serve(*, die_with_parent: bool, **options: object) -> None:
    """Serve the control API and run the projects' workers, for production.

    Uses the database at DATABASE_URL, brings its tables up to date, and connects to Temporal at TEMPORAL_ADDRESS. The
    same command on other machines, with the same two addresses, adds their hosts: each project runs on one of all
    hosts. SIGTERM and Ctrl-C hand the projects to other hosts, let running activities end, and then end the process.
    SIGHUP replaces all hosts of this command by new ones.
    """
    settings = given_settings(**options)
    configure_logging(settings)
    if not is_free(settings.port, settings.bind):
        raise ConfigurationError(
            f"{settings.bind}:{settings.port} cannot be listened on: the port is in use or the address is not this "
            "machine's; end what listens there, or choose another with --port or WORKER_SERVICE_PORT"
        )
    prepare(settings)
    ControlServer(settings, dies_with_parent=die_with_parent).run()


def given_settings(**options: object) -> Settings:
    """Return the settings of the environment, with the given options in their place.

    Raises:
        ConfigurationError: a value does not fit.
    """
    return load_settings(**{name: value for name, value in options.items() if value is not None})


def prepare(settings: Settings) -> None:
    """Look whether Temporal has the namespace, and bring the database's tables up to date, before anything starts.

    Waits for either as long as the settings say. A Temporal that still does not answer then may come later.

    Raises:
        NotReadyError: the database does not answer, or the namespace does not exist.
        ConfigurationError: Temporal refuses the credentials, the database belongs to a newer workerhost, or the machine
            does not give what the settings require.
    """
    deadline = time.monotonic() + settings.wait
    with surveying():
        try:
            when_ready(_check_temporal, settings.wait)
        except _TemporalAwayError as error:
            log.warning("%s; projects start when it does", error)
        when_ready(lambda: upgrade_database(settings), deadline - time.monotonic())
    require(settings.require_isolation, survey())


class _TemporalAwayError(NotReadyError):
    """Temporal does not answer yet."""


def _check_temporal() -> None:
    # In a child, since nothing of Temporal's may exist in a process that forks its hosts afterwards.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as child:
        try:
            child.submit(_check_namespace).result()
        except TemporalUnavailableError as error:
            raise _TemporalAwayError(str(error)) from error


def _check_namespace() -> None:
    connection = TemporalConnection(connect_options())
    try:
        connection.check_namespace()
    finally:
        connection.close()


def upgrade_database(settings: Settings) -> str:
    """Apply missing migrations and return the schema's revision.

    Raises:
        NotReadyError: the database does not answer.
        ConfigurationError: it belongs to a newer workerhost, or its address is wrong.
    """
    store = Store(settings.database_url)
    try:
        return store.database.upgrade()
    except StoreUnavailableError as error:
        raise NotReadyError(f"DATABASE_URL: {store.database.describe_failure(error)}") from error
    finally:
        store.close()  # no connection may be open when gunicorn forks
