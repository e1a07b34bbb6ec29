"""What a plugin adds to a worker is added to replays too, so that a proof says what the run would do."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import PayloadCodec
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    Interceptor,
    ReplayerConfig,
    WorkerConfig,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from inbounds import CallingInbound, MarkingInbound, WaitingInbound
from support import greeting
from support.runs import Runs
from workerhost import Project, hookimpl
from workerhost.runtime.service import Service
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.settings import Settings
from workerhost.testing import Api, eventually, running_service


class Adding(Interceptor, ClientInterceptor):
    """Adds an interceptor to each run, for a worker or for a client, which hands it on to its workers."""

    def __init__(self, inbound: type[WorkflowInboundInterceptor]) -> None:
        self._inbound = inbound

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        return self._inbound


class Configuring:
    """Configures workers and replays with the function that it has at the time."""

    def __init__(self) -> None:
        self.configure: Callable[[WorkerConfig], object] = lambda config: None
        self.seen: list[tuple[str, frozenset[str]]] = []

    @hookimpl
    def workerhost_configure_worker(self, project: Project, config: WorkerConfig) -> None:
        self.seen.append((project.id, frozenset(config)))
        self.configure(config)


class Turning(PayloadCodec):
    """Turns data around, as a codec that encrypts would."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [Payload(metadata={"encoding": b"turned"}, data=each.SerializeToString()[::-1]) for each in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload.FromString(each.data[::-1]) if each.metadata["encoding"] == b"turned" else each for each in payloads
        ]


def _to_worker(config: WorkerConfig, interceptor: Adding) -> None:
    config["interceptors"] = [*config["interceptors"], interceptor]


def _to_plugin_of_worker(config: WorkerConfig, interceptor: Adding) -> None:
    config["plugins"] = [*config["plugins"], SimplePlugin("adding", interceptors=[interceptor])]


def _change_client(config: WorkerConfig, **changed: Any) -> None:
    options: dict[str, Any] = {**config["client"].config(), **changed}
    config["client"] = Client(**options)


def _to_client(config: WorkerConfig, interceptor: Adding) -> None:
    _change_client(config, interceptors=[interceptor])


def _to_plugin_of_client(config: WorkerConfig, interceptor: Adding) -> None:
    _change_client(config, plugins=[SimplePlugin("adding", interceptors=[interceptor])])


@pytest.fixture
def plugin() -> Configuring:
    return Configuring()


@pytest.fixture
def service(
    temporal: EmbeddedTemporal, settings: Settings, monkeypatch: pytest.MonkeyPatch, plugin: Configuring
) -> Iterator[Service]:
    """A started service with the plugin."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    with running_service(settings, {"configuring": plugin}) as made:
        yield made


@pytest.fixture
def make_runs(api: Api, service: Service, project_id: str) -> Callable[[], Runs]:
    """Make the project, as soon as the plugin knows what to do."""
    return lambda: Runs(api, service, project_id, "greeting", greeting("A"))


def _without_version(body: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in body.items() if name != "version"}


def _move_and_check(runs: Runs, run: str) -> None:
    """Move a greeting that waits to new code, and try code that is not published on it."""
    runs.move(run, runs.publish(greeting("B")))
    runs.wait_until_listed(1)
    answer = runs.check(_without_version(greeting("C")))
    assert (answer["types"]["Greeting"]["open"], answer["diverged"]) == ({"checked": 1, "replayed": 1}, [])


@pytest.mark.parametrize("add", [_to_worker, _to_plugin_of_worker, _to_client, _to_plugin_of_client])
@pytest.mark.parametrize(
    ("inbound", "events"),
    [
        (WaitingInbound, {"TimerFired": 1}),
        (MarkingInbound, {"MarkerRecorded": 2}),
        (CallingInbound, {"MarkerRecorded": 2}),
    ],
)
def test_a_run_with_an_interceptor_of_a_plugin_moves_and_replays(
    make_runs: Callable[[], Runs],
    plugin: Configuring,
    add: Callable[[WorkerConfig, Adding], None],
    inbound: type[WorkflowInboundInterceptor],
    events: dict[str, int],
) -> None:
    plugin.configure = lambda config: add(config, Adding(inbound))
    runs = make_runs()
    run = runs.begin_greeting("first")
    history = runs.history(run)
    assert {kind: history.count(kind) for kind in events} == events
    _move_and_check(runs, run)
    runs.signal(run, "say", "bye")
    assert runs.result(run) == ["B", "first from A", "bye from B"]


def test_a_run_whose_plugin_would_do_something_else_now_does_not_move(
    make_runs: Callable[[], Runs], plugin: Configuring
) -> None:
    runs = make_runs()
    run = runs.begin_greeting("first")
    plugin.configure = lambda config: _to_worker(config, Adding(WaitingInbound))
    assert runs.move(run, runs.publish(greeting("B")), expect=409)["code"] == "does_not_replay"


def test_a_run_whose_data_a_plugin_encodes_moves_and_replays(
    make_runs: Callable[[], Runs], plugin: Configuring
) -> None:
    converter = dataclasses.replace(pydantic_data_converter, payload_codec=Turning())
    plugin.configure = lambda config: _change_client(config, data_converter=converter)
    runs = make_runs()
    _move_and_check(runs, runs.begin_greeting("first"))


REFUSING = """
from temporalio import workflow


