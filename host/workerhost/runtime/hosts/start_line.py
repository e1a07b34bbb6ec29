"""The line that says what a host has started with."""

import logging
import sys

from workerhost.code.sealing.survey import log_isolation, survey
from workerhost.installed import version
from workerhost.plugins import Plugins
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.settings import Settings
from workerhost.store import Store
from workerhost.words import HostId

log = logging.getLogger(__name__)


def log_start(
    settings: Settings, host_id: HostId, store: Store, temporal: TemporalConnection, plugins: Plugins
) -> None:
    """Write what the host uses, without passwords, and what the machine does not give to seal code with."""
    database = store.database.url.render_as_string(hide_password=True)
    namespace = str(temporal.options.get("namespace", "default"))
    names = [f"{each.name} {each.version}" for each in plugins.reports() if not each.error]
    fields = {
        "host": host_id,
        "version": version("workerhost"),
        "python": sys.version.split()[0],
        "database": database,
        "temporal": temporal.options["target_host"],
        "namespace": namespace,
        "isolation": list(survey().names),
        "plugins": names,
        "pools": list(settings.pools),
        "capacity": settings.capacity,
    }
    log.info(
        "host %s has started; it uses the database %s, and Temporal at %s with namespace %s",
        host_id,
        database,
        temporal.options["target_host"],
        namespace,
        extra=fields,
    )
    log_isolation(survey())
