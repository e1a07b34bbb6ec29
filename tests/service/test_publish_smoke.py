"""A build is published after a smoke run only if that run, on just that build, completes."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from support.publishing import WORK, active_version, begin, end, mark_of, publish, published, shown, work
from support.refusals import refused
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, eventually

FAMILY = (
    WORK
    + """

@workflow.defn
class Parent:
    @workflow.run
    async def run(self) -> list[str]:
        return ["MARK", await workflow.execute_child_workflow("Work", "")]
"""
)


@pytest.fixture
def in_background() -> Iterator[Callable[[Callable[[], Any]], Future[Any]]]:
    """Makes a call in a thread; at the end of the test it must be over."""
    with ThreadPoolExecutor(1) as executor:
        yield executor.submit


@pytest.fixture
def before(api: Api, service: Service, project_id: str) -> list[Any]:
    """A project that runs, and what is published of it."""
    api.deploy(project_id, "work", work("A"))
    return published(service, project_id)


def _smoke(*args: Any, workflow_type: str = "Work", seconds: float = 20) -> dict[str, Any]:
    return {"workflowType": workflow_type, "args": list(args), "timeoutSeconds": seconds}


def _fails(api: Api, project_id: str, smoke: dict[str, Any], status: str, *parts: str) -> Any:
    """Publish with a smoke run that fails, and return the report."""
    body = {**work("B"), "smoke": smoke}
    answer = refused(api, "PUT", f"/projects/{project_id}/workflows/work", body, 422, "nothing was published", *parts)
    assert answer["code"] == "smoke_failed"
    report = answer["smoke"]
    assert report["status"] == status
    assert all(part in report["error"] for part in parts)
    assert "result" not in report
    return report


def _is_over(api: Api, project_id: str, workflow_id: str) -> str:
    """Return the status of an execution that must not run any more."""
    status = str(api.get(f"/projects/{project_id}/executions/{workflow_id}")["status"])
    assert status != "RUNNING"
    return status


def _smoke_run(api: Api, project_id: str) -> str:
    """Wait for a smoke run that is under way and return its workflow id."""

    def running() -> list[str]:
        executions = api.get(f"/projects/{project_id}/executions")["executions"]
        ids = [str(each["workflowId"]) for each in executions if each["status"] == "RUNNING"]
        return [each for each in ids if each.startswith("smoke-")]

    return eventually(running)[0]


def test_a_smoke_run_that_completes_on_the_new_build_publishes_it(api: Api, project_id: str, before: list[Any]) -> None:
    answer = publish(api, project_id, "B", smoke=_smoke("just work"))
    assert answer["changed"] is True
    report = answer["smoke"]
    assert (report["status"], report["result"]) == ("COMPLETED", "B")
    assert report["durationMs"] >= 0
    assert "error" not in report
    execution = api.get(f"/projects/{project_id}/executions/{report['workflowId']}")
    assert (execution["runId"], execution["result"]) == (report["runId"], "B")
    assert execution["buildId"] == answer["buildId"] == shown(api, project_id)["currentBuild"]
    assert api.run(project_id, "Work") == "B"


def test_a_smoke_run_of_several_workflows_is_reported(api: Api, project_id: str, before: list[Any]) -> None:
    workflows = [{"name": "echo", "version": "1", "workflowCode": ECHO}, {"name": "work", **work("B")}]
    body = {"workflows": workflows, "smoke": _smoke("hello", workflow_type="Echo")}
    answer = api.put(f"/projects/{project_id}/workflows", body, expect=200)
    assert answer["smoke"]["result"] == "echo: hello", "the current build has no such workflow"
    assert answer["changed"] is True


def test_the_children_of_a_smoke_run_are_on_the_new_build(api: Api, project_id: str) -> None:
    family = [{"version": mark, "workflowCode": FAMILY.replace("MARK", mark)} for mark in ("A", "B")]
    api.deploy(project_id, "work", family[0])
    body = {**family[1], "smoke": _smoke(workflow_type="Parent")}
    answer = api.put(f"/projects/{project_id}/workflows/work", body, expect=200)
    assert answer["smoke"]["result"] == ["B", "B"]


def test_a_smoke_run_that_fails_is_reported_and_nothing_is_published(
    api: Api, service: Service, project_id: str, before: list[Any]
) -> None:
    report = _fails(api, project_id, _smoke("fail on B"), "FAILED", "told to fail on B")
    assert _is_over(api, project_id, report["workflowId"]) == "FAILED"
    assert published(service, project_id) == before
    assert len(shown(api, project_id)["builds"]) == 1
    assert api.run(project_id, "Work", "fail on B") == "A"


def test_a_smoke_run_that_raises_in_its_first_task_is_not_waited_for(
    api: Api, service: Service, project_id: str, before: list[Any]
) -> None:
    smoke = _smoke("raise on B", seconds=60)
    report = _fails(api, project_id, smoke, "TERMINATED", "its workflow task fails", "a mistake in B")
    assert report["durationMs"] < 30_000
    assert _is_over(api, project_id, report["workflowId"]) == "TERMINATED"
    assert published(service, project_id) == before


def test_a_smoke_run_that_does_not_end_in_time_is_terminated(
    api: Api, service: Service, project_id: str, before: list[Any]
) -> None:
    report = _fails(api, project_id, _smoke("wait", seconds=0.5), "TERMINATED", "did not end in time")
    assert report["durationMs"] >= 500
    assert _is_over(api, project_id, report["workflowId"]) == "TERMINATED"
    assert published(service, project_id) == before


@pytest.mark.parametrize("then", ["work", "wait"])
def test_a_smoke_run_that_continues_as_new_is_refused_since_it_leaves_the_new_build(
    api: Api, service: Service, project_id: str, before: list[Any], then: str
) -> None:
    smoke = _smoke(f"continue {then}", seconds=5)
    report = _fails(api, project_id, smoke, "CONTINUED_AS_NEW", "continued as new", "choose another workflow")
    # One that works ends by itself or is terminated, whichever comes first.
    ends = {"TERMINATED"} if then == "wait" else {"TERMINATED", "COMPLETED"}
    assert _is_over(api, project_id, report["workflowId"]) in ends
    assert published(service, project_id) == before


def test_a_smoke_run_of_a_type_that_the_new_build_does_not_have_is_refused(
    api: Api, service: Service, project_id: str, before: list[Any]
) -> None:
    body = {"version": "2", "workflowCode": ECHO, "smoke": _smoke("x")}
    path = f"/projects/{project_id}/workflows/work"
    answer = refused(api, "PUT", path, body, 404, "no workflow type Work for a smoke run; it has: Echo")
    assert answer["code"] == "workflow_type_not_found"
    assert published(service, project_id) == before
    assert api.get(f"/projects/{project_id}/executions")["executions"] == []


def test_a_smoke_run_needs_a_project_that_runs(api: Api, service: Service, project_id: str, before: list[Any]) -> None:
    api.post("/workers/stop", {"projectId": project_id})
    stopped = published(service, project_id)
    body = {**work("B"), "smoke": _smoke("x")}
    path = f"/projects/{project_id}/workflows/work"
    answer = refused(api, "PUT", path, body, 409, f"no worker of project {project_id} runs", "start the project")
    assert answer["code"] == "not_running"
    assert published(service, project_id) == stopped
    assert api.get(f"/projects/{project_id}/executions")["executions"] == []


def test_a_build_that_only_a_smoke_run_has_seen_cannot_be_rolled_back_to(
    api: Api, service: Service, project_id: str, before: list[Any]
) -> None:
    report = _fails(api, project_id, _smoke("fail on B"), "FAILED")
    tried = api.get(f"/projects/{project_id}/executions/{report['workflowId']}")["buildId"]
    answer = refused(api, "POST", f"/projects/{project_id}/deployment/rollback", {"build": tried}, 409, tried)
    assert answer["code"] == "never_current"
    assert published(service, project_id) == before


def test_a_run_that_starts_during_a_smoke_run_takes_the_old_build(
    api: Api,
    service: Service,
    project_id: str,
    before: list[Any],
    in_background: Callable[[Callable[[], Any]], Future[Any]],
) -> None:
    publishing = in_background(lambda: publish(api, project_id, "B", smoke=_smoke("wait")))
    smoke_run = _smoke_run(api, project_id)
    eventually(lambda: mark_of(service, smoke_run) == "B")
    begin(api, project_id, f"{project_id}-waits", "Work", "wait")
    assert api.run(project_id, "Work") == "A"
    assert mark_of(service, f"{project_id}-waits") == "A"
    assert published(service, project_id) == before
    assert end(api, project_id, smoke_run) == "B"

    answer = publishing.result(20)
    assert (answer["smoke"]["workflowId"], answer["smoke"]["result"]) == (smoke_run, "B")
    assert api.run(project_id, "Work") == "B"
    assert end(api, project_id, f"{project_id}-waits") == "A"


def test_a_publish_that_is_overtaken_during_its_smoke_run_is_told_the_winners_build(
    api: Api,
    service: Service,
    project_id: str,
    before: list[Any],
    in_background: Callable[[Callable[[], Any]], Future[Any]],
) -> None:
    publishing = in_background(lambda: publish(api, project_id, "B", expect=409, smoke=_smoke("wait")))
    smoke_run = _smoke_run(api, project_id)
    winner = publish(api, project_id, "C")
    after = published(service, project_id)
    assert end(api, project_id, smoke_run) == "B"

    answer = publishing.result(20)
    assert (answer["code"], answer["buildId"]) == ("publish_conflict", winner["buildId"])
    assert winner["buildId"] in answer["error"]
    assert published(service, project_id) == after
    assert active_version(api, project_id) == "C"
    assert api.run(project_id, "Work") == "C"
