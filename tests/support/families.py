"""Workflows of one family, every part of which says on which build it runs, and calls about their runs."""

from typing import Any

from support.publishing import mark_of
from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually

FAMILY = '''
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def mark() -> str:
    return "MARK"


@workflow.defn
class Parent:
    """Starts its child only when it is told to, so that a publish can come in between."""

    def __init__(self) -> None:
        self.ready = False

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: self.ready)
        return ["MARK", await workflow.execute_child_workflow("Child")]

    @workflow.signal
    def go(self) -> None:
        self.ready = True

    @workflow.query
    def build(self) -> str:
        return "MARK"


@workflow.defn
class Child:
    @workflow.run
    async def run(self) -> str:
        remote = await workflow.execute_activity(mark, start_to_close_timeout=timedelta(seconds=10))
        local = await workflow.execute_local_activity(mark, start_to_close_timeout=timedelta(seconds=10))
        return f"MARK {remote} {local}"


@workflow.defn
class Chain:
    """Continues as new once, when it is told to."""

    def __init__(self) -> None:
        self.ready = False

    @workflow.run
    async def run(self, earlier: list[str]) -> list[str]:
        await workflow.wait_condition(lambda: self.ready)
        marks = [*earlier, "MARK"]
        if len(marks) < 2:
            workflow.continue_as_new(marks)
        return marks

    @workflow.signal
    def go(self) -> None:
        self.ready = True

    @workflow.update
    async def hurry(self) -> str:
        self.ready = True
        return "MARK"

    @workflow.query
    def build(self) -> str:
        return "MARK"


@workflow.defn
class Patched:
    """Uses the SDK's own patches, which live in the same kind of marker as the build's name."""

    def __init__(self) -> None:
        self.ready = False

    @workflow.run
    async def run(self) -> str:
        patched = workflow.patched("a-change-of-the-project")
        await workflow.wait_condition(lambda: self.ready)
        return f"MARK {patched}"

    @workflow.signal
    def go(self) -> None:
        self.ready = True

    @workflow.query
    def build(self) -> str:
        return "MARK"
'''

ECHO_OF_MARK = """
from temporalio import workflow


@workflow.defn
class Echo:
    @workflow.run
    async def run(self) -> str:
        return "MARK"
"""


def family(mark: str) -> dict[str, str]:
    """Return the body of a publish whose workflows say `mark`."""
    return {"version": mark, "workflowCode": FAMILY.replace("MARK", mark)}


def echo_of(mark: str) -> dict[str, str]:
    """Return the body of a publish whose one workflow returns `mark`."""
    return {"version": mark, "workflowCode": ECHO_OF_MARK.replace("MARK", mark)}


def begun(api: Api, service: Service, project_id: str, workflow_type: str, *args: Any) -> str:
    """Begin an execution, wait until a build answers for it, and return its workflow id."""
    workflow_id = api.begin(project_id, workflow_type, *args)
    eventually(lambda: mark_of(service, workflow_id))
    return workflow_id


def signal(api: Api, project_id: str, workflow_id: str, name: str, *args: Any) -> None:
    """Send a signal to an execution."""
    api.post(f"/projects/{project_id}/executions/{workflow_id}/signal", {"name": name, "args": list(args)})
