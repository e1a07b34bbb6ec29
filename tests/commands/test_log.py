"""What a service writes: a line for each thing, JSON where no terminal reads it, and for what it waits at its start."""

import asyncio
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from support.processes import RestClient, Workerhost, serve, workerhost
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import eventually, free_port, unique_id

CODE = """
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.common import RetryPolicy

@activity.defn
def act(what: str) -> str:
    if what == "bad":
        raise ValueError("no such\\nluck")
    return what

@workflow.defn
class Work:
    @workflow.run
    async def run(self, what: str) -> str:
        return await workflow.execute_activity(
            act, what, start_to_close_timeout=timedelta(seconds=9), retry_policy=RetryPolicy(maximum_attempts=1)
        )
"""

Line = dict[str, Any]


class Log:
    """The lines of a process, each of which must be a JSON object."""

    def __init__(self, process: Workerhost) -> None:
        self._process = process

    def lines(self) -> list[Line]:
        return [json.loads(line) for line in list(self._process.lines) if line.endswith("\n")]

    def found(self, fits: Callable[[Line], object]) -> list[Line]:
        return [line for line in self.lines() if fits(line)]

    def one(self, fits: Callable[[Line], object]) -> Line:
        """Wait for a line, and return the only one that fits."""
        [line] = eventually(partial(self.found, fits))
        return line

    def of(self, text: str) -> Line:
        return self.one(lambda line: text in line["message"])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, temporal: EmbeddedTemporal) -> Iterator[tuple[Log, RestClient]]:
    with serve(tmp_path_factory.mktemp("log"), temporal) as (process, client):
        yield Log(process), client
        assert process.end() == 0


def test_a_start_says_what_it_uses_and_when_it_is_ready(
    served: tuple[Log, RestClient], temporal: EmbeddedTemporal
) -> None:
    log, client = served
    begun, started, ready = log.of("starts 1 host"), log.of("has started"), log.of("this host is ready")
    assert (begun["address"], begun["hosts"]) == (client.url, 1)
    assert ready["address"] == client.url
    assert ready["host"] == started["host"]
    assert (started["temporal"], started["namespace"]) == (temporal.address, "default")
    assert started["database"].startswith("sqlite:///")
    assert started["version"] == begun["version"]
    assert "process" in started["isolation"]
    assert any(each.startswith("database ") for each in started["plugins"])
    assert {"time", "level", "logger", "pools", "capacity", "python"} <= started.keys()


def test_a_request_is_a_line_with_the_id_that_was_sent_and_without_its_query(served: tuple[Log, RestClient]) -> None:
    log, client = served
    project, sent = unique_id("asked"), unique_id("request")
    answer = httpx.get(f"{client.url}/projects/{project}?token=hunter22", headers={"X-Request-Id": sent})
    assert (answer.status_code, answer.headers["X-Request-Id"]) == (400, sent)
    line = log.one(lambda line: line.get("request_id") == sent)
    assert (line["method"], line["path"], line["status"]) == ("GET", f"/projects/{project}", 400)
    assert (line["project"], line["remote"], line["level"]) == (project, "127.0.0.1", "info")
    assert line["duration_ms"] > 0
    assert not log.found(lambda line: "hunter22" in json.dumps(line) or line.get("path") == "/health")


def test_a_request_that_is_refused_before_it_is_whole_has_an_id_too(served: tuple[Log, RestClient]) -> None:
    log, client = served
    with closing(HTTPConnection(client.url.removeprefix("http://"), timeout=20)) as connection:
        connection.request("PUT", "/projects/large", headers={"Content-Length": "999999999", "X-Request-Id": "a b"})
        answer = connection.getresponse()
        made = answer.headers["X-Request-Id"]
    assert (answer.status, len(made)) == (413, 32)
    assert log.one(lambda line: line.get("request_id") == made)["status"] == 413


def test_publishes_and_refusals_and_commands_are_said_with_who_asked(served: tuple[Log, RestClient]) -> None:
    log, client = served
    project = unique_id("log")
    client.deploy(project, "work", {"version": "1", "workflowCode": CODE})
    path = f"{client.url}/projects/{project}/workflows/work"
    refused = httpx.put(path, json={"version": "2", "workflowCode": "x ="}, headers={"X-Request-Id": project})
    assert refused.status_code == 422
    published = log.one(lambda line: line.get("project") == project and "is published" in line["message"])
    assert published["workflows"] == ["work 1"]
    assert (len(published["build"]), published["changed"], published["remote"]) == (32, True, "127.0.0.1")
    said = log.one(lambda line: line.get("request_id") == project and "is not published" in line["message"])
    assert (said["level"], said["code"], said["workflows"]) == ("warning", "build_refused", ["work 2"])
    assert "SyntaxError" in said["problems"][0]
    taken = log.one(lambda line: line.get("project") == project and "this host takes" in line["message"])
    started = log.one(lambda line: line.get("project") == project and line.get("command") == "start")
    assert taken["request_id"] == started["request_id"]
    assert started["status"] == "running"


