"""Makes the table of the project processes of a host."""

from workerhost.code.warm_process import WarmProcess
from workerhost.runtime.capture.project_log import TakeLine
from workerhost.runtime.egress.policy import read_host_addresses
from workerhost.runtime.egress.proxy import EgressProxy
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.processes.own_services import own_services
from workerhost.runtime.processes.project_processes import ProcessesContext
from workerhost.runtime.processes.table import ProcessTable
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.runtime.temporal.run_owners import RunOwners
from workerhost.settings import Settings
from workerhost.store import Store


def make_process_table(  # noqa: PLR0913, PLR0917  all of it goes into the one context
    settings: Settings,
    store: Store,
    temporal: TemporalConnection,
    warm_process: WarmProcess,
    proxy: EgressProxy,
    passthrough: tuple[str, ...],
    observer: Observer,
    take_line: TakeLine,
) -> ProcessTable:
    """Return the table, which has no processes yet.

    Args:
        settings: of the host.
        store: whose database no project may reach.
        temporal: whose server no project may reach; and how the host's clients connect.
        warm_process: forks the processes.
        proxy: their way to the network.
        passthrough: packages that Temporal's sandbox takes from a process.
        observer: learns how the processes fare.
        take_line: takes the lines of the projects' logs.
    """
    options, database = temporal.options, store.database.url
    context = ProcessesContext(
        warm_process=warm_process,
        proxy=proxy,
        own_services=own_services(options["target_host"], database.host, database.port),
        open_networks=settings.open_networks,
        host_addresses=read_host_addresses(settings.host_addresses),
        runs_of=RunOwners(temporal).of,
        passthrough=passthrough,
        idle_seconds=settings.process_idle,
        observer=observer,
        take_line=take_line,
    )
    return ProcessTable(context, settings, options)