@workflow.defn
class Refusing:
    @workflow.run
    async def run(self) -> None:
        raise ValueError("not today")
"""


def test_a_run_that_failed_of_an_exception_that_a_plugin_lets_fail_it_replays(
    make_runs: Callable[[], Runs], plugin: Configuring
) -> None:
    plugin.configure = lambda config: config.update({"workflow_failure_exception_types": [ValueError]})
    runs = make_runs()
    runs.publish({"version": "2", "workflowCode": REFUSING})
    assert runs.api.outcome(runs.project_id, runs.begin("Refusing"))["status"] == "FAILED"

    answer = eventually(lambda: (found := runs.check({"workflowCode": REFUSING}))["checked"] and found)
    assert (answer["types"]["Refusing"]["recent"], answer["diverged"]) == ({"checked": 1, "replayed": 1}, [])


def test_a_plugin_sees_the_same_keys_for_a_worker_and_for_a_replay(
    make_runs: Callable[[], Runs], plugin: Configuring
) -> None:
    runs = make_runs()
    run = runs.begin_greeting("first")
    runs.move(run, runs.publish(greeting("B")))
    of_worker, of_replay = plugin.seen
    assert of_worker == of_replay
    assert of_worker[0] == runs.project_id


def _raise(config: WorkerConfig) -> None:
    raise RuntimeError("no key for this project")


class Unwilling(SimplePlugin):
    """A plugin of the SDK that knows workers, and no replayers."""

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        raise NotImplementedError("there are no replays here")


def _add_unwilling(config: WorkerConfig) -> None:
    config["plugins"] = [Unwilling("unwilling")]


@pytest.mark.parametrize(
    ("configure", "reason"),
    [
        (_raise, "plugin configuring failed: RuntimeError: no key for this project"),
        (_add_unwilling, "NotImplementedError: there are no replays here"),
    ],
)
def test_a_plugin_that_cannot_configure_a_replay_fails_what_asks_for_it_with_a_sentence(
    make_runs: Callable[[], Runs],
    plugin: Configuring,
    configure: Callable[[WorkerConfig], None],
    reason: str,
) -> None:
    runs = make_runs()
    run = runs.begin_greeting("first")
    build = runs.publish(greeting("B"))
    runs.wait_until_listed(1)
    plugin.configure = configure
    sentence = f"runs of project {runs.project_id} cannot be replayed: {reason}"
    for answer in (
        runs.move(run, build, expect=500),
        runs.check(_without_version(greeting("C")), expect=500),
    ):
        assert (answer["code"], answer["error"]) == ("internal_error", sentence)
    moved = runs.move_all(runs.first_build, build)
    assert (moved["status"], moved["message"]) == ("failed", sentence)
    assert runs.show(run)["buildId"] == runs.first_build
