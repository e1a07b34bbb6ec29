"""`workerhost host`."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from workerhost.cli.serving.log_lines import configure_logging
from workerhost.cli.serving.metrics_port import metrics_port
from workerhost.cli.serving.serve import CAPACITY_HELP, POOL_HELP, WAIT_HELP, given_settings, prepare
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
    with _signals() as wait_for_one:
        set_up_sdk_log(with_metrics=settings.metrics)
        service = Service(settings)
        service.start()
        click.echo(f"Host {service.host.id} runs the projects of the pool(s) {', '.join(settings.pools)}.")
        with metrics_port(settings, service.observation.metrics):
            wait_for_one()
        click.echo("Stopping: others take over, and running activities end first …")
        stop_and_leave(service)


@contextmanager
def _signals() -> Iterator[Callable[[], object]]:
    """Yield what blocks the main thread until SIGTERM or SIGINT has come; further ones are ignored.

    The kernel may hand a signal to any thread, and a main thread that waits for a lock would not learn of it. What
    Python writes into the socket, in whichever thread, wakes it.
    """
    wakes, woken = socket.socketpair()
    with wakes, woken:
        wakes.setblocking(False)  # noqa: FBT003  as the signal module requires
        signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        try:
            yield lambda: woken.recv(1)
        finally:
            signal.set_wakeup_fd(-1)
