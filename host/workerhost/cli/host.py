"""`workerhost host`."""

import signal
import threading

import click

from workerhost.cli.log_lines import configure_logging
from workerhost.cli.serve import CAPACITY_HELP, POOL_HELP, WAIT_HELP, given_settings, prepare
from workerhost.runtime.service import Service, stop_and_leave
from workerhost.runtime.temporal.core_log import set_up_sdk_log


@click.command
@click.option("--pool", "pools", help=POOL_HELP)
@click.option("--capacity", type=int, help=CAPACITY_HELP)
@click.option("--wait", type=float, metavar="SECONDS", help=WAIT_HELP)
def host(**options: object) -> None:
    """Run projects' workers without the control API, on a machine that answers no calls.

    Joins the hosts of every `workerhost serve` on the same DATABASE_URL and TEMPORAL_ADDRESS. SIGTERM and Ctrl-C
    hand the projects to other hosts, let running activities end, and then end the process.
    """
    settings = given_settings(**options)
    configure_logging(settings)
    prepare(settings)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    set_up_sdk_log()
    service = Service(settings)
    service.start()
    click.echo(f"Host {service.host.id} runs the projects of the pool(s) {', '.join(settings.pools)}.")
    stopping.wait()
    click.echo("Stopping: others take over, and running activities end first …")
    stop_and_leave(service)
