"""What several tests need: waiting for conditions, calling the API, sources of projects."""

import socket
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask.testing import FlaskClient

from workerhost.model import BuildSummary, Deployment, WorkflowCode
from workerhost.store import HostRecord, Store, WorkerRecord
from workerhost.store.deployments import DeploymentChange
from workerhost.words import BuildId, DeploymentEventKind, HostId, WorkerId, WorkerStatus

T = TypeVar("T")

DATABASES = ("sqlite", "postgresql")

ECHO = """
from temporalio import workflow


@workflow.defn
class Echo:
    @workflow.run
    async def run(self, text: str) -> str:
        return f"echo: {text}"
"""
"""The smallest workflow."""

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


class Api:
    """The control API as a client sees it; each call checks the status it expects and returns the JSON."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, expect: int = 200) -> Any:
        return self.call("GET", path, None, expect)

    def put(self, path: str, body: Any = None, expect: int | tuple[int, ...] = (200, 201)) -> Any:
        return self.call("PUT", path, {} if body is None else body, expect)

    def post(self, path: str, body: Any = None, expect: int | tuple[int, ...] = (200, 202)) -> Any:
        return self.call("POST", path, {} if body is None else body, expect)

    def delete(self, path: str, expect: int = 200) -> Any:
        return self.call("DELETE", path, None, expect)

    def call(self, method: str, path: str, body: Any, expect: int | tuple[int, ...]) -> Any:
        answer = self.client.open(path, method=method, json=body)
        expected = expect if isinstance(expect, tuple) else (expect,)
        assert answer.status_code in expected, f"{method} {path}: {answer.status_code} {answer.get_data(as_text=True)}"
        return answer.get_json()

    def deploy(
        self, project_id: str, workflow: str = "echo", body: dict[str, str] | None = None, *, start: bool = True
    ) -> None:
        """Make a project of one workflow, and start it."""
        self.put(f"/projects/{project_id}")
        self.put(f"/projects/{project_id}/workflows/{workflow}", body or {"version": "1", "workflowCode": ECHO})
        if start:
            self.post("/workers/start", {"projectId": project_id})

    def begin(self, project_id: str, workflow_type: str, *args: Any) -> str:
        """Start an execution and return its workflow id."""
        path = f"/projects/{project_id}/executions"
        return str(self.post(path, {"workflowType": workflow_type, "args": list(args)}, expect=202)["workflowId"])

    def outcome(self, project_id: str, workflow_id: str) -> Any:
        """Wait for the end of an execution and return its answer."""
        return self.get(f"/projects/{project_id}/executions/{workflow_id}?wait=20")

    def run(self, project_id: str, workflow_type: str, *args: Any) -> Any:
        """Run an execution to its end and return its result."""
        execution = self.outcome(project_id, self.begin(project_id, workflow_type, *args))
        assert execution["status"] == "COMPLETED", execution
        return execution["result"]


def eventually(condition: Callable[[], T], timeout: float = 30) -> T:
    """Wait until `condition` returns something true, and return that."""
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{condition} did not become true within {timeout} s"
        time.sleep(0.02)
    return answer


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


def unique_id(prefix: str) -> str:
    """Return an id that was never used before."""
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
