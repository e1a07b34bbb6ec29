"""What a host writes: a line for each thing, and for what it waits at its start."""

import asyncio
from contextlib import closing
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from support.processes import RestClient, serve, workerhost
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import eventually, free_port, unique_id

CODE = """
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.common import RetryPolicy

@activity.defn
def act(what: str) -> str:
    activity.logger.info("looking at %s", what)
    if what == "bad":
        raise ValueError("no such\\nluck")
    return what

@workflow.defn
class Work:
    @workflow.run
    async def run(self, what: str) -> str:
        workflow.logger.info("a workflow\\nof %s", what)
        return await workflow.execute_activity(
            act, what, start_to_close_timeout=timedelta(seconds=9), retry_policy=RetryPolicy(maximum_attempts=1)
        )
"""


def test_what_projects_log_is_a_line_each_and_a_start_says_what_it_uses(
    tmp_path: Path, temporal: EmbeddedTemporal
) -> None:
    project = unique_id("log")
    with serve(tmp_path, temporal, WORKERHOST_SHOW_PROJECT_LINES="true") as (process, client):
        client.deploy(project, "work", {"version": "1", "workflowCode": CODE})
        assert client.run(project, "Work", "tea") == "tea"
        begun = client.call("POST", f"/projects/{project}/executions", {"workflowType": "Work", "args": ["bad"]})
        client.call("GET", f"/projects/{project}/executions/{begun['workflowId']}?wait=20")
        process.wait_for("the run failed")
        assert process.end() == 0
    lines = process.output.splitlines()
    [of_activity] = [line for line in lines if "looking at tea" in line]
    assert f"INFO workerhost.project: project {project}: looking at tea [workflow type Work" in of_activity
    [of_workflow] = [line for line in lines if "of tea" in line]
    assert rf"project {project}: a workflow\nof tea [workflow type Work" in of_workflow
    [failed] = [line for line in lines if "attempt 1 of act failed" in line]
    assert rf"ERROR workerhost.project: project {project}: attempt 1" in failed
    assert r"and is not tried again: ValueError: no such\nluck [workflow type" in failed
    assert "Traceback" not in process.output
    assert any(f"the control API listens on {client.url}" in line for line in lines)
    [uses] = [line for line in lines if "uses the database" in line]
    assert "sqlite:///" in uses
    assert f"Temporal at {temporal.address} with namespace default" in uses


def test_a_start_waits_for_temporal_and_its_namespace_and_says_so(tmp_path: Path) -> None:
    port, api = free_port(), free_port()
    server = EmbeddedTemporal(tmp_path / "temporal", port, None)
    environment = {"TEMPORAL_ADDRESS": f"127.0.0.1:{port}", "TEMPORAL_NAMESPACE": "later"}
    with workerhost("serve", "--wait", "60", "--port", str(api), folder=tmp_path, **environment) as process:
        process.wait_for("waiting up to .* Temporal does not answer")
        server.start()
        try:
            process.wait_for("waiting up to .* no namespace later")
            asyncio.run(_register(server.address, "later"))
            process.wait_for("the control API listens")
            assert "waiting is over" in process.output
            with closing(RestClient(f"http://127.0.0.1:{api}")) as client:
                eventually(client.answers)
            assert process.end() == 0
        finally:
            server.stop()


async def _register(address: str, name: str) -> None:
    client = await Client.connect(address)
    request = RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=Duration(seconds=86400))
    await client.workflow_service.register_namespace(request)


def test_who_waits_is_ended_at_once(tmp_path: Path) -> None:
    environment = {"TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}"}
    with workerhost("host", "--wait", "60", folder=tmp_path, **environment) as process:
        process.wait_for("waiting up to")
        assert process.end() != 0
