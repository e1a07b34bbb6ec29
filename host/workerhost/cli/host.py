"""`workerhost host`."""

import signal
import threading

import click

from workerhost.cli.serve import (
    CAPACITY_HELP,
    POOL_HELP,
    check_temporal,
    configure_logging,
    given_settings,
    upgrade_database,
)
from workerhost.runtime.service import Service, stop_and_leave


@click.command
@click.option("--pool", "pools", help=POOL_HELP)
@click.option("--capacity", type=int, help=CAPACITY_HELP)
def host(**options: object) -> None:
    """Run projects' workers without the control API, on a machine that answers no calls.

    Joins the hosts of every `workerhost serve` on the same DATABASE_URL and TEMPORAL_ADDRESS. SIGTERM and Ctrl-C
    hand the projects to other hosts, let running activities end, and then end the process.
    """
    settings = given_settings(**options)
    configure_logging(settings)
    check_temporal()
    upgrade_database(settings)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    service = Service(settings)
    service.start()
    click.echo(f"Host {service.host.id} runs the projects of the pool(s) {', '.join(settings.pools)}.")
    stopping.wait()
    click.echo("Stopping: others take over, and running activities end first …")
    stop_and_leave(service)
