"""workerhost as its users run it: processes, signals, ports, and what is left after a kill."""

import asyncio
import ctypes
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from temporalio.client import Client

from support import greeting
from support.processes import RestClient, Workerhost, all_gone, serve, workerhost
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import ECHO, eventually, free_port


@contextmanager
def dev(folder: Path, api: int, temporal: int) -> Iterator[tuple[Workerhost, RestClient]]:
    """Run `workerhost dev` on these ports until the block ends."""
    ports = ["--port", str(api), "--temporal-port", str(temporal), "--ui-port", str(free_port())]
    with workerhost("dev", *ports, folder=folder) as process:
        process.wait_for("^Ready")
        client = RestClient(f"http://127.0.0.1:{api}")
        try:
            yield process, client
        finally:
            client.close()


@pytest.mark.samples
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_dev_runs_the_samples_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    api, temporal = free_port(), free_port()
    with dev(tmp_path, api, temporal) as (process, client):
        assert 'ok simpleTestWorkflow: "Processed: Hello from test client!"' in process.output
        assert '"transformResult": "HELLO WORLD"' in process.output
        assert f"http://127.0.0.1:{api}" in process.output
        assert f"127.0.0.1:{temporal}" in process.output
        assert client.call("GET", "/workers")["workers"] == ["samples"]
        family = process.family()
        assert process.end(number) == 0
        all_gone(family)
        assert process.output.rstrip().endswith("Stopped.")


@pytest.mark.samples
def test_what_ran_before_a_kill_runs_again_and_a_waiting_run_ends_on_its_build(tmp_path: Path) -> None:
    api, temporal = free_port(), free_port()
    runs = "/projects/shop/executions"
    with dev(tmp_path, api, temporal) as (process, client):
        client.deploy("shop", "greeting", greeting("A"))
        client.call("POST", runs, {"workflowType": "Greeting", "args": ["first"], "workflowId": "waiting"})
        eventually(lambda: _query(temporal, "waiting") == "A")
        client.call("PUT", "/projects/shop/workflows/greeting", greeting("B"))
        family = process.family()
        psutil.Process(process.pid).kill()
        all_gone(family)

    with dev(tmp_path, api, temporal) as (process, client):
        eventually(lambda: client.call("GET", "/workers")["workers"] == ["samples", "shop"])
        client.call("POST", f"{runs}/waiting/signal", {"name": "say", "args": ["bye"]})
        old = client.call("GET", f"{runs}/waiting?wait=30")
        assert old["result"] == ["A", "first from A", "bye from A"]
        new = {"workflowType": "Greeting", "args": ["second"], "workflowId": "new"}
        client.call("POST", runs, new)
        client.call("POST", f"{runs}/new/signal", {"name": "say", "args": ["bye"]})
        assert client.call("GET", f"{runs}/new?wait=30")["result"] == ["B", "second from B", "bye from B"]
        assert _running_rows(tmp_path) == ["samples", "shop"]
        assert process.end() == 0


def _query(port: int, workflow_id: str) -> Any:
    async def query() -> Any:
        client = await Client.connect(f"127.0.0.1:{port}")
        return await client.get_workflow_handle(workflow_id).query("build")

    return asyncio.run(query())


def _running_rows(folder: Path) -> list[str]:
    query = "SELECT worker_id, project_id, status, last_heartbeat FROM workflow_workers WHERE status = 'running'"
    connection = sqlite3.connect(folder / ".workerhost" / "workerhost.db")
    try:
        return sorted(row[1] for row in connection.execute(query))
    finally:
        connection.close()


def test_dev_says_which_named_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with workerhost("dev", "--port", str(port), folder=tmp_path) as process:
            assert process.wait() == 1
            process.wait_for(f"port {port} for the control API is in use")


def test_a_second_dev_in_the_same_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with dev(tmp_path, free_port(), free_port()) as (first, _):
        with workerhost("dev", folder=tmp_path) as second:
            second.wait_for("Waiting for another workerhost")
            assert second.wait() == 1
            second.wait_for("another workerhost uses")
        assert first.end() == 0


