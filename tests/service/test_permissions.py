"""What workflows of a project in processes of its own may do beyond it: nothing, unless its settings say so."""

from typing import Any

import pytest

from workerhost.settings import Settings
from workerhost.testing import Api, eventually
from workerhost.words import Isolation

REACHES = """
import asyncio
import sys
from datetime import timedelta

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy

SOON = timedelta(seconds=20)


@workflow.defn
class Reaches:
    @workflow.run
    async def run(self, what: str, target: str) -> object:
        if what == "starts":
            return await workflow.execute_child_workflow("Echo", "hello", task_queue=target)
        if what == "runs":
            return await workflow.execute_activity("work", task_queue=target, start_to_close_timeout=SOON)
        if what == "continues":
            workflow.continue_as_new(args=["hello"], workflow="Echo", task_queue=target)
        if what == "signals":
            return await workflow.get_external_workflow_handle(target).signal("go")
        if what == "cancels":
            return await workflow.get_external_workflow_handle(target).cancel()
        if what == "ends":
            policy = WorkflowIDReusePolicy.TERMINATE_IF_RUNNING
            return await workflow.execute_child_workflow("Waits", id=target, id_reuse_policy=policy)


@workflow.defn
class ReachesInReplays:
    @workflow.run
    async def run(self, target: str) -> None:
        if workflow.unsafe.is_replaying():
            asyncio.create_task(workflow.get_external_workflow_handle(target).signal("go"))
        await asyncio.sleep(0.1)
        with workflow.unsafe.sandbox_unrestricted():
            if not hasattr(sys, "has_failed"):
                sys.has_failed = True
                raise RuntimeError("so that it is replayed")
        await asyncio.sleep(3600)


@workflow.defn
class Waits:
    def __init__(self) -> None:
        self.told = False

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.told)
        return "told"

    @workflow.signal
    def go(self) -> None:
        self.told = True
"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Projects have processes of their own."""
    return settings.model_copy(update={"isolation": Isolation.PROCESS})


@pytest.fixture
def reaching(api: Api, project_id: str) -> str:
    """A project whose workflow reaches for others."""
    api.deploy(project_id, "reaches", {"version": "1", "workflowCode": REACHES})
    return project_id


@pytest.fixture
def other(api: Api, project_id: str) -> str:
    """Another project, with a workflow that can be signalled."""
    other = f"{project_id}-other"
    api.deploy(other)
    api.deploy(other, "reaches", {"version": "1", "workflowCode": REACHES})
    return other


def _refusal(api: Api, project_id: str, workflow_id: str) -> str:
    found: Any = eventually(lambda: api.get(f"/projects/{project_id}/executions/{workflow_id}")["stuck"])
    assert found["code"] == "workflow_task_fails", found
    return str(found["reason"])


def _sentence(deed: str, project_id: str) -> str:
    return (
        f"its workflow task fails: it {deed}, which is not its project's; to allow that, name the task queue in the "
        f"setting otherTaskQueues of project {project_id}"
    )


@pytest.mark.parametrize(
    ("what", "deed"),
    [
        ("starts", "starts workflow Echo on task queue {}"),
        ("runs", "runs activity work on task queue {}"),
        ("continues", "continues on task queue {}"),
    ],
)
def test_another_projects_queue_is_closed(api: Api, reaching: str, other: str, what: str, deed: str) -> None:
    queue = f"{other}-queue"
    run = api.begin(reaching, "Reaches", what, queue)
    assert _refusal(api, reaching, run) == _sentence(deed.format(queue), reaching)
    assert api.get(f"/projects/{other}/executions")["executions"] == []


@pytest.mark.parametrize("what", ["signals", "cancels", "ends"])
def test_another_projects_run_is_not_touched(api: Api, reaching: str, other: str, what: str) -> None:
    target = api.begin(other, "Waits")
    run = api.begin(reaching, "Reaches", what, target)
    assert _refusal(api, reaching, run) == _sentence(f"{what} run {target}", reaching)
    assert api.get(f"/projects/{other}/executions/{target}")["status"] == "RUNNING"


def test_another_projects_run_is_not_touched_in_a_replay(api: Api, reaching: str, other: str) -> None:
    target = api.begin(other, "Waits")
    run = api.begin(reaching, "ReachesInReplays", target)
    eventually(lambda: _sentence(f"signals run {target}", reaching) == _refusal(api, reaching, run))
    assert api.get(f"/projects/{other}/executions/{target}")["status"] == "RUNNING"


def test_a_run_of_the_project_is_signalled_and_an_unknown_one_is_the_servers_to_refuse(api: Api, reaching: str) -> None:
    target = api.begin(reaching, "Waits")
    assert api.run(reaching, "Reaches", "signals", target) is None
    assert api.outcome(reaching, target)["result"] == "told"
    unknown = api.begin(reaching, "Reaches", "signals", "nobody-has-this-id")
    assert api.outcome(reaching, unknown)["status"] == "FAILED"


def test_what_the_settings_allow_goes_on(api: Api, reaching: str, other: str) -> None:
    target, queue = api.begin(other, "Waits"), f"{other}-queue"
    signals, starts = api.begin(reaching, "Reaches", "signals", target), api.begin(reaching, "Reaches", "starts", queue)
    _refusal(api, reaching, signals)
    _refusal(api, reaching, starts)
    api.put(f"/projects/{reaching}", {"settings": {"otherTaskQueues": [queue]}})
    assert api.outcome(reaching, signals)["status"] == "COMPLETED"
    assert api.outcome(other, target)["result"] == "told"
    assert api.outcome(reaching, starts)["result"] == "echo: hello"
    api.put(f"/projects/{reaching}", {"settings": {"otherTaskQueues": "all"}})
    assert api.run(reaching, "Reaches", "starts", queue) == "echo: hello"


def test_a_queue_that_is_none_is_refused(api: Api, reaching: str) -> None:
    refused = api.put(f"/projects/{reaching}", {"settings": {"otherTaskQueues": [""]}}, expect=400)
    assert "otherTaskQueues" in str(refused)
