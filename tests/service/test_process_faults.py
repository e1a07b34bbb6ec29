"""What ends, starves or cuts off processes of projects: their runs go on in the next one, and nobody else notices."""

import os
import resource
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from support.callers import CALLER, call
from support.faulty import ACTIVITIES, HANGING, WORKFLOWS
from workerhost.code.sealing.survey import survey
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.testing import Api, eventually
from workerhost.words import Isolation, IsolationKind


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Projects have processes of their own."""
    alike = {"isolation": Isolation.PROCESS, "check_timeout": 5.0, "workflow_task_threads": 2}
    return settings.model_copy(update=alike)


@pytest.fixture
def caller(api: Api, project_id: str) -> str:
    """A project that calls any activity, and whose workflows do harm."""
    api.deploy(
        project_id, "caller", {"version": "1", "workflowCode": CALLER, "activitiesCode": ACTIVITIES}, start=False
    )
    api.deploy(project_id, "harm", {"version": "1", "workflowCode": WORKFLOWS})
    return project_id


def test_forks_without_end_are_bounded_and_gone_with_the_process(
    api: Api, caller: str, neighbour: str, service: Service
) -> None:
    before = len(psutil.Process().children(recursive=True))
    said = call(api, caller, "breed", 400)
    given = survey().names
    if IsolationKind.USER in given or (IsolationKind.NAMESPACES in given and os.geteuid() != 0):
        assert said.startswith("BlockingIOError after ")
    else:
        assert said == "400 forked"
    service._processes._known[caller].end()
    eventually(lambda: len(psutil.Process().children(recursive=True)) <= before + 1)


def test_a_message_that_breaks_off_is_tried_again(api: Api, caller: str, neighbour: str) -> None:
    assert call(api, caller, "half_a_message") == "survived"


def test_a_kill_between_activation_and_completion_repeats_the_task(
    api: Api, caller: str, neighbour: str, service: Service
) -> None:
    call(api, caller, "process")
    [process] = service._processes._known[caller]._living()
    run = api.begin(caller, "Busy", 1.5)
    eventually(lambda: process.open_questions)
    assert process.process_id is not None
    os.kill(process.process_id, signal.SIGKILL)
    assert api.outcome(caller, run)["result"] == "done"
    assert service._processes._known[caller]._living() != [process]


def test_code_that_is_slow_to_yield_holds_no_thread_of_the_host(api: Api, caller: str, neighbour: str) -> None:
    slow = [api.begin(caller, "Dozes", 1.5) for _ in range(4)]
    assert api.run(neighbour, "Echo", "beside") == "echo: beside"
    statuses = [api.get(f"/projects/{caller}/executions/{each}")["status"] for each in slow]
    assert statuses == ["RUNNING"] * 4
    assert [api.outcome(caller, each)["result"] for each in slow] == ["done"] * 4


def test_an_activity_that_computes_for_longer_than_it_may_fails_for_good(
    api: Api, caller: str, neighbour: str, service: Service
) -> None:
    api.put(f"/projects/{caller}", {"settings": {"activityCpuSeconds": 1}})
    api.post("/workers/restart", {"projectId": caller})
    waiting = api.begin(caller, "Caller", "wait", [2])
    assert call(api, caller, "compute", 90) == "computed"
    assert api.outcome(caller, waiting)["result"] == "waited"
    failed = api.outcome(caller, api.begin(caller, "Caller", "compute", [1500]))
    assert failed["status"] == "FAILED"
    assert "activity compute has used the processor for more than 1 s" in failed["error"]
    assert service.host.worker(caller).state.error is None  # type: ignore[union-attr]


def test_an_activity_is_not_charged_for_what_workflows_compute(api: Api, caller: str) -> None:
    api.put(f"/projects/{caller}", {"settings": {"activityCpuSeconds": 1}})
    api.post("/workers/restart", {"projectId": caller})
    waiting = api.begin(caller, "Caller", "linger", [6])
    for _ in range(8):
        assert api.run(caller, "Busy", 0.4) == "done"
    assert api.outcome(caller, waiting)["result"] == "lingered"


def test_too_many_commands_fail_their_task_with_a_sentence(
    api: Api, caller: str, neighbour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workerhost.runtime.processes.remote_run.MOST_COMMANDS", 100)
    run = api.begin(caller, "Commands", 101)
    stuck = eventually(lambda: api.get(f"/projects/{caller}/executions/{run}")["stuck"])
    assert stuck["reason"] == "its workflow task fails: it does 101 things in one task; 100 are possible"
    api.post(f"/projects/{caller}/executions/{run}/terminate")


def test_commands_without_end_harm_their_project_alone(api: Api, caller: str, neighbour: str) -> None:
    run = api.begin(caller, "Commands", 100_000)
    stuck = eventually(lambda: api.get(f"/projects/{caller}/executions/{run}")["stuck"])
    assert stuck["code"] == "workflow_task_fails"
    api.post(f"/projects/{caller}/executions/{run}/terminate")


def test_what_is_replaced_in_a_process_stays_in_it(api: Api, caller: str, neighbour: str) -> None:
    run = api.begin(caller, "Replaces")
    path = f"/projects/{caller}/executions/{run}"
    eventually(lambda: "SystemExit" in str(api.get(path)["stuck"]))
    api.post(f"{path}/terminate")
    assert api.run(neighbour, "Echo", "beside") == "echo: beside"


def test_an_import_that_hangs_when_it_is_repeated_is_refused(api: Api, project_id: str, neighbour: str) -> None:
    began = time.monotonic()
    api.put(f"/projects/{project_id}")
    refused = api.put(f"/projects/{project_id}/workflows/echo", _hanging(import_number=2), expect=422)
    assert "importing the code did not end within 5 s" in refused["error"]
    assert time.monotonic() - began < 30


def test_an_import_that_hangs_in_a_later_run_holds_up_its_project_alone(
    api: Api, project_id: str, neighbour: str
) -> None:
    api.deploy(project_id, "echo", _hanging(import_number=3))
    assert api.run(project_id, "Echo", "first") == "echo: first"
    run = api.begin(project_id, "Echo", "never")
    path = f"/projects/{project_id}/executions/{run}"
    assert "yield" in eventually(lambda: api.get(path)["stuck"])["reason"]
    assert api.run(neighbour, "Echo", "beside") == "echo: beside"
    api.post(f"{path}/terminate")


def _hanging(import_number: int) -> dict[str, str]:
    return {"version": "1", "workflowCode": HANGING.replace("NUMBER", str(import_number))}


def test_a_host_that_can_fork_no_more_says_so_and_goes_on_when_it_can(
    api: Api, caller: str, neighbour: str, service: Service
) -> None:
    warm = service._warm_process._process
    assert warm is not None
    # With process ids of their own, its child forks them, and it waits for the end of that.
    forker = psutil.Process(warm.pid)
    if IsolationKind.NAMESPACES in survey().names:
        [forker] = forker.children()
    before = resource.prlimit(forker.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(forker.pid, resource.RLIMIT_NOFILE, (forker.num_fds() + 1, before[1]))
    try:
        run = api.begin(caller, "Caller", "process", [])
        path = f"/projects/{caller}/executions/{run}"
        eventually(lambda: "the process that forks could not make it" in str(api.get(path)["stuck"]))
    finally:
        resource.prlimit(forker.pid, resource.RLIMIT_NOFILE, before)
    assert api.outcome(caller, run)["status"] == "COMPLETED"


MANY = 200


def test_hundreds_of_projects_at_once_have_a_process_each(api: Api, project_id: str, service: Service) -> None:
    projects = [f"{project_id}-{number}" for number in range(MANY)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(api.deploy, projects))
        runs = list(threads.map(lambda each: api.run(each, "Echo", each), projects))
    assert runs == [f"echo: {each}" for each in projects]
    living = [len(service._processes._known[each]._living()) for each in projects]
    assert living == [1] * MANY
