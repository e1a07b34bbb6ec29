"""What several tests need: sources of projects, and records of the store."""

from datetime import UTC, datetime
from typing import Any

from workerhost.model import BuildSummary, Deployment, WorkflowCode
from workerhost.store import HostRecord, Store, WorkerRecord
from workerhost.store.deployments import DeploymentChange
from workerhost.words import BuildId, DeploymentEventKind, HostId, WorkerId, WorkerStatus

DATABASES = ("sqlite", "postgresql")

GREETING = '''
from datetime import timedelta

from temporalio import workflow

from .activities import greet


@workflow.defn
class Greeting:
    """Greets, waits for a word, and greets again, to show which build it runs on before and after."""

    def __init__(self) -> None:
        self.word = ""

    @workflow.run
    async def run(self, name: str) -> list[str]:
        first = await workflow.execute_activity(greet, name, start_to_close_timeout=timedelta(seconds=10))
        await workflow.wait_condition(lambda: self.word != "")
        second = await workflow.execute_activity(greet, self.word, start_to_close_timeout=timedelta(seconds=10))
        return ["MARK", first, second]

    @workflow.signal
    def say(self, word: str) -> None:
        self.word = word

    @workflow.query
    def build(self) -> str:
        return "MARK"
'''
GREETING_ACTIVITIES = """
from temporalio import activity


@activity.defn
def greet(name: str) -> str:
    return f"{name} from MARK"
"""


def greeting(mark: str) -> dict[str, str]:
    """Return the body of a publish whose workflow and activity both say `mark`."""
    return {
        "version": mark,
        "workflowCode": GREETING.replace("MARK", mark),
        "activitiesCode": GREETING_ACTIVITIES.replace("MARK", mark),
    }


def host_record(host_id: str, **fields: Any) -> HostRecord:
    """Return a host as it registers."""
    defaults: dict[str, Any] = {
        "machine": "elsewhere",
        "process_space": "elsewhere",
        "process_id": 1,
        "version": "0",
        "capacity": 100,
        "pools": ("default",),
        "started_at": datetime.now(UTC),
    }
    return HostRecord(HostId(host_id), **(defaults | fields))


def worker_record(
    worker_id: str, project_id: str = "shop", host: str = "h1", status: str = "running", **fields: Any
) -> WorkerRecord:
    """Return a worker as its host writes it."""
    defaults: dict[str, Any] = {
        "task_queue": f"{project_id}-queue",
        "machine": "elsewhere",
        "process_id": 1,
        "started_at": datetime.now(UTC),
    }
    return WorkerRecord(
        WorkerId(worker_id), project_id, status=WorkerStatus(status), host_id=HostId(host), **(defaults | fields)
    )


def store_published(store: Store, code: WorkflowCode, build: BuildSummary, instead_of: BuildId | None) -> None:
    """Store a version and make its build current, if the current one is `instead_of`."""
    change = DeploymentChange(
        build.project_id,
        Deployment(0, instead_of),
        build.id,
        DeploymentEventKind.PUBLISHED,
        "",
        build=build,
        codes=(code,),
    )
    store.deployments.change(change)
