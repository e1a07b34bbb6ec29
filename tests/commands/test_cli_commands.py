"""The commands that call a running service, as processes: what they print where, and how they end."""

import subprocess
from pathlib import Path

import pytest

from support.commands import call, call_json
from workerhost import Client, WorkflowCode
from workerhost.testing import ECHO, free_port

Done = subprocess.CompletedProcess[str]


def make(client: Client, project_id: str) -> None:
    client.put_project(project_id)
    client.publish(project_id, WorkflowCode("echo", "1", ECHO))
    client.start(project_id)


def test_status_lists_the_projects_and_which_of_them_run(client: Client, project_id: str) -> None:
    make(client, project_id)
    [line] = [line for line in call(client, "status").stdout.splitlines() if line.startswith(project_id)]
    assert line.split() == [project_id, "running", "yes", f"{project_id}-queue"]
    answer = call_json(client, "status")
    assert project_id in answer["workers"]
    assert project_id in [each["id"] for each in answer["projects"]]


def test_the_address_may_stand_in_the_environment(client: Client, project_id: str, tmp_path: Path) -> None:
    client.put_project(project_id)
    assert project_id in call(None, "status", WORKERHOST_URL=client.url).stdout
    port = client.url.rpartition(":")[2]
    nowhere = str(tmp_path)  # so that a `dev` of the folder in which the tests are run is not asked
    assert project_id in call(None, "status", WORKER_SERVICE_PORT=port, WORKERHOST_DATA_DIR=nowhere).stdout


def test_runs_lists_the_latest_runs(client: Client, project_id: str) -> None:
    make(client, project_id)
    assert "has no runs" in call(client, "runs", project_id).stdout
    assert client.run(project_id, "Echo", "tea") == "echo: tea"
    assert client.run(project_id, "Echo", "milk") == "echo: milk"
    head, *lines = call(client, "runs", project_id, "--limit", "1").stdout.splitlines()
    assert head.split() == ["WORKFLOW", "ID", "TYPE", "STATUS", "BUILD", "STARTED", "TOOK"]
    [cells] = [line.split() for line in lines]
    assert cells[1:3] == ["Echo", "COMPLETED"]
    answer = call_json(client, "runs", project_id)
    assert [each["status"] for each in answer["executions"]] == ["COMPLETED", "COMPLETED"]
    assert answer["cursor"] is None


def test_an_error_of_the_api_is_one_sentence_on_standard_error(client: Client) -> None:
    for command in (("runs", "nobody"), ("status", "nobody", "--json")):
        done = call(client, *command, expect=1)
        assert done.stdout == ""
        [sentence] = done.stderr.splitlines()
        assert sentence.startswith("workerhost: ")
        assert "nobody" in sentence


def test_where_nothing_answers_a_sentence_says_so(tmp_path: Path) -> None:
    done = call(None, "status", "--url", f"http://127.0.0.1:{free_port()}", expect=1)
    assert "no workerhost answers at" in done.stderr
    assert done.stderr.endswith("(--url names it)\n")
    nowhere = {"WORKER_SERVICE_PORT": str(free_port()), "WORKERHOST_DATA_DIR": str(tmp_path)}
    done = call(None, "status", expect=1, **nowhere)
    for part in ("--url", "WORKERHOST_URL", "no `workerhost dev` runs in", nowhere["WORKER_SERVICE_PORT"]):
        assert part in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["deploy", "shop", "missing"], "does not exist"),
        (["deploy", "shop", ".", "--smoke", "Echo", "--smoke-arg", "tea"], "must be JSON"),
        (["deploy", "shop", ".", "--smoke-arg", "1"], "--smoke"),
        (["deploy", "shop", ".", "--ramp", "100"], "--ramp"),
        (["rollback", "shop", "--to", "a", "--version", "1"], "give one of them"),
        (["rollback", "shop", "--workflow", "echo"], "--version"),
        (["move", "shop"], "--from"),
        (["move", "shop", "run", "--from", "a"], "--from"),
        (["runs", "shop", "--limit", "0"], "--limit"),
    ],
)
def test_options_that_do_not_fit_are_explained(arguments: list[str], sentence: str) -> None:
    assert sentence in call(None, *arguments, expect=2).stderr


def test_a_folder_without_workflows_cannot_be_deployed(client: Client, project_id: str, tmp_path: Path) -> None:
    assert "holds no workflow" in call(client, "deploy", project_id, str(tmp_path), expect=1).stderr
    assert project_id not in [each.id for each in client.projects()]
