"""The runs of one project in tests that publish and move: begin them, talk to them, and see what became of them."""

from collections.abc import Awaitable, Callable
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually


class Runs:
    """A project with one workflow, started; every call of the API is checked.

    Args:
        api: of the service.
        service: in this process.
        project_id: is made.
        workflow: name of its workflow.
        body: of its first publish.
    """

    def __init__(self, api: Api, service: Service, project_id: str, workflow: str, body: dict[str, str]) -> None:
        self.api = api
        self.service = service
        self.project_id = project_id
        self.path = f"/projects/{project_id}"
        self._workflow = f"{self.path}/workflows/{workflow}"
        api.deploy(project_id, workflow, body)
        self.first_build = self.current_build()

    def current_build(self) -> str:
        return str(self.api.get(f"{self.path}/deployment")["currentBuild"])

    def publish(self, body: dict[str, str]) -> str:
        """Publish a version and return the digest of its build."""
        return str(self.api.put(self._workflow, body)["buildId"])

    def check(self, body: dict[str, Any], expect: int = 200) -> Any:
        """Check code that is not published."""
        return self.api.post(f"{self._workflow}/check", body, expect)

    def begin(self, workflow_type: str, *args: Any) -> str:
        """Begin an execution and wait for its first task, which decides on its build."""
        workflow_id = self.api.begin(self.project_id, workflow_type, *args)
        eventually(lambda: self.show(workflow_id)["buildId"])
        return workflow_id

    def begin_greeting(self, name: str) -> str:
        """Begin an execution of `Greeting` and wait until it waits for its word."""
        workflow_id = self.begin("Greeting", name)
        eventually(lambda: "ActivityTaskCompleted" in self.history(workflow_id))
        return workflow_id

    def show(self, workflow_id: str) -> Any:
        return self.api.get(f"{self.path}/executions/{workflow_id}")

    def signal(self, workflow_id: str, name: str, *args: Any) -> None:
        self.api.post(f"{self.path}/executions/{workflow_id}/signal", {"name": name, "args": list(args)})

    def result(self, workflow_id: str) -> Any:
        """Wait until the execution completes and return its result."""
        execution = self.api.outcome(self.project_id, workflow_id)
        assert execution["status"] == "COMPLETED", (execution, self.history(workflow_id))
        return execution["result"]

    def move(self, workflow_id: str, build: str, expect: int = 200) -> Any:
        return self.api.post(f"{self.path}/executions/{workflow_id}/move", {"build": build}, expect)

    def move_all(self, source: str, target: str, expect: int = 200, timeout: float = 30) -> Any:
        """Move all open runs of a build."""
        body = {"from": source, "to": target}
        return self.api.post(f"{self.path}/deployment/move?timeout={timeout}", body, expect)

    def events(self, kind: str) -> list[Any]:
        """Return what happened to the deployment of that kind, the last first."""
        return [each for each in self.api.get(f"{self.path}/deployment")["events"] if each["kind"] == kind]

    def replace_worker(self) -> None:
        """Give the project a worker that has nothing in memory, so that every run is replayed."""
        self.stop()
        self.start()

    def stop(self) -> None:
        self.api.post("/workers/stop", {"projectId": self.project_id})

    def start(self) -> None:
        self.api.post("/workers/start", {"projectId": self.project_id})

    def call(self, use: Callable[[Client], Awaitable[Any]]) -> Any:
        """Use the service's client of Temporal."""
        return self.service.temporal.call(use)

    def query(self, workflow_id: str, name: str = "build") -> Any:
        return self.call(lambda client: client.get_workflow_handle(workflow_id).query(name))

    def history(self, workflow_id: str) -> list[str]:
        """Return the types of all events of the execution, after a look that none is missing."""

        async def fetch(client: Client) -> list[str]:
            history = await client.get_workflow_handle(workflow_id).fetch_history()
            assert [event.event_id for event in history.events] == list(range(1, len(history.events) + 1))
            return [_type_name(event.event_type) for event in history.events]

        found: list[str] = self.call(fetch)
        return found

    def wait_until_listed(self, count: int) -> None:
        """Wait until the visibility store, which is a little behind, lists so many open runs with their builds."""
        query = (
            f"TaskQueue = '{self.project_id}-queue' AND ExecutionStatus = 'Running' "
            "AND TemporalChangeVersion IS NOT NULL"
        )

        async def listed(client: Client) -> bool:
            return (await client.count_workflows(query)).count == count

        eventually(lambda: self.call(listed))


def _type_name(number: int) -> str:
    name = EventType.Name(number).removeprefix("EVENT_TYPE_")
    return "".join(part.capitalize() for part in name.split("_"))