def test_code_of_a_project_that_fails_is_not_the_services_matter(served: tuple[Log, RestClient]) -> None:
    log, client = served
    project = unique_id("bad")
    client.deploy(project, "work", {"version": "1", "workflowCode": CODE})
    begun = client.call("POST", f"/projects/{project}/executions", {"workflowType": "Work", "args": ["bad"]})
    ended = client.call("GET", f"/projects/{project}/executions/{begun['workflowId']}?wait=20")
    assert ended["status"] == "FAILED"
    assert client.run(project, "Work", "tea") == "tea"
    assert not log.found(lambda line: "luck" in json.dumps(line) or "exception" in line)


def test_an_end_says_how_long_it_took_and_who_asks_sees_lines_of_projects_too(
    tmp_path: Path, temporal: EmbeddedTemporal
) -> None:
    project = unique_id("log")
    with serve(tmp_path, temporal, WORKERHOST_LOG_REQUESTS="false", WORKERHOST_SHOW_PROJECT_LINES="true") as (
        process,
        client,
    ):
        client.deploy(project, "work", {"version": "1", "workflowCode": CODE})
        begun = client.call("POST", f"/projects/{project}/executions", {"workflowType": "Work", "args": ["bad"]})
        client.call("GET", f"/projects/{project}/executions/{begun['workflowId']}?wait=20")
        log = Log(process)
        failed = log.one(lambda line: "luck" in line["message"] and line.get("activity") == "act")
        assert process.end() == 0
    assert (failed["project"], failed["workflow_id"], failed["attempt"]) == (project, begun["workflowId"], 1)
    log.of("this host ends: others take its 1 project(s)")
    assert log.of("has given up all projects")["have_ended"] is True
    assert log.of("workerhost has ended")["seconds"] > 0
    assert not log.found(lambda line: line["logger"] == "workerhost.api.requests")


def test_a_terminal_gets_lines_for_people(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "workerhost", "serve", "--wait", "0.1", "--port", str(free_port())]
    variables = {
        "TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
        "DATABASE_URL": "postgresql+psycopg://u:hunter22@[::1]:1/x",
    }
    environment = {**os.environ, **variables, "NO_COLOR": ""}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=theirs) as process:
        os.close(theirs)
        assert process.wait(60) == 1
    text = os.read(ours, 65536).decode()
    os.close(ours)
    first = text.splitlines()[0]
    assert "Temporal does not answer at" in first
    assert "\x1b[" in first
    assert not first.startswith("{")
    assert "hunter22" not in text


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


def test_a_service_whose_log_nobody_reads_answers_all_the_same(tmp_path: Path, temporal: EmbeddedTemporal) -> None:
    port = free_port()
    command = [sys.executable, "-m", "workerhost", "serve", "--port", str(port)]
    environment = {**os.environ, "TEMPORAL_ADDRESS": temporal.address}
    with (
        subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client,
    ):
        assert process.stderr is not None
        with closing(RestClient(f"http://127.0.0.1:{port}")) as rest:
            eventually(rest.answers)
        for _ in range(300):  # of which each is a line; a pipe holds 64 KiB
            assert client.get(f"/projects/{'x' * 400}").status_code in {400, 404}
        process.terminate()
        assert process.wait(60) == 0


def test_a_service_without_a_standard_error_starts(tmp_path: Path, temporal: EmbeddedTemporal) -> None:
    port = free_port()
    command = f'exec "{sys.executable}" -m workerhost serve --port {port} <&- >&- 2>&-'
    environment = {**os.environ, "TEMPORAL_ADDRESS": temporal.address}
    with subprocess.Popen(["/bin/sh", "-c", command], cwd=tmp_path, env=environment) as process:
        with closing(RestClient(f"http://127.0.0.1:{port}")) as rest:
            eventually(rest.answers)
        process.terminate()
        assert process.wait(60) == 0
