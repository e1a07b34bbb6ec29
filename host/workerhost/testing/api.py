"""The control API of a service in this process, as a client sees it."""

from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient

from workerhost.api.app import create_app
from workerhost.runtime.service import Service

RESULT_SECONDS = 20
"""How long an outcome is waited for."""

ECHO = """
from temporalio import workflow


@workflow.defn
class Echo:
    @workflow.run
    async def run(self, text: str) -> str:
        return f"echo: {text}"
"""
"""The smallest workflow: `Echo` returns what it was given, after `echo: `."""


class Api:
    """The control API; each call checks the status of the answer and returns its JSON.

    Every call raises AssertionError where the status is another one than `expect` names.

    Args:
        client: of the Flask application, for calls that need more than these methods give.
    """

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    @classmethod
    def of(cls, service: Service) -> "Api":
        """Return the API of a service, with the routes of its plugins."""
        return cls(create_app(service).test_client())

    def get(self, path: str, expect: int = 200) -> Any:
        """Read what is at a path, as in `get("/projects/shop")`."""
        return self.call("GET", path, None, expect)

    def put(self, path: str, body: Any = None, expect: int | tuple[int, ...] = (200, 201)) -> Any:
        """Make or change what is at a path; without a body an empty object is sent."""
        return self.call("PUT", path, {} if body is None else body, expect)

    def post(self, path: str, body: Any = None, expect: int | tuple[int, ...] = (200, 202)) -> Any:
        """Send a command to a path; without a body an empty object is sent."""
        return self.call("POST", path, {} if body is None else body, expect)

    def delete(self, path: str, expect: int = 200) -> Any:
        """Delete what is at a path."""
        return self.call("DELETE", path, None, expect)

    def call(self, method: str, path: str, body: Any, expect: int | tuple[int, ...]) -> Any:
        """Call a route with a JSON body, or with none where `body` is None.

        Args:
            method: of HTTP.
            path: with its query.
            body: anything that JSON can hold.
            expect: the status that the answer must have, or several of which it must have one.
        """
        answer = self.client.open(path, method=method, json=body)
        if answer.status_code not in (expect if isinstance(expect, tuple) else (expect,)):
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.get_data(as_text=True)}")
        return answer.get_json()

    def deploy(
        self, project_id: str, workflow: str = "echo", body: Mapping[str, str] | None = None, *, start: bool = True
    ) -> None:
        """Make a project of one workflow and start it.

        Args:
            project_id: is made where it does not exist.
            workflow: name of the workflow, which need not be that of its class.
            body: `version`, `workflowCode` and, where there are any, `activitiesCode`; None for `ECHO`.
            start: whether the project is started, and its start waited for.
        """
        self.put(f"/projects/{project_id}")
        self.put(f"/projects/{project_id}/workflows/{workflow}", body or {"version": "1", "workflowCode": ECHO})
        if start:
            self.post("/workers/start", {"projectId": project_id})

    def begin(self, project_id: str, workflow_type: str, *args: Any) -> str:
        """Start an execution and return its workflow id."""
        path = f"/projects/{project_id}/executions"
        return str(self.post(path, {"workflowType": workflow_type, "args": list(args)}, expect=202)["workflowId"])

    def outcome(self, project_id: str, workflow_id: str) -> Any:
        """Wait for the end of an execution, 20 seconds at most, and return how it is."""
        return self.get(f"/projects/{project_id}/executions/{workflow_id}?wait={RESULT_SECONDS}")

    def run(self, project_id: str, workflow_type: str, *args: Any) -> Any:
        """Run an execution to its end and return its result.

        Raises:
            AssertionError: it did not complete; the message holds its status and its failure.
        """
        execution = self.outcome(project_id, self.begin(project_id, workflow_type, *args))
        if execution["status"] != "COMPLETED":
            raise AssertionError(f"{workflow_type} did not complete: {execution}")
        return execution["result"]
