"""What the tests of the proxy have in common: a page, the internet as it is told to them, and a proxy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.egress import PUBLIC, Internet, Names, Start, page_server, starter
from workerhost.runtime.egress.limits import EgressLimits
from workerhost.runtime.egress.proxy import EgressProxy


@pytest.fixture(scope="module")
def page() -> Iterator[int]:
    with page_server() as port:
        yield port


@pytest.fixture
def names() -> Names:
    return Names({"example.com": [[PUBLIC]], "inside.example.com": [["10.0.0.1"]], "db.internal": [["127.0.0.1"]]})


@pytest.fixture
def internet(page: int) -> Internet:
    return Internet(page)


@pytest.fixture
def proxy(names: Names, internet: Internet) -> Iterator[EgressProxy]:
    made = EgressProxy(names, internet, EgressLimits(linger_seconds=0.2))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "proxy"


@pytest.fixture
def start(path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Start]:
    with starter(path, caplog) as made:
        yield made
