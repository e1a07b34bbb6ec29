from collections.abc import Iterator

import pytest
from samples_support import Site, running_site

pytest_plugins = ["workerhost.testing"]


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running
