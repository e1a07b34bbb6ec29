"""Hosts, plugins and their activities."""

from workerhost.answers import ActivityInfo, HostInfo, PluginInfo
from workerhost.plugins import PluginReport
from workerhost.runtime.catalogue import CatalogueEntry
from workerhost.store import HostRecord
from workerhost.words import HostStatus


def host_info(host: HostRecord) -> HostInfo:
    """Return a host as the API shows it."""
    return HostInfo(
        id=host.id,
        machine=host.machine,
        process_id=host.process_id,
        version=host.version,
        status=HostStatus.LATE if host.is_late else HostStatus.DRAINING if host.is_draining else HostStatus.LIVE,
        pools=host.pools,
        capacity=host.capacity,
        running=host.running,
        plugins=host.plugins,
        isolation=host.isolation,
        started_at=host.started_at,
        last_heartbeat=host.last_heartbeat,
    )


def plugin_info(report: PluginReport) -> PluginInfo:
    """Return what is known of a plugin as the API shows it."""
    return PluginInfo(
        name=report.name,
        version=report.version,
        hooks=tuple(report.hooks),
        activities=tuple(report.activities),
        error=report.error,
    )


def activity_info(entry: CatalogueEntry) -> ActivityInfo:
    """Return an activity of a plugin as the API shows it."""
    return ActivityInfo(
        name=entry.name,
        plugin=entry.plugin,
        activity_set=entry.activity_set,
        description=entry.description,
        input_schema=entry.input_schema,
        output_schema=entry.output_schema,
    )
