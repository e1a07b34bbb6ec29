"""The code of a project in processes of its own: what it does there harms nobody, and is said where its owner looks."""

import os
import signal
import time

import pytest

from support import greeting
from support.callers import CALLER, call
from support.egress import LOOPBACK, page_server
from support.misbehaving import ACTIVITIES, SPINNING
from workerhost.runtime.service import Service
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.settings import Settings
from workerhost.testing import Api, eventually, running_service
from workerhost.words import Isolation


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Projects have processes of their own, which are soon idle."""
    return settings.model_copy(update={"isolation": Isolation.PROCESS, "process_idle": 2.0, "process_memory": 1024})


@pytest.fixture
def caller(api: Api, project_id: str) -> str:
    """A project whose workflow calls the activity that is named."""
    api.deploy(
        project_id, "caller", {"version": "1", "workflowCode": CALLER, "activitiesCode": ACTIVITIES}, start=False
    )
    api.post("/workers/start", {"projectId": project_id})
    return project_id


@pytest.mark.parametrize(
    ("how", "said"),
    [("exit", "exit code 3"), ("segfault", "signal 11")],
)
def test_an_activity_that_ends_its_process_is_tried_again_in_the_next(
    caller: str, neighbour: str, api: Api, caplog: pytest.LogCaptureFixture, how: str, said: str
) -> None:
    assert call(api, caller, "crash", how) == "survived"
    [line, *_] = [each.getMessage() for each in caplog.records if "its process died" in each.getMessage()]
    assert said in line
    assert "in activity crash" in line


def test_a_process_cannot_signal_itself_to_death(api: Api, caller: str, neighbour: str) -> None:
    assert call(api, caller, "crash", "kill") == "kill"  # it is the first of its process ids, which signals spare


def test_memory_has_a_limit(api: Api, caller: str, neighbour: str) -> None:
    execution = api.outcome(caller, api.begin(caller, "Caller", "crash", ["memory"]))
    assert execution["status"] == "COMPLETED"  # the first try had a MemoryError, or its process died
    assert execution["result"] == "survived"


def test_a_process_has_nothing_of_the_hosts_environment(api: Api, caller: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"PATH", "HOME", "TMPDIR"} <= set(found := call(api, caller, "environment"))
    assert not [name for name in found if name.startswith(("DATABASE", "PG", "TEMPORAL_", "WORKERHOST_"))]
    assert "TEMPORAL_ADDRESS" not in call(api, caller, "others")


def test_a_process_reaches_no_port_of_the_host(api: Api, caller: str, service: Service) -> None:
    port = int(service.temporal.options["target_host"].rpartition(":")[2])
    assert call(api, caller, "connect", port) != "connected"


def test_code_that_holds_its_interpreter_delays_nobody_else(api: Api, caller: str, neighbour: str) -> None:
    held = api.begin(caller, "Caller", "hold", [4])
    times = []
    for _ in range(5):
        began = time.monotonic()
        assert api.run(neighbour, "Echo", "beside") == "echo: beside"
        times.append(time.monotonic() - began)
    assert sorted(times)[2] < 2
    assert api.outcome(caller, held)["result"] == "held"


def test_an_activity_that_ignores_its_cancellation_is_killed(
    api: Api, caller: str, neighbour: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workerhost.runtime.processes.remote_activity.STOP_SECONDS", 0.5)
    caplog.set_level("INFO", "workerhost.project")
    run = api.begin(caller, "Caller", "stubborn", [])
    eventually(lambda: "it begins" in caplog.text)
    api.post(f"/projects/{caller}/executions/{run}/cancel")
    assert api.outcome(caller, run)["status"] == "CANCELED"
    eventually(lambda: "did not stop within" in caplog.text)


def test_output_without_end_slows_its_project_alone(
    api: Api, caller: str, neighbour: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "workerhost.project")
    run = api.begin(caller, "Caller", "chatter", [])
    eventually(lambda: f"project {caller}: xxx" in caplog.text)
    assert api.run(neighbour, "Echo", "beside") == "echo: beside"
    assert api.get(f"/projects/{caller}/executions/{run}")["status"] == "RUNNING"  # it waits for its turn to print


@pytest.mark.parametrize("size", [64, 100_000])
def test_a_process_that_sends_nonsense_is_ended(
    api: Api, caller: str, neighbour: str, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    assert call(api, caller, "nonsense", size) == "survived"
    assert "its process died: it sent a message of" in caplog.text


def test_a_file_has_a_limit(api: Api, caller: str, neighbour: str) -> None:
    assert call(api, caller, "fill") == "OSError"


def test_code_that_stops_its_event_loop_is_tried_again(
    api: Api, caller: str, neighbour: str, caplog: pytest.LogCaptureFixture
) -> None:
    run = api.begin(caller, "Caller", "stop_loop", [])
    eventually(lambda: "its code stopped the event loop" in caplog.text)
    api.post(f"/projects/{caller}/executions/{run}/terminate")


@pytest.mark.parametrize("workflow_type", ["Spin", "Allocate"])
def test_workflow_code_without_end_harms_its_project_alone(
    api: Api, project_id: str, neighbour: str, caplog: pytest.LogCaptureFixture, workflow_type: str
) -> None:
    api.deploy(project_id, "spin", {"version": "1", "workflowCode": SPINNING})
    run = api.begin(project_id, workflow_type)
    path = f"/projects/{project_id}/executions/{run}"
    stuck = eventually(lambda: api.get(path)["stuck"])
    assert stuck["code"] == "workflow_task_fails"
    api.post(f"{path}/terminate")
    eventually(lambda: api.run(project_id, "Echo", "again") == "echo: again")


def test_an_idle_project_has_no_process_and_its_runs_go_on_in_the_next(
    api: Api, project_id: str, service: Service
) -> None:
    api.deploy(project_id, "greeting", greeting("A"))
    run = api.begin(project_id, "Greeting", "Ada")
    eventually(lambda: _living(service, project_id) == 1)
    eventually(lambda: _living(service, project_id) == 0)
    api.post(f"/projects/{project_id}/executions/{run}/signal", {"name": "say", "args": ["Bob"]})
    assert api.outcome(project_id, run)["result"] == ["A", "Ada from A", "Bob from A"]


def test_a_publish_reaches_a_process_that_holds_the_build_before(api: Api, project_id: str) -> None:
    api.deploy(project_id, "greeting", greeting("A"))
    first = api.begin(project_id, "Greeting", "Ada")
    eventually(lambda: api.get(f"/projects/{project_id}/executions/{first}").get("buildId"))
    api.put(f"/projects/{project_id}/workflows/greeting", greeting("B"))
    second = api.begin(project_id, "Greeting", "Ada")
    for run, mark in ((first, "A"), (second, "B")):
        api.post(f"/projects/{project_id}/executions/{run}/signal", {"name": "say", "args": ["Bob"]})
        assert api.outcome(project_id, run)["result"] == [mark, f"Ada from {mark}", f"Bob from {mark}"]


def test_runs_go_on_when_the_warm_process_dies(api: Api, caller: str, neighbour: str, service: Service) -> None:
    assert call(api, caller, "crash", "none") == "none"
    warm = service._warm_process._process
    assert warm is not None
    os.kill(warm.pid, signal.SIGKILL)
    warm.wait()
    eventually(lambda: call(api, caller, "crash", "none") == "none")


def test_a_project_that_dies_again_and_again_is_put_aside_and_says_why(
    api: Api, project_id: str, neighbour: str
) -> None:
    activities = ACTIVITIES.replace("activity.info().attempt > 1", "False")
    body = {"version": "1", "workflowCode": CALLER, "activitiesCode": activities}
    api.deploy(project_id, "caller", body)
    run = api.begin(project_id, "Caller", "crash", ["exit"])
    status = eventually(lambda: (found := api.get(f"/workers/status/{project_id}"))["status"] == "failed" and found)
    assert "times in 2 minutes: exit code 3 in activity crash" in status["error"]
    assert "; it is tried again " in status["error"]
    api.post(f"/projects/{project_id}/executions/{run}/terminate")


def test_a_project_reaches_what_its_network_allows_and_nothing_else(
    settings: Settings, temporal: EmbeddedTemporal, project_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    body = {"version": "1", "workflowCode": CALLER, "activitiesCode": ACTIVITIES}
    with (
        page_server() as port,
        running_service(settings.model_copy(update={"open_networks": LOOPBACK})) as service,
    ):
        api, url = Api.of(service), f"http://127.0.0.1:{port}/page"
        said = {}
        for number, network in enumerate(("out", "none", ["example.org"])):
            project = f"{project_id}-{number}"
            api.put(f"/projects/{project}", {"settings": {"network": network}})
            api.deploy(project, "caller", body)
            said[str(network)] = call(api, project, "fetch", url)
            said[f"{network} Temporal"] = call(api, project, "fetch", f"http://{temporal.address}/")
    assert "refused" not in said["out"]
    assert "belongs to the service itself" in said["out Temporal"]
    assert "not among the hosts that this project may reach" in said["['example.org']"]
    assert any(reason in said["none"] for reason in ("Permission denied", "refused", "unreachable"))


def test_public_hosts_alone_are_reached(api: Api, caller: str) -> None:
    with page_server() as port:
        assert "403" in call(api, caller, "fetch", f"http://127.0.0.1:{port}/page")


def test_several_processes_share_the_work_of_a_project(api: Api, project_id: str, service: Service) -> None:
    api.put(f"/projects/{project_id}", {"settings": {"processes": 2}})
    body = {"version": "1", "workflowCode": CALLER, "activitiesCode": ACTIVITIES}
    api.deploy(project_id, "caller", body)
    runs = [api.begin(project_id, "Caller", "hold", [1]) for _ in range(2)]
    eventually(lambda: _living(service, project_id) == 2)
    assert [api.outcome(project_id, run)["result"] for run in runs] == ["held", "held"]


def test_a_project_may_not_choose_what_the_host_does_not_allow(api: Api, project_id: str) -> None:
    answer = api.put(f"/projects/{project_id}", {"settings": {"isolation": "thread"}}, expect=400)
    assert "this installation does not allow thread" in answer["error"]


def test_a_project_for_which_another_program_has_written_what_is_not_allowed_fails_with_a_sentence(
    api: Api, project_id: str, service: Service
) -> None:
    api.deploy(project_id, start=False)
    service.store.projects.put(project_id, name=None, task_queue=None, settings={"isolation": "thread"})
    answer = api.post("/workers/start", {"projectId": project_id}, expect=500)
    assert "ask for isolation thread, which this host does not allow" in answer["error"]


def _living(service: Service, project_id: str) -> int:
    """Return how many processes a project has."""
    processes = service._processes._known.get(project_id)
    return len(processes._living()) if processes else 0
