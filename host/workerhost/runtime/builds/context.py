"""What the builds of all projects of a host share."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from workerhost.model import Deployment
from workerhost.runtime.builds.loader import BuildLoader
from workerhost.runtime.observing.observers import Observer
from workerhost.store import Store


@dataclass(frozen=True)
class BuildsContext:
    """Made once for each host; its parts may be used from any thread."""

    store: Store
    """Where deployments and moved runs are."""
    loader: BuildLoader
    """Where builds come from that are not in memory."""
    executor: Executor
    """Where builds are fetched, and the database is asked, on behalf of workflow tasks, which must not block."""
    is_trusted: Callable[[], bool]
    """Tells whether no publish can have been answered that this host has not seen."""
    find_replacement: Callable[[str, Deployment], str | None]
    """Says why a host that cannot ask the database must not give a new run of a project one of the builds it knows."""
    most_loaded: int
    """Builds of one project that stay in memory while nothing uses them."""
    observer: Observer
    """Learns how runs go."""
