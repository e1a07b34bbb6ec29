"""The commands about runs, as processes: run, show, signal, query, update, cancel, terminate, retry."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.cli_workflows import ACTIVITIES, STEPS
from support.commands import call, call_json, complete
from workerhost import Client, WorkflowCode
from workerhost.testing import eventually, unique_id


@pytest.fixture
def project(client: Client, project_id: str) -> str:
    client.put_project(project_id)
    client.publish(project_id, WorkflowCode("steps", "1", STEPS, ACTIVITIES))
    client.start(project_id)
    return project_id


@pytest.fixture
def waiting(client: Client, project: str) -> str:
    return client.execute(project, "Waiting", workflow_id=unique_id("run")).workflow_id


def values(lines: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.splitlines()]


@pytest.fixture
def watcher(client: Client, project: str, waiting: str) -> Iterator["subprocess.Popen[str]"]:
    """A `show --watch` of that run, in a process of its own."""
    command = [sys.executable, "-m", "workerhost", "show", project, waiting, "--watch", "--url", client.url]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have Ctrl-C ignored, which a command keeps to.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  nothing else runs in between
    ) as process:
        yield process
        process.kill()


def test_run_shows_the_steps_and_prints_the_result(client: Client, project: str) -> None:
    run = unique_id("run")
    first, *lines = call(client, "run", project, "Greeting", "Ada", "--id", run).stdout.splitlines()
    assert first == f"Execution {run} of Greeting began"
    completed = [line for line in lines if line.startswith("completed  ")]
    assert [line.rpartition(" in ")[0] for line in completed] == ["completed  timer 100 ms", 'completed  greet("Ada")']
    assert lines[-2].startswith("COMPLETED in ")
    assert lines[-1] == '"Hello, Ada!"'


def test_run_prints_the_result_alone_or_the_ids_alone(client: Client, project: str) -> None:
    assert call(client, "run", project, "Greeting", '"3"', "--quiet").stdout == '"Hello, 3!"\n'
    detached = call_json(client, "run", project, "Greeting", "Ada", "--detach")
    assert client.wait(project, detached["workflowId"]).run_id == detached["runId"]
    run = unique_id("run")
    said = call(client, "run", project, "Greeting", "Ada", "--detach", "--id", run).stdout
    assert [line.split()[:2] for line in said.splitlines()] == [["Workflow", "id"], ["Run", "id"]]
    assert said.split()[2] == run


def test_run_prints_a_line_of_json_for_each_change(client: Client, project: str) -> None:
    started, *changes = values(call(client, "run", project, "Greeting", "Ada", "--json").stdout)
    assert list(started["started"]) == ["workflowId", "runId"]
    assert {kind for change in changes for kind in change} == {"step", "execution"}
    assert [each["step"]["name"] for each in changes if each.get("step", {}).get("status") == "completed"] == [
        "timer",
        "greet",
    ]
    assert changes[-1]["execution"]["result"] == "Hello, Ada!"
    assert [each["execution"]["status"] for each in changes if "execution" in each].count("COMPLETED") == 1


def test_run_takes_all_arguments_from_a_file(client: Client, project: str, tmp_path: Path) -> None:
    (tmp_path / "arguments.json").write_text('["Ada", {"more": true}]')
    run = unique_id("run")
    call(client, "run", project, "Greeting", "--args-json", str(tmp_path / "arguments.json"), "--id", run)
    assert client.execution(project, run).input == ("Ada", {"more": True})


def test_run_shows_tries_and_ends_with_1_where_the_run_fails(client: Client, project: str, waiting: str) -> None:
    shown = call(client, "run", project, "Stumbling", "2").stdout
    assert "stumble(2), try 1 failed: " in shown
    assert "2 tries" in shown
    client.signal(project, waiting, "say", "bad")
    failed = call(client, "show", project, waiting, "--watch", expect=1)
    assert failed.stderr == f"workerhost: execution {waiting} is FAILED: a bad word\n"
    assert failed.stdout.splitlines()[-1].startswith("FAILED in ")


def test_run_suggests_the_type_and_the_project_that_were_meant(client: Client, project: str) -> None:
    assert call(client, "run", project, "Greting", expect=1).stderr.endswith("; did you mean Greeting?\n")
    refused = call(client, "run", f"{project}x", "Greeting", expect=1).stderr
    assert refused.startswith(f"workerhost: project {project}x does not exist; did you mean {project}")


def test_run_says_what_a_type_takes_where_arguments_do_not_fit(client: Client, project: str) -> None:
    assert call(client, "run", project, "Greeting", "3", expect=1).stderr.splitlines() == [
        "workerhost: args[0]: 3 is not of type 'string'",
        "Greeting takes name (a text), more (an object or null, else null)",
        "3 is JSON here and no text; the text is written '\"3\"'",
    ]
    said = call(client, "run", project, "Greeting", "Ada", "{more: 1}", expect=1).stderr.splitlines()
    assert said[0].startswith("workerhost: args[1]: ")
    assert said[2].startswith("{more: 1} is no JSON, and so it was sent as a text")
    assert call(client, "run", project, "Greeting", expect=1).stderr.splitlines()[1].startswith("Greeting takes name")
    assert list(client.executions(project)) == []
    detached = call_json(client, "run", project, "Stumbling", "text", "--unchecked", "--detach")
    client.terminate(project, detached["workflowId"])


def test_what_is_said_to_a_run_is_explained_where_it_does_not_fit(client: Client, project: str, waiting: str) -> None:
    for command, name in (("signal", "say"), ("update", "tell"), ("query", "heard")):
        refused = call(client, command, project, waiting, name, "3", expect=1).stderr.splitlines()
        assert refused[0] == "workerhost: args[0]: 3 is not of type 'string'"
        assert refused[1] == f"{command} {name} takes a text"
    sent = call(client, "query", project, waiting, "heard", "3", "--unchecked", expect=1).stderr
    assert "the query heard failed" in sent
    client.terminate(project, waiting)


def test_run_says_at_once_that_nothing_takes_the_run_and_what_to_do(client: Client, project: str) -> None:
    begin = ("run", project, "Greeting", "Ada", "--detach")
    assert call(client, *begin).stderr == ""
    assert call(client, "pause", project, "--reason", "audit").stdout == f"Project {project} is paused\n"
    assert call(client, *begin).stderr == (
        f"The run waits: project {project} is paused; `workerhost resume {project}` has it go on\n"
    )
    assert call(client, "resume", project).stdout == f"Project {project} goes on\n"
    client.stop(project)
    assert call(client, *begin).stderr == (
        f"The run waits: project {project} is stopped; `workerhost start {project}` starts it\n"
    )
    assert call(client, *begin, "--json").stderr == ""


def test_one_run_is_paused_and_goes_on(client: Client, project: str, waiting: str) -> None:
    assert call(client, "pause", project, waiting).stdout == f"Execution {waiting} is paused\n"
    assert call_json(client, "resume", project, waiting)["success"] is True
    client.terminate(project, waiting)


def test_show_shows_a_run_with_its_steps(client: Client, project: str) -> None:
    run = unique_id("run")
    client.run(project, "Greeting", "Ada", workflow_id=run)
    fields, table = call(client, "show", project, run).stdout.split("\n\n")
    shown = dict(line.split(maxsplit=1) for line in fields.splitlines())
    assert (shown["Execution"], shown["Type"], shown["Status"]) == (run, "Greeting", "COMPLETED")
    assert (shown["Input"], shown["Result"]) == ('"Ada"', '"Hello, Ada!"')
    head, timer, greet = table.splitlines()
    assert head.split() == ["STEP", "WHAT", "STATUS", "TRIES", "TOOK", "RESULT", "OR", "REASON"]
    assert timer.split()[1:5] == ["timer", "100", "ms", "completed"]
    assert greet.split()[1:4] == ['greet("Ada")', "completed", "1"]
    answer = call_json(client, "show", project, run)
    assert answer["execution"]["result"] == "Hello, Ada!"
    assert [step["name"] for step in answer["steps"]] == ["timer", "greet"]
    only = call(client, "show", project, run, "--steps", "1").stdout
    assert "The latest of 2 steps" in only
    assert "timer" not in only


def test_show_says_why_a_run_failed_and_where(client: Client, project: str, waiting: str) -> None:
    client.signal(project, waiting, "say", "bad")
    client.wait(project, waiting)
    shown = call(client, "show", project, waiting).stdout
    assert "Failure    a bad word\n" in shown
    assert "steps.workflow, line" in shown
    assert 'signal say("bad")' in shown


def test_show_says_why_a_run_is_stuck(client: Client, project: str) -> None:
    run = client.execute(project, "Stumbling", 1000).workflow_id
    eventually(lambda: "Stuck " in call(client, "show", project, run).stdout)
    shown = call(client, "show", project, run).stdout
    assert "not yet" in shown
    assert " retrying " in shown
    client.terminate(project, run)


def test_ctrl_c_ends_the_watching_and_not_the_run(
    client: Client, project: str, waiting: str, watcher: "subprocess.Popen[str]"
) -> None:
    client.update(project, waiting, "tell", "")
    assert watcher.stdout is not None
    for line in watcher.stdout:
        if line.startswith("completed  update tell"):
            break
    watcher.send_signal(signal.SIGINT)
    _, said = watcher.communicate(timeout=30)
    assert watcher.returncode == 130
    assert f"workerhost show {project} {waiting} --watch --url {client.url}" in said
    assert "Traceback" not in said
    assert client.execution(project, waiting).status == "RUNNING"
    client.terminate(project, waiting)


def test_show_goes_on_until_the_end(
    client: Client, project: str, waiting: str, watcher: "subprocess.Popen[str]"
) -> None:
    assert call(client, "signal", project, waiting, "say", "tea").stdout
    shown, said = watcher.communicate(timeout=30)
    assert (watcher.returncode, said) == (0, "")
    assert 'completed  signal say("tea")' in shown
    assert shown.splitlines()[-1] == '"tea"'


def test_a_run_is_asked_and_told(client: Client, project: str, waiting: str) -> None:
    assert json.loads(call(client, "query", project, waiting, "heard", '"7"').stdout) == ["", "7"]
    assert call_json(client, "query", project, waiting, "heard", "a") == {"result": ["", "a"]}
    assert call(client, "update", project, waiting, "tell", "", "--id", "u1").stdout == '"told "\n'
    answer = call_json(client, "update", project, waiting, "tell", "", "--id", "u1")
    assert (answer["updateId"], answer["status"]) == ("u1", "completed")
    done = call(client, "signal", project, waiting, "say", "tea")
    assert done.stdout == f"Execution {waiting} was sent the signal say\n"
    assert client.wait(project, waiting).result == "tea"
    refused = call(client, "query", project, waiting, "herd", expect=1).stderr
    assert refused.startswith("workerhost: ")


def test_runs_are_cancelled_terminated_and_run_again(client: Client, project: str, waiting: str) -> None:
    done = call_json(client, "cancel", project, waiting, "--reason", "no more")
    assert done["success"] is True
    assert client.wait(project, waiting).status == "CANCELED"
    again = call_json(client, "retry", project, waiting, "--detach")
    assert again["workflowId"] == waiting
    assert call(client, "terminate", project, waiting, "--reason", "enough").stdout
    ended = client.execution(project, waiting)
    assert (ended.run_id, ended.status, ended.error) == (again["runId"], "TERMINATED", "enough")
    run = unique_id("run")
    client.run(project, "Greeting", "Ada", workflow_id=run)
    assert call(client, "retry", project, run, "--id", unique_id("run"), "--quiet").stdout == '"Hello, Ada!"\n'


def test_a_worker_is_started_and_stopped_as_often_as_one_likes(client: Client, project: str) -> None:
    said = [call(client, command, project).stdout for command in ("start", "stop", "stop", "start", "restart")]
    assert said == [
        f"Worker of project {project} runs already\n",
        f"Worker stopped for project {project}\n",
        f"Worker of project {project} is stopped already\n",
        f"Worker started for project {project}\n",
        f"Worker restarted for project {project}\n",
    ]
    assert call_json(client, "stop", project)["success"] is True
    assert call(client, "start", "nobody", expect=1).stderr == "workerhost: project nobody does not exist\n"


def test_a_shell_is_offered_commands_projects_types_and_runs(client: Client, project: str, waiting: str) -> None:
    assert complete("workerhost sho") == ["show"]
    assert complete("workerhost run shop --deta") == ["--detach"]
    service = {"WORKERHOST_URL": client.url}
    assert complete(f"workerhost run {project[:-2]}", **service) == [project]
    eventually(lambda: complete(f"workerhost run {project} Wai", **service) == ["Waiting"])
    for command in ("show", "signal"):
        assert complete(f"workerhost {command} {project} {waiting[:-2]}", **service) == [waiting]
    client.terminate(project, waiting)
    eventually(lambda: complete(f"workerhost signal {project} {waiting[:-2]}", **service) == [])
    assert complete(f"workerhost show {project} {waiting[:-2]}", **service) == [waiting]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "no address", ""])
def test_a_shell_is_offered_nothing_where_no_service_answers(url: str) -> None:
    assert complete("workerhost run sho", WORKERHOST_URL=url, WORKER_SERVICE_PORT="none") == []
