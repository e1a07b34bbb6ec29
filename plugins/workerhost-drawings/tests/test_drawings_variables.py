"""The code of drawn workflows reads and changes variables, and loses no change of another run."""

from typing import Any

import pytest

from workerhost.testing import Api

CODE = """
from temporalio import workflow
from workerhost_drawings.v1 import js, variables


@workflow.defn
class Count:
    @workflow.run
    async def run(self, by: int = 1) -> int:
        return await variables.change(
            "project", "count", lambda present: (0 if present is js.undefined else present) + by, node="counting"
        )


@workflow.defn
class Read:
    @workflow.run
    async def run(self, name: object, options: dict) -> object:
        found = await variables.read("service", name, node="reading", **options)
        return "undefined" if found is js.undefined else found


@workflow.defn
class Change:
    @workflow.run
    async def run(self, name: object, value: object, options: dict) -> object:
        return await variables.change("service", name, lambda _: value, **options)


@workflow.defn
class Undefined:
    @workflow.run
    async def run(self) -> list:
        left_out = await variables.change("service", "object", lambda _: {"a": 1, "b": js.undefined})
        nothing = await variables.change("service", "nothing", lambda _: js.undefined)
        return [left_out, nothing]
"""


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    api.deploy(project_id, "state", {"version": "1", "workflowCode": CODE})
    return project_id


def _kept(api: Api, project: str, scope: str, name: str) -> Any:
    return api.get(f"/projects/{project}/variables/{scope}/{name}")["value"]


def _result(api: Api, project: str, workflow_id: str) -> Any:
    """Wait for a run that many others keep from getting on."""
    return api.get(f"/projects/{project}/executions/{workflow_id}?wait=90")["result"]


def _failure(api: Api, project: str, workflow_type: str, *args: Any) -> str:
    failed = api.outcome(project, api.begin(project, workflow_type, *args))
    assert failed["status"] == "FAILED"
    return str(failed["failure"])


def test_fifty_runs_at_once_count_to_fifty(api: Api, project: str) -> None:
    begun = [api.begin(project, "Count") for _ in range(50)]
    assert sorted(_result(api, project, each) for each in begun) == list(range(1, 51))
    assert _kept(api, project, "project", "count") == 50


def test_the_steps_of_a_variable_name_its_node(api: Api, project: str) -> None:
    run = api.begin(project, "Count", 7)
    assert api.outcome(project, run)["result"] == 7
    steps = api.get(f"/projects/{project}/executions/{run}/steps")["steps"]
    assert [(each["name"], each["node"]) for each in steps] == [
        ("getVariable", "counting"),
        ("changeVariable", "counting"),
    ]


def test_a_variable_that_is_not_there_is_undefined_a_default_or_an_error(api: Api, project: str) -> None:
    assert api.run(project, "Read", "x", {}) == "undefined"
    assert api.run(project, "Read", "x", {"default": {"a": None}}) == {"a": None}
    assert api.run(project, "Read", "x", {"default": 5, "throw_if_missing": True}) == 5
    failure = _failure(api, project, "Read", "x", {"throw_if_missing": True})
    assert "the service has no variable x; declare it, or set it first" in failure
    assert "the name of a variable must be a text" in _failure(api, project, "Read", 5, {})
    api.put(f"/projects/{project}/variables/service/x", {"value": None})
    assert api.run(project, "Read", "x", {"default": 5, "throw_if_missing": True}) is None


def test_a_change_makes_declares_or_merges(api: Api, project: str) -> None:
    failure = _failure(api, project, "Change", "x", 1, {"create_if_missing": False})
    assert "the service has no variable x" in failure
    assert api.run(project, "Change", "x", {"a": 1, "b": 1}, {"only_if_missing": True}) == {"a": 1, "b": 1}
    assert api.run(project, "Change", "x", 5, {"only_if_missing": True}) == {"a": 1, "b": 1}
    assert api.run(project, "Change", "x", {"b": 2, "c": 3}, {"merge": True}) == {"a": 1, "b": 2, "c": 3}
    assert api.run(project, "Change", "x", [1], {"merge": True}) == [1]
    assert api.run(project, "Change", "x", 6, {"create_if_missing": False}) == 6
    assert _kept(api, project, "service", "x") == 6


def test_what_is_undefined_is_kept_as_json_has_it(api: Api, project: str) -> None:
    assert api.run(project, "Undefined") == [{"a": 1}, None]
    assert _kept(api, project, "service", "object") == {"a": 1}


def test_a_value_that_cannot_be_kept_fails_the_run_with_a_sentence(api: Api, project: str) -> None:
    assert "256 KiB at most" in _failure(api, project, "Change", "x", "x" * 300_000, {})
