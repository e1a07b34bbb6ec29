"""Services in this process."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from workerhost.code.warm_process import WarmProcess
from workerhost.runtime.service import Service
from workerhost.settings import Settings


@contextmanager
def running_service(
    settings: Settings, plugins: Mapping[str, object] | None = None, warm_process: WarmProcess | None = None
) -> Iterator[Service]:
    """Run a service with its tables until the block ends, however it ends.

    Args:
        settings: of the service.
        plugins: plugins that are not installed, by their names; each is a module or an object with `@hookimpl` methods.
        warm_process: where builds are checked; None for a process of the service's own, which takes a second to start.

    Raises:
        AssertionError: some workers did not end in time when the service was stopped.
    """
    service = Service(settings, (plugins or {}).items(), warm_process)
    try:
        service.store.database.upgrade()
        service.start()
        yield service
    finally:
        has_ended = service.stop()
    if not has_ended:
        raise AssertionError("some workers did not end in time")
