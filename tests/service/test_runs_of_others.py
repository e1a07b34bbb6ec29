"""A run of another project is not found, whatever call names it."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from support.refusals import refused
from workerhost.api.app import BLUEPRINTS
from workerhost.testing import ECHO, Api, unique_id

BODIES: dict[str, Any] = {
    "signal": {"name": "say"},
    "query": {"name": "say"},
    "update": {"name": "say"},
    "reset": {"to": "first"},
    "move": {"build": "current"},
}
"""What the calls must be sent that need a body, by the ends of their paths."""

CODE = {"version": "1", "workflowCode": ECHO}


def calls() -> Iterator[tuple[str, str]]:
    """Yield the method and the path of each call that is about one run."""
    app = Flask("workerhost", static_folder=None)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for rule in app.url_map.iter_rules():
        if "workflow_id" in rule.arguments:
            yield from ((method, rule.rule) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))


CALLS = sorted(calls())


@pytest.fixture(scope="module")
def projects() -> list[str]:
    """A project that has a run, and one that has none. All tests of the module look at the same run."""
    return [unique_id("owner"), unique_id("stranger")]


@pytest.fixture
def run(api: Api, projects: list[str]) -> Iterator[str]:
    """The id of the run, to which nothing happens."""
    owner, stranger = projects
    run = f"{owner}-run"
    for project in projects:
        api.deploy(project, "echo", CODE, start=False)
    api.post(f"/projects/{owner}/executions", {"workflowType": "Echo", "args": ["tea"], "workflowId": run}, (202, 409))
    assert api.get(f"/projects/{stranger}/executions") == {"executions": [], "cursor": None}
    before = api.get(f"/projects/{owner}/executions/{run}/history")
    yield run
    assert api.get(f"/projects/{owner}/executions/{run}/history") == before


def test_the_calls_are_those_that_there_are() -> None:
    ends = {path.rpartition(">")[2] or path for _, path in CALLS}
    assert {"/cancel", "/terminate", "/steps", "/history", "/events", "/retry", "/pause", "/resume"} <= ends
    assert len(CALLS) >= 15


@pytest.mark.parametrize(("method", "rule"), CALLS)
def test_a_run_of_another_project_is_not_found(api: Api, projects: list[str], run: str, method: str, rule: str) -> None:
    body = None if method == "GET" else BODIES.get(rule.rpartition("/")[2], {})
    for project in (projects[1], "nobody"):
        ids = {"project_id": project, "workflow_id": run, "step_id": "1"}
        path = rule.replace("<", "{").replace(">", "}").format(**ids)
        answer = refused(api, method, path, body, 404, project)
        assert answer["code"] == ("project_not_found" if project == "nobody" else "execution_not_found")
