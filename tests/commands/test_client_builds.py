"""The Python client's calls about builds: deploying folders, ramps, going back, moving runs, checking new code."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from support import GREETING, GREETING_ACTIVITIES
from workerhost import AsyncClient, Client, WorkflowCode
from workerhost.answers import BuildInfo, BuildMoveInfo
from workerhost.client import ApiError, Ramp, Smoke
from workerhost.testing import ECHO, eventually

ECHO_CODE = WorkflowCode("echo", "1", ECHO)
LOUD = replace(ECHO_CODE, version="2", workflow_code=ECHO.replace("echo:", "ECHO:"))


def greeting_code(mark: str) -> WorkflowCode:
    return WorkflowCode("greeting", mark, GREETING.replace("MARK", mark), GREETING_ACTIVITIES.replace("MARK", mark))


def build(client: Client, project_id: str, build_id: str) -> BuildInfo:
    return next(each for each in client.deployment(project_id).builds if each.id == build_id)


def open_run(client: Client, project_id: str) -> str:
    """Begin a run, and wait until it has a build."""
    workflow_id = client.execute(project_id, "Greeting", "Ada").workflow_id
    eventually(lambda: client.execution(project_id, workflow_id).build_id)
    return workflow_id


def test_a_folder_is_deployed_in_one_build_and_started(client: Client, project_id: str, tmp_path: Path) -> None:
    for code in (ECHO_CODE, greeting_code("A")):
        (tmp_path / code.name).mkdir()
        (tmp_path / code.name / "workflow.py").write_text(code.workflow_code)
        if code.activities_code:
            (tmp_path / code.name / "activities.py").write_text(code.activities_code)
    deployed = client.deploy(project_id, tmp_path)
    assert deployed.changed
    assert [each.workflow_id for each in deployed.workflows] == [f"{project_id}/echo", f"{project_id}/greeting"]
    assert deployed.worker is not None
    assert deployed.worker.message == f"Worker started for project {project_id}"
    assert client.run(project_id, "Echo", "tea") == "echo: tea"

    again = client.deploy(project_id, tmp_path)
    assert (again.changed, again.build_id) == (False, deployed.build_id)
    named = client.deploy(project_id, [LOUD], version="7")
    assert [each.version for each in named.workflows] == ["7"]
    assert client.run(project_id, "Echo", "tea") == "ECHO: tea"


def test_a_dry_run_stores_nothing(client: Client, project_id: str) -> None:
    first = client.deploy(project_id, [ECHO_CODE], start=False)
    tried = client.deploy(project_id, [LOUD], dry_run=True)
    assert (tried.dry_run, tried.worker) == (True, None)
    assert tried.build_id != first.build_id
    assert client.deployment(project_id).current_build == first.build_id
    assert client.publish(project_id, LOUD, dry_run=True).build_id == tried.build_id


def test_a_dry_run_does_not_create_a_project(client: Client, project_id: str) -> None:
    with pytest.raises(ApiError) as caught:
        client.deploy(project_id, [ECHO_CODE], dry_run=True)
    assert caught.value.code == "project_not_found"


def test_a_smoke_run_that_completes_lets_the_code_go_live(client: Client, project_id: str) -> None:
    client.deploy(project_id, [ECHO_CODE])
    published = client.deploy(project_id, [LOUD], smoke=Smoke("Echo", ["tea"], timeout=20))
    assert published.smoke is not None
    assert (published.smoke.status, published.smoke.result) == ("COMPLETED", "ECHO: tea")
    assert client.deployment(project_id).current_build == published.build_id


def test_a_smoke_run_that_fails_keeps_the_code_from_going_live(client: Client, project_id: str) -> None:
    first = client.deploy(project_id, [ECHO_CODE])
    failing = replace(LOUD, workflow_code=ECHO.replace('return f"echo: {text}"', "return str(1 / 0)"))
    with pytest.raises(ApiError) as caught:
        client.publish(project_id, failing, smoke=Smoke("Echo", ["tea"], timeout=20))
    assert caught.value.code == "smoke_failed"
    assert caught.value.details["smoke"]["status"] != "COMPLETED"
    assert client.deployment(project_id).current_build == first.build_id


def test_a_ramp_is_promoted(client: Client, project_id: str) -> None:
    first = client.deploy(project_id, [ECHO_CODE])
    ramped = client.deploy(project_id, [LOUD], ramp=Ramp(10, failure_threshold=0.5, minimum_runs=3))
    assert ramped.ramp is not None
    assert (ramped.ramp.percent, ramped.ramp.failure_threshold, ramped.ramp.minimum_runs) == (10, 0.5, 3)
    deployment = client.deployment(project_id)
    assert deployment.current_build == first.build_id
    assert deployment.ramp is not None
    assert deployment.ramp.build == ramped.build_id
    assert build(client, project_id, ramped.build_id).state == "ramping"
    assert client.promote(project_id).build_id == ramped.build_id
    assert client.deployment(project_id).current_build == ramped.build_id
    with pytest.raises(ApiError) as caught:
        client.promote(project_id)
    assert caught.value.code == "no_ramp"


def test_a_ramp_is_a_percentage_too_and_is_taken_back(client: Client, project_id: str) -> None:
    first = client.deploy(project_id, [ECHO_CODE])
    client.publish(project_id, LOUD, ramp=25)
    assert client.roll_back(project_id).build_id == first.build_id
    assert client.deployment(project_id).ramp is None


def test_a_project_goes_back_to_the_build_before_or_to_the_one_that_is_named(client: Client, project_id: str) -> None:
    first = client.deploy(project_id, [ECHO_CODE])
    second = client.deploy(project_id, [LOUD])
    assert client.roll_back(project_id).build_id == first.build_id
    assert client.run(project_id, "Echo", "tea") == "echo: tea"
    assert client.roll_back(project_id, build=second.build_id).build_id == second.build_id
    assert client.roll_back(project_id, version="1", workflow="echo").build_id == first.build_id
    assert "rolled_back" in [each.kind for each in client.deployment(project_id).events]


def test_the_deployment_counts_the_runs_that_are_open_on_each_build(client: Client, project_id: str) -> None:
    first = client.deploy(project_id, [greeting_code("A")])
    workflow_id = open_run(client, project_id)
    client.deploy(project_id, [greeting_code("B")])
    eventually(lambda: build(client, project_id, first.build_id).open_runs == {"Greeting": 1})
    found = build(client, project_id, first.build_id)
    assert (found.state, found.versions, found.open_run_count) == ("draining", {"greeting": "A"}, 1)
    client.terminate(project_id, workflow_id)


def test_one_run_moves_to_the_current_build(client: Client, project_id: str) -> None:
    first = client.deploy(project_id, [greeting_code("A")])
    workflow_id = open_run(client, project_id)
    second = client.deploy(project_id, [greeting_code("B")])
    moved = client.move(project_id, workflow_id)
    assert (moved.from_build, moved.to_build, moved.changed) == (first.build_id, second.build_id, True)
    client.signal(project_id, workflow_id, "say", "bye")
    assert client.wait(project_id, workflow_id).result == ["B", "Ada from A", "bye from B"]


def test_a_run_whose_history_does_not_replay_is_not_moved(client: Client, project_id: str) -> None:
    client.deploy(project_id, [greeting_code("A")])
    workflow_id = open_run(client, project_id)
    code = GREETING.replace("execute_activity(greet", "execute_activity('say'")
    client.deploy(project_id, [replace(greeting_code("B"), workflow_code=code)])
    with pytest.raises(ApiError) as caught:
        client.move(project_id, workflow_id)
    assert caught.value.code == "does_not_replay"
    client.terminate(project_id, workflow_id)


def test_all_open_runs_of_a_build_move_and_the_progress_is_told(client: Client, project_id: str) -> None:
    first = client.deploy(project_id, [greeting_code("A")])
    runs = [open_run(client, project_id) for _ in range(3)]
    second = client.deploy(project_id, [greeting_code("B")])
    told: list[BuildMoveInfo] = []
    report = client.move_all(project_id, first.build_id, progress=told.append)
    assert (report.status, report.moved, report.total, report.not_moved) == ("completed", 3, 3, ())
    assert (report.from_build, told[-1]) == (first.build_id, report)
    assert {client.execution(project_id, run).build_id for run in runs} == {second.build_id}


def test_new_code_is_checked_against_runs_that_exist(client: Client, project_id: str) -> None:
    client.deploy(project_id, [greeting_code("A")])
    workflow_id = open_run(client, project_id)
    eventually(lambda: client.check(project_id, greeting_code("B"), sample=5).checked == 1)
    report = client.check(project_id, greeting_code("B"))
    assert (report.replays, report.replayed, report.types["Greeting"].open.checked) == (True, 1, 1)
    empty = WorkflowCode("greeting", "C", ECHO.replace("class Echo", "class Greeting"))
    diverged = client.check(project_id, empty)
    assert not diverged.replays
    assert [each.workflow_id for each in diverged.diverged] == [workflow_id]
    client.terminate(project_id, workflow_id)


def test_the_asynchronous_client_deploys_and_moves(service_url: str, project_id: str, tmp_path: Path) -> None:
    code = greeting_code("A")
    (tmp_path / "greeting").mkdir()
    (tmp_path / "greeting" / "workflow.py").write_text(code.workflow_code)
    (tmp_path / "greeting" / "activities.py").write_text(code.activities_code or "")

    async def use() -> None:
        async with AsyncClient(service_url) as client:
            first = await client.deploy(project_id, tmp_path)
            workflow_id = (await client.execute(project_id, "Greeting", "Ada")).workflow_id
            while (await client.wait(project_id, workflow_id, timeout=0.02)).build_id is None:
                pass
            second = await client.deploy(project_id, [greeting_code("B")])
            report = await client.move_all(project_id, first.build_id)
            assert (report.status, report.moved) == ("completed", 1)
            assert (await client.deployment(project_id)).current_build == second.build_id
            assert (await client.roll_back(project_id)).build_id == first.build_id
            tried = await client.deploy(project_id, [greeting_code("C")], ramp=Ramp(10), smoke=None)
            assert (await client.promote(project_id)).build_id == tried.build_id
            assert (await client.publish(project_id, greeting_code("D"), dry_run=True)).dry_run
            assert (await client.check(project_id, greeting_code("D"))).replays
            assert (await client.move(project_id, workflow_id)).to_build == tried.build_id
            await client.terminate(project_id, workflow_id)

    asyncio.run(asyncio.wait_for(use(), 60))
