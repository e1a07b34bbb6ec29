"""`workerhost logs` and the Python client, of lines that another process writes to the same database."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import httpx
import pytest

from support.commands import call
from support.log_lines import new_line
from support.processes import serve
from workerhost import AsyncClient, Client
from workerhost.client import ApiError
from workerhost.observed import LogLevel
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.store import Store
from workerhost.store.project_logs.writing import ProjectLogWriter

RUN = "01a2283d-f2e6-762e-997b-656af619b3d1"


@pytest.fixture(scope="module")
def service_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('logs') / 'workerhost.db'}"


@pytest.fixture(scope="module")
def service_url(
    tmp_path_factory: pytest.TempPathFactory, temporal: EmbeddedTemporal, service_database: str
) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("service")
    # Lines of times long ago stay.
    with serve(folder, temporal, DATABASE_URL=service_database, WORKERHOST_PROJECT_LOGS_DAYS="36500") as (
        process,
        rest,
    ):
        yield rest.url
        assert process.end() == 0


@pytest.fixture
def writer(service_database: str, client: Client, project_id: str) -> Iterator[ProjectLogWriter]:
    """Writes lines as another host does."""
    client.put_project(project_id)
    store = Store(service_database)
    yield store.project_logs.writer(10**6, 3600)
    store.close()


def test_the_command_shows_the_newest_lines_oldest_first(
    client: Client, project_id: str, writer: ProjectLogWriter
) -> None:
    now = datetime.now(UTC)
    writer.write(
        [
            new_line("long ago", project_id, at=now - timedelta(hours=2)),
            new_line("charging\x1b[31m\nERROR", project_id, at=now, workflow_id="order-1", run_id=RUN),
            new_line("refused", project_id, at=now, activity="charge", attempt=2, level=LogLevel.ERROR),
        ]
    )
    shown = call(client, "logs", project_id).stdout.splitlines()
    assert [line.partition("Z  ")[2] for line in shown if line[0] != " "] == [
        "INFO     long ago",
        r"INFO     order-1  charging\x1b[31m",
        "ERROR    charge (try 2)  refused",
    ]
    assert shown[2] == "    ERROR"
    assert call(client, "logs", project_id, "-n", "1").stdout.endswith("refused\n")
    assert call(client, "logs", project_id, "--level", "error").stdout.count("\n") == 1
    assert "long ago" not in call(client, "logs", project_id, "--since", "10m").stdout
    for run in (["--run", RUN, "--text", "CHARGING"], ["--run", "order-1"], ["--workflow", "order-1", "--run", RUN]):
        lines = call(client, "logs", project_id, *run, "--json").stdout.splitlines()
        assert [json.loads(line)["message"] for line in lines] == ["charging\x1b[31m\nERROR"]
    nothing = call(client, "logs", project_id, "--workflow", RUN)
    assert (nothing.stdout, nothing.stderr) == ("", f"Project {project_id} has no such lines in its log.\n")
    assert "'--since': 'soon' is no duration" in call(client, "logs", project_id, "--since", "soon", expect=2).stderr
    assert "does not exist" in call(client, "logs", "nobody", "--follow", expect=1).stderr
    too_many = call(client, "logs", project_id, "--follow", "-n", "2000", expect=2)
    assert "2000 is more than 1000, the most with --follow" in too_many.stderr


def test_the_command_follows_the_log_until_ctrl_c(client: Client, project_id: str, writer: ProjectLogWriter) -> None:
    writer.write([new_line("before", project_id), new_line("last", project_id)])
    command = [sys.executable, "-m", "workerhost", "logs", project_id, "-f", "-n", "1", "--url", client.url]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have Ctrl-C ignored, which a command keeps to.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  nothing else runs in between
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().endswith("last\n")
        writer.write([new_line("of another process", project_id)])
        assert process.stdout.readline().endswith("of another process\n")
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate(timeout=20)
        assert (rest, said.strip(), process.returncode) == ("", "", 130)


def test_who_follows_is_told_when_the_project_is_deleted(
    client: Client, project_id: str, writer: ProjectLogWriter
) -> None:
    writer.write([new_line("last", project_id)])
    command = [sys.executable, "-m", "workerhost", "logs", project_id, "-f", "--url", client.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().endswith("last\n")
        followed = client.follow_logs(project_id)
        assert next(followed).message == "last"
        httpx.delete(f"{client.url}/projects/{project_id}", timeout=60, trust_env=False).raise_for_status()
        with pytest.raises(ApiError, match=f"project {project_id} does not exist"):
            next(followed)
        rest, said = process.communicate(timeout=20)
        assert (rest, process.returncode) == ("", 1)
        suggestion = r"(; did you mean .+\?)?"  # projects of other tests, whose ids are like this one
        assert re.fullmatch(f"workerhost: project {project_id} does not exist{suggestion}\n", said)


def test_clients_list_all_lines_and_follow_new_ones(client: Client, project_id: str, writer: ProjectLogWriter) -> None:
    writer.write([new_line(str(number), project_id) for number in range(5)])
    assert [each.message for each in client.logs(project_id, page_size=2)] == ["4", "3", "2", "1", "0"]
    page = client.log_page(project_id, 2, text="3")
    assert ([each.message for each in page.lines], page.cursor) == (["3"], None)
    followed = client.follow_logs(project_id, newest=2)
    assert [each.message for each in islice(followed, 2)] == ["3", "4"]
    writer.write([new_line("new", project_id, level=LogLevel.WARNING)])
    assert next(followed).message == "new"
    del followed  # the generator ends its connection

    async def follow() -> str:
        async with AsyncClient(client.url) as other:
            async for line in other.follow_logs(project_id, level=LogLevel.WARNING):
                return line.message
        return ""

    assert asyncio.run(follow()) == "new"
    with pytest.raises(ApiError, match="does not exist"):
        next(client.follow_logs("nobody"))


def test_many_follow_beside_all_other_calls(client: Client, project_id: str, writer: ProjectLogWriter) -> None:
    writer.write([new_line("first", project_id)])
    streams = [client.follow_logs(project_id, newest=1) for _ in range(40)]
    assert {next(stream).message for stream in streams} == {"first"}
    assert project_id in {project.id for project in client.projects()}
    writer.write([new_line("second", project_id)])
    assert {next(stream).message for stream in streams} == {"second"}
