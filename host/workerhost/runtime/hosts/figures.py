"""What a host says of itself in its metrics."""

from collections import Counter

from workerhost.runtime.hosts.host import Host
from workerhost.runtime.metrics.host_figures import HostFigures, ServedProject
from workerhost.store import HostRecord
from workerhost.words import HostStatus


def host_figures(host: Host) -> HostFigures:
    """Return the figures of this moment. Safe to call from any thread; asks nobody."""
    membership = host.membership
    served = (ServedProject(each.project.id, each.project.task_queue, each.state.status) for each in host.workers())
    return HostFigures(
        projects=tuple(served),
        hosts=Counter(map(_status, membership.hosts)),
        capacity=membership.me.capacity,
        heartbeat_age=membership.heartbeat_age,
    )


def _status(host: HostRecord) -> HostStatus:
    if host.is_late:
        return HostStatus.LATE
    return HostStatus.DRAINING if host.is_draining else HostStatus.LIVE
