"""The conformance test kit of Open Workflow, run as it stands through the API."""

from collections.abc import Iterator

import pytest
import yaml
from drawings_conformance import FEATURES, HOSTS, SCENARIOS, Kit, stand_in
from pytest_bdd import given, parsers, scenarios, then, when

from workerhost.code.warm_process import WarmProcess
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.settings import Settings
from workerhost.testing import Api, running_service

scenarios(str(FEATURES))


def test_the_kit_is_there_whole() -> None:
    found = [line for each in sorted(FEATURES.glob("*.feature")) for line in each.read_text().splitlines()]
    assert sum(line.lstrip().startswith("Scenario:") for line in found) == SCENARIOS


@pytest.fixture(scope="module")
def kit_api(temporal: EmbeddedTemporal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API of a service whose projects find the kit's hosts on this machine."""
    folder = tmp_path_factory.mktemp("kit")
    with stand_in(folder) as (port, trusted), pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEMPORAL_ADDRESS", temporal.address)
        patch.setenv("SSL_CERT_FILE", str(trusted))
        settings = Settings(
            database_url=f"sqlite:///{folder / 'workerhost.db'}",
            data_dir=folder / "data",
            projects_dir=folder / "projects",
            host_addresses=tuple(f"{host}:443=127.0.0.1:{port}" for host in HOSTS),
            open_networks="127.0.0.0/8",  # type: ignore[arg-type]
            reconcile_interval=0.2,
            heartbeat_interval=0.5,
        )
        warm = WarmProcess()  # of these tests alone, since it keeps the certificates that it began with
        try:
            with running_service(settings, warm_process=warm) as service:
                yield Api.of(service)
        finally:
            warm.stop()


@pytest.fixture
def kit(kit_api: Api) -> Kit:
    return Kit(kit_api)


@given("a workflow with definition:")
def _definition(kit: Kit, docstring: str) -> None:
    kit.define(docstring)


@given("given the workflow input is:")
def _input(kit: Kit, docstring: str) -> None:
    kit.input = (yaml.safe_load(docstring),)


@when("the workflow is executed")
def _executed(kit: Kit) -> None:
    kit.execute()


@then("the workflow should complete")
def _completes(kit: Kit) -> None:
    assert kit.outcome["status"] == "COMPLETED", kit.outcome


@then("the workflow should complete with output:")
def _completes_with(kit: Kit, docstring: str) -> None:
    assert kit.output == yaml.safe_load(docstring)


@then(parsers.re(r"the workflow output should have properties (?P<names>'.+')"))
def _has_properties(kit: Kit, names: str) -> None:
    for name in names.split(","):
        kit.member(name.strip().strip("'"))


@then(parsers.re(r"the workflow output should have a '(?P<name>[^']+)' property containing (?P<count>\d+) items"))
def _has_items(kit: Kit, name: str, count: str) -> None:
    assert len(kit.member(name)) == int(count)


@then(parsers.re(r"the workflow output should have a '(?P<name>[^']+)' property with value:"))
def _has_value(kit: Kit, name: str, docstring: str) -> None:
    assert kit.member(name) == yaml.safe_load(docstring)


@then("the workflow should fault")
def _faults(kit: Kit) -> None:
    assert kit.outcome["status"] == "FAILED", kit.outcome


@then("the workflow should fault with error:")
def _faults_with(kit: Kit, docstring: str) -> None:
    assert kit.outcome["status"] == "FAILED", kit.outcome
    wanted = yaml.safe_load(docstring)
    [error] = kit.outcome["failure"]["details"]
    assert {name: error[name] for name in wanted} == wanted
    assert kit.outcome["failure"]["type"] == wanted["type"]


@then(parsers.re(r"(?P<name>\w+) should run first"))
def _is_first(kit: Kit, name: str) -> None:
    assert kit.order()[0] == name


@then(parsers.re(r"(?P<name>\w+) should run last"))
def _is_last(kit: Kit, name: str) -> None:
    assert kit.order()[-1] == name


@then(parsers.re(r"(?P<name>\w+) should run after (?P<other>\w+)"))
def _is_after(kit: Kit, name: str, other: str) -> None:
    order = kit.order()
    assert order.index(name) > order.index(other)
