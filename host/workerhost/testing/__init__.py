"""Fixtures and helpers for tests of plugins, on a real service and a real Temporal server.

A `conftest.py` at the top of the tests makes the fixtures available::

    pytest_plugins = ["workerhost.testing"]

`pytest --fixtures` lists them. The package needs `pip install 'workerhost[testing]'`.

PYTEST_DONT_REWRITE: there is no `assert` here, and a conftest may import from here before it names the plugin.
"""

from workerhost.testing.api import ECHO, Api
from workerhost.testing.fixtures import (
    api,
    clean_environment,
    database_url,
    isolation,
    plugins,
    project_id,
    service,
    settings,
    temporal,
    warm_process,
)
from workerhost.testing.helpers import eventually, free_port, unique_id
from workerhost.testing.services import running_service

__all__ = [
    "ECHO",
    "Api",
    "api",
    "clean_environment",
    "database_url",
    "eventually",
    "free_port",
    "isolation",
    "plugins",
    "project_id",
    "running_service",
    "service",
    "settings",
    "temporal",
    "unique_id",
    "warm_process",
]