@pytest.mark.samples
def test_check_runs_the_samples_of_a_running_service(tmp_path: Path, temporal: EmbeddedTemporal) -> None:
    with serve(tmp_path, temporal) as (_, client):
        with workerhost("check", "--url", client.url, folder=tmp_path) as check:
            assert check.wait() == 0
            check.wait_for("^All checks passed")
        assert 'ok simpleTestWorkflow: "Processed: Hello from test client!"' in check.output


@pytest.mark.samples
def test_check_embedded_brings_its_own_service_up_and_down(tmp_path: Path) -> None:
    with workerhost("check", "--embedded", folder=tmp_path) as check:
        assert check.wait() == 0
        check.wait_for("^All checks passed")


def test_check_says_when_nothing_answers(tmp_path: Path) -> None:
    with workerhost("check", "--url", f"http://127.0.0.1:{free_port()}", folder=tmp_path) as check:
        assert check.wait() == 1
        check.wait_for("no workerhost answers at|no plugin brings a sample project")
        assert "Traceback" not in check.output


def test_serve_drains_and_exits_cleanly_on_sigterm(tmp_path: Path, temporal: EmbeddedTemporal) -> None:
    slow = ECHO.replace("return", "await workflow.sleep(0.5)\n        return")
    with serve(tmp_path, temporal) as (process, client):
        client.deploy("drained", "echo", {"version": "1", "workflowCode": slow})
        client.call("POST", "/projects/drained/executions", {"workflowType": "Echo", "args": ["hello"]})
        family = process.family()
        assert process.end() == 0
        all_gone(family)
        assert "Traceback" not in process.output


def test_a_host_that_is_killed_is_replaced_and_its_projects_run_again(
    tmp_path: Path, temporal: EmbeddedTemporal
) -> None:
    with serve(tmp_path, temporal) as (process, client):
        client.deploy("revived", "echo", {"version": "1", "workflowCode": ECHO})
        before = client.call("GET", "/workers/status/revived")["workerId"]
        for each in psutil.Process(process.pid).children():
            each.kill()
        eventually(lambda: client.answers("/ready"))
        eventually(lambda: client.call("GET", "/workers/status/revived")["isRunning"])
        assert client.call("GET", "/workers/status/revived")["workerId"] != before
        assert process.end() == 0


def test_serve_refuses_a_taken_port_with_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with workerhost("serve", "--port", port, folder=tmp_path) as process:
            assert process.wait() == 1
            process.wait_for("cannot be listened on")
            assert "Traceback" not in process.output


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("DATABASE_URL", "nonsense", "DATABASE_URL is not a database URL"),
        ("DATABASE_URL", "mysql://somewhere/db", "DATABASE_URL names mysql"),
        ("WORKER_SERVICE_PORT", "many", "WORKER_SERVICE_PORT"),
        ("WORKERHOST_CHECK_TIMEOUT", "-1", "WORKERHOST_CHECK_TIMEOUT"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(tmp_path: Path, variable: str, value: str, sentence: str) -> None:
    environment = {"WORKER_SERVICE_PORT": str(free_port()), variable: value}
    with workerhost("serve", folder=tmp_path, **environment) as process:
        assert process.wait() == 1
        process.wait_for(sentence)
        assert "Traceback" not in process.output


def test_db_upgrade_can_be_run_again_and_refuses_a_newer_schema(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'there.db'}"
    for _ in range(2):
        with workerhost("db", "upgrade", folder=tmp_path, DATABASE_URL=url) as process:
            assert process.wait() == 0
            process.wait_for("The database is at revision")
    connection = sqlite3.connect(tmp_path / "there.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with workerhost("db", "upgrade", folder=tmp_path, DATABASE_URL=url) as process:
        assert process.wait() == 1
        process.wait_for("made by a newer version")
        assert "Traceback" not in process.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_host_ends_whichever_of_its_threads_gets_the_signal(
    tmp_path: Path, temporal: EmbeddedTemporal, number: signal.Signals
) -> None:
    with workerhost("host", folder=tmp_path, TEMPORAL_ADDRESS=temporal.address) as process:
        process.wait_for("^Host [0-9a-f]+ runs")
        threads = [each.id for each in psutil.Process(process.pid).threads()]
        other = next(each for each in threads if each != process.pid)
        assert ctypes.CDLL(None).tgkill(process.pid, other, number) == 0
        assert process.wait() == 0
        assert "others take over" in process.output
