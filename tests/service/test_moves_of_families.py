"""Moved runs whose code has patches of its own, children, or continues as new."""

from typing import Any

import pytest

from support.runs import Runs
from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually

JOURNEY = '''
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def mark() -> str:
    return "MARK"


async def marked() -> str:
    return await workflow.execute_activity(mark, start_to_close_timeout=timedelta(seconds=10))


class Waiting:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.goes = 0

    @workflow.signal
    def go(self) -> None:
        self.goes += 1

    @workflow.query
    def build(self) -> str:
        return "MARK"


@workflow.defn
class Patched(Waiting):
    @workflow.run
    async def run(self) -> list[str]:
        steps = [await marked()]
        if CONDITION:
            steps.append("a step more")
            await workflow.sleep(0.01)
        await workflow.wait_condition(lambda: self.goes > 0)
        return [*steps, await marked()]


@workflow.defn
class Adding(Waiting):
    """Has a step more in some builds, at a point that runs of the others have passed."""

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: self.goes > 0)
        steps = [await marked()] if CONDITION else []
        await workflow.wait_condition(lambda: self.goes > 1)
        return [*steps, "MARK"]


@workflow.defn
class Parent(Waiting):
    """Has one child before it is told to go on, and one after."""

    @workflow.run
    async def run(self) -> list[str]:
        first = await workflow.execute_child_workflow("Child", 0)
        last = await workflow.start_child_workflow("Child", 1, id=f"{workflow.info().workflow_id}-child")
        await workflow.wait_condition(lambda: self.goes > 0)
        return [first, await workflow.execute_child_workflow("Child", 0), await last, "MARK"]


@workflow.defn
class Child(Waiting):
    @workflow.run
    async def run(self, goes: int) -> str:
        await workflow.wait_condition(lambda: self.goes >= goes)
        return await marked()


@workflow.defn
class Chain(Waiting):
    @workflow.run
    async def run(self, earlier: list[str]) -> list[str]:
        await workflow.wait_condition(lambda: self.goes > 0)
        if not earlier:
            workflow.continue_as_new(["MARK"])
        return [*earlier, "MARK"]
'''


def _journey(mark: str, condition: str = "False") -> dict[str, str]:
    return {"version": mark, "workflowCode": JOURNEY.replace("MARK", mark).replace("CONDITION", condition)}


def _begun(api: Api, service: Service, project_id: str, condition: str = "False") -> Runs:
    return Runs(api, service, project_id, "journey", _journey("A", condition))


def _end(runs: Runs, workflow_id: str) -> Any:
    runs.signal(workflow_id, "go")
    return runs.result(workflow_id)


OWN_PATCH = 'workflow.patched("a-change-of-the-project")'


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_run_is_moved_to_code_that_patches_its_change(
    api: Api, service: Service, project_id: str, is_replaced: bool
) -> None:
    runs = _begun(api, service, project_id)
    old = runs.begin("Patched")
    eventually(lambda: "ActivityTaskCompleted" in runs.history(old))
    assert runs.move(old, runs.publish(_journey("B", OWN_PATCH)))["changed"]
    new = runs.begin("Patched")
    if is_replaced:
        runs.replace_worker()
    assert _end(runs, old) == ["A", "B"]
    assert _end(runs, new) == ["B", "a step more", "B"]


def test_a_run_with_patches_of_its_own_is_moved_to_code_that_has_them_too(
    api: Api, service: Service, project_id: str
) -> None:
    runs = _begun(api, service, project_id, OWN_PATCH)
    run = runs.begin("Patched")
    eventually(lambda: "TimerFired" in runs.history(run))
    build = runs.publish(_journey("B", OWN_PATCH))
    without = runs.publish(_journey("C"))
    assert runs.move(run, without, expect=409)["code"] == "does_not_replay"
    assert runs.move(run, build)["changed"]
    assert runs.query(run) == "B"
    assert _end(runs, run) == ["A", "a step more", "B"]


def test_a_run_catches_up_with_what_its_new_build_does_more_and_replays_ever_after(
    api: Api, service: Service, project_id: str
) -> None:
    """Temporal's replay accepts code that does more than the history says; it is done with the next task."""
    runs = _begun(api, service, project_id)
    run = runs.begin("Adding")
    runs.signal(run, "go")
    eventually(lambda: runs.history(run).count("WorkflowTaskCompleted") == 2)
    runs.move(run, runs.publish(_journey("B", "True")))
    runs.signal(run, "go")
    assert runs.result(run) == ["B", "B"]
    runs.replace_worker()
    assert runs.query(run) == "B"
    assert "WorkflowTaskFailed" not in runs.history(run)


def test_children_that_a_moved_run_starts_take_its_new_build_and_those_it_had_keep_theirs(
    api: Api, service: Service, project_id: str
) -> None:
    runs = _begun(api, service, project_id)
    parent = runs.begin("Parent")
    eventually(lambda: runs.history(parent).count("ChildWorkflowExecutionStarted") == 2)
    eventually(lambda: runs.show(f"{parent}-child")["buildId"] == runs.first_build)
    runs.move(parent, runs.publish(_journey("B")))
    runs.publish(_journey("C"))
    runs.signal(parent, "go")
    runs.signal(f"{parent}-child", "go")
    assert runs.result(parent) == ["A", "B", "A", "B"]


def test_a_child_is_moved_without_its_parent(api: Api, service: Service, project_id: str) -> None:
    runs = _begun(api, service, project_id)
    parent = runs.begin("Parent")
    eventually(lambda: runs.history(parent).count("ChildWorkflowExecutionStarted") == 2)
    child = f"{parent}-child"
    eventually(lambda: runs.show(child)["buildId"] == runs.first_build)
    runs.move(child, runs.publish(_journey("B")))
    runs.signal(parent, "go")
    runs.signal(child, "go")
    assert runs.result(parent) == ["A", "A", "B", "A"]


def test_a_run_that_continues_as_new_after_a_move_takes_the_current_build(
    api: Api, service: Service, project_id: str
) -> None:
    runs = _begun(api, service, project_id)
    chain = runs.begin("Chain", [])
    first = runs.show(chain)["runId"]
    build = runs.publish(_journey("B"))
    runs.move(chain, build)
    current = runs.publish(_journey("C"))
    runs.signal(chain, "go")
    eventually(lambda: runs.show(chain)["runId"] != first and runs.show(chain)["buildId"])
    assert runs.show(chain)["buildId"] == current
    assert _end(runs, chain) == ["B", "C"]
