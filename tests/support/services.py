"""Services in this process that a test makes for itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from support import Api
from workerhost.api.app import create_app
from workerhost.runtime.service import Service
from workerhost.settings import Settings


@contextmanager
def running_service(settings: Settings, plugin: object | None = None) -> Iterator[tuple[Service, Api]]:
    """Start a service of the test's own, with a plugin that is not installed."""
    service = Service(settings, [("interfering", plugin)] if plugin else [])
    service.store.database.upgrade()
    service.start()
    try:
        yield service, Api(create_app(service).test_client())
    finally:
        assert service.stop()
