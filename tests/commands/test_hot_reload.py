"""`workerhost dev --projects`: what is saved in a folder runs, at once."""

import json
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support import GREETING, GREETING_ACTIVITIES
from support.processes import Workerhost, all_gone, workerhost
from workerhost import Client
from workerhost.testing import ECHO, eventually, free_port


@contextmanager
def dev(folder: Path, projects: Path) -> Iterator[tuple[Workerhost, Client]]:
    """Run `workerhost dev --projects` until the block ends."""
    port = free_port()
    ports = ["--port", str(port), "--temporal-port", str(free_port()), "--ui-port", str(free_port())]
    with (
        workerhost("dev", *ports, "--projects", str(projects), folder=folder) as process,
        Client(f"http://127.0.0.1:{port}") as client,
    ):
        process.wait_for("^Ready")
        yield process, client


def save(projects: Path, project: str, code: str, activities: str | None = None, workflow: str = "echo") -> None:
    folder = projects / project / workflow
    folder.mkdir(parents=True, exist_ok=True)
    if activities is not None:
        (folder / "activities.py").write_text(activities)
    (folder / "workflow.py").write_text(code)


def published(process: Workerhost, project: str) -> int:
    """Return how many builds of the project were announced."""
    return sum(line.startswith(f"Published {project}: build ") for line in process.lines)


def seconds_until_live(client: Client, projects: Path, mark: str) -> float:
    before = client.status("shop").build_id
    began = time.monotonic()
    save(projects, "shop", GREETING.replace("MARK", mark))
    eventually(lambda: client.status("shop").build_id != before)
    return time.monotonic() - began


def test_what_is_saved_is_live_within_a_second_and_what_runs_goes_on(tmp_path: Path) -> None:
    projects = tmp_path / "projects"
    save(projects, "shop", GREETING.replace("MARK", "A"), GREETING_ACTIVITIES.replace("MARK", "A"))
    (projects / "shop" / "README.md").write_text("No workflow")
    (projects / "empty").mkdir()
    with dev(tmp_path, projects) as (process, client):
        assert process.wait_for(r"^Published shop: build [0-9a-f]{12}… at \d\d:\d\d:\d\d, in \d+ ms$")
        client.execute("shop", "Greeting", "Ada", workflow_id="waiting")
        eventually(lambda: client.execution_page("shop").executions)
        took = [seconds_until_live(client, projects, mark) for mark in ("B1", "B2", "B")]
        assert min(took) < 1, took
        eventually(lambda: published(process, "shop") == 4)
        client.execute("shop", "Greeting", "Bob", workflow_id="new")
        for run in ("waiting", "new"):
            client.signal("shop", run, "say", "bye")
        assert client.wait("shop", "new").result == ["B", "Bob from A", "bye from A"]
        assert client.wait("shop", "waiting").result == ["A", "Ada from A", "bye from A"]
        assert "empty" not in client.workers()

        family = process.family()
        assert process.end(signal.SIGINT) == 0
        all_gone(family)
        assert process.output.rstrip().endswith("Stopped.")
        assert "Traceback" not in process.output


def test_projects_come_go_and_break_while_it_runs(tmp_path: Path) -> None:
    projects = tmp_path / "projects"
    projects.mkdir()
    with dev(tmp_path, projects) as (process, client):
        save(projects, "shop", ECHO)
        process.wait_for("^Published shop: build")
        assert client.run("shop", "Echo", "tea") == "echo: tea"

        save(projects, "shop", "\nthis is no Python")
        process.wait_for(r"^shop is not published; build [0-9a-f]{12}… goes on:\n  echo\.workflow, line 2: SyntaxError")
        assert client.run("shop", "Echo", "tea") == "echo: tea"

        save(projects, "shop", ECHO)  # as it was, which is nothing to tell
        save(projects, "new", "import nothing_such")
        process.wait_for(r"^new is not published:\n  echo\.workflow, line 1: ModuleNotFoundError")
        save(projects, "new", ECHO.replace("echo:", "new:"))
        process.wait_for("^Published new: build")
        assert client.run("new", "Echo", "tea") == "new: tea"
        assert published(process, "shop") == 1

        save(projects, "no id", ECHO)
        process.wait_for("^The folder no id is no project")
        save(projects, "new", ECHO, workflow="no workflow")
        process.wait_for("^new is not published; .*:\n  the folder no workflow cannot be a workflow")

        shutil.rmtree(projects / "shop")
        process.wait_for("^The folder of shop is gone; the project goes on with its last build")
        assert client.run("shop", "Echo", "tea") == "echo: tea"
        save(projects, "shop", ECHO.replace("echo:", "again:"))
        eventually(lambda: published(process, "shop") == 2)
        assert client.run("shop", "Echo", "tea") == "again: tea"

        assert process.output.count("is no project") == 1
        assert process.end() == 0
        assert "Traceback" not in process.output


