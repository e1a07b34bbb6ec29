"""Services in this process."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from workerhost.code.warm_process import WarmProcess
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.store import Store


@cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        store = Store(f"sqlite:///{file}")
        store.database.upgrade()
        store.close()
        return file.read_bytes()


def make_tables(store: Store) -> None:
    """Bring the tables of a store's database up to date.

    A SQLite file that is not there yet is a copy of one with all tables, since making them one by one takes longer than
    many a test.
    """
    url = store.database.url
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        Path(url.database).write_bytes(_empty_database())
    else:
        store.database.upgrade()


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
        make_tables(service.store)
        service.start()
        yield service
    finally:
        has_ended = service.stop()
    if not has_ended:
        raise AssertionError("some workers did not end in time")
