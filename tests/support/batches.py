"""A project with a few workflows, and what the tests of batches ask of its batches."""

from typing import Any

from support import greeting
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, eventually

LOOP = """
import asyncio

from temporalio import workflow


@workflow.defn
class Loop:
    @workflow.run
    async def run(self, rounds: int) -> None:
        try:
            await asyncio.sleep(0.1)
        finally:
            pass
        workflow.continue_as_new(rounds + 1)


@workflow.defn
class Counting:
    def __init__(self) -> None:
        self.words: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: "end" in self.words)
        return self.words

    @workflow.signal
    def say(self, word: str) -> None:
        self.words.append(word)
"""


class Batches:
    """The batches of a project that has a few workflows.

    Args:
        api: of the service.
        service: in this process.
        project: id of the project, which is made and started.
    """

    def __init__(self, api: Api, service: Service, project: str) -> None:
        self.api = api
        self.service = service
        self.project = project
        self.path = f"/projects/{project}/batches"
        api.deploy(project, "echo", {"version": "1", "workflowCode": ECHO}, start=False)
        api.put(f"/projects/{project}/workflows/loop", {"version": "1", "workflowCode": LOOP})
        api.deploy(project, "greeting", greeting("A"))

    def begin(self, operation: str, **body: Any) -> str:
        answer = self.api.post(self.path, {"operation": operation, **body}, 202)
        assert list(answer) == ["batchId"]
        return str(answer["batchId"])

    def refused(self, body: dict[str, Any], status: int = 400) -> Any:
        return self.api.post(self.path, body, status)

    def look(self, batch_id: str) -> Any:
        return self.api.get(f"{self.path}/{batch_id}")

    def ended(self, batch_id: str) -> Any:
        return eventually(lambda: (found := self.look(batch_id))["endedAt"] and found)

    def done(self, operation: str, **body: Any) -> Any:
        """Begin a batch, and return its report when it has ended."""
        report = self.ended(self.begin(operation, **body))
        assert report["status"] == "completed", report
        assert report["total"] == report["done"] + report["failed"]
        return report

    def run(self, workflow_type: str, *args: Any) -> str:
        return self.api.begin(self.project, workflow_type, *args)

    def status(self, workflow_id: str) -> str:
        return str(self.api.get(f"/projects/{self.project}/executions/{workflow_id}")["status"])

    def count(self, **filters: Any) -> int:
        answer = self.api.client.get(f"/projects/{self.project}/execution-counts", query_string=filters)
        return int(answer.get_json()["count"])


def counts(report: Any) -> tuple[int, int, int]:
    return report["total"], report["done"], report["failed"]