def test_a_module_in_a_subfolder_and_one_of_the_project_count(tmp_path: Path) -> None:
    projects = tmp_path / "projects"
    rules = projects / "shop" / "echo" / "rules"
    rules.mkdir(parents=True)
    (rules / "marks.py").write_text("from ...shared import MARK\n")
    (rules / "2nd.py").touch()
    (projects / "shop" / "shared.py").write_text("MARK = 'one:'\n")
    save(projects, "shop", "from .rules.marks import MARK\n" + ECHO.replace('f"echo: {text}"', "MARK + text"))
    with dev(tmp_path, projects) as (process, client):
        process.wait_for("^Published shop: build")
        process.wait_for("^shop: left out: echo/rules/2nd.py: its name is not a Python name$")
        assert client.run("shop", "Echo", "tea") == "one:tea"
        (projects / "shop" / "shared.py").write_text("MARK = 'two:'\n")
        eventually(lambda: published(process, "shop") == 2)
        assert client.run("shop", "Echo", "tea") == "two:tea"
        (rules / "marks.py").write_text("MARK = 'three:'\n")
        eventually(lambda: published(process, "shop") == 3)
        assert client.run("shop", "Echo", "tea") == "three:tea"
        (rules / "marks.py").write_text("\nMARK = (\n")
        process.wait_for(r"^shop is not published; .*:\n  echo\.rules\.marks, line 2: SyntaxError")
        assert process.output.count("2nd.py") == 2  # by the command, and in the log of the service
        assert process.end() == 0


@pytest.mark.samples
def test_a_sample_project_that_has_a_folder_takes_its_code_from_there(tmp_path: Path) -> None:
    save(tmp_path / "projects", "samples", ECHO)
    with dev(tmp_path, tmp_path / "projects") as (process, client):
        process.wait_for("^Published samples: build")
        assert client.run("samples", "Echo", "tea") == "echo: tea"
        assert process.end() == 0


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with workerhost("dev", "--projects", "missing", folder=tmp_path) as process:
        assert process.wait() == 1
        process.wait_for("^workerhost: --projects: there is no folder missing$")


def drawn(text: str) -> str:
    """A canvas graph that says a text every morning."""
    trigger = {"triggerType": "scheduled", "schedule": "0 7 * * *"}
    nodes = [
        {"id": "morning", "type": "trigger", "data": trigger},
        {"id": "say", "type": "end", "data": {"resultMapping": text}},
    ]
    return json.dumps({"nodes": nodes, "edges": [{"source": "morning", "target": "say"}]})


def test_a_drawing_that_is_saved_is_live_with_its_schedule(tmp_path: Path) -> None:
    projects = tmp_path / "projects"
    (projects / "shop").mkdir(parents=True)
    drawing = projects / "shop" / "greet.json"
    drawing.write_text(drawn("'good morning'"))
    with dev(tmp_path, projects) as (process, client):
        process.wait_for("^Published shop: build")
        assert client.run("shop", "greet") == "good morning"
        eventually(lambda: [each.name for each in client.schedules("shop")] == ["greet"])
        drawing.write_text(drawn("'good ' + noon"))
        process.wait_for(r"^shop is not published; build [0-9a-f]{12}… goes on:\n.*say.*noon")
        drawing.write_text(drawn("'good evening'"))
        eventually(lambda: published(process, "shop") == 2)
        assert client.run("shop", "greet") == "good evening"
        assert "Traceback" not in process.output
