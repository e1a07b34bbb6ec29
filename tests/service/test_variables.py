"""Workflows read and change the variables of their project, with activities of the host."""

from typing import Any

import pytest

from workerhost.runtime.service import Service
from workerhost.testing import Api
from workerhost.words import VariableScope

COUNT = """
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy


async def call(name: str, argument: dict) -> dict:
    return await workflow.execute_activity(
        name, argument, start_to_close_timeout=timedelta(seconds=20), retry_policy=RetryPolicy(maximum_attempts=5)
    )


@workflow.defn
class Call:
    @workflow.run
    async def run(self, name: str, argument: dict) -> object:
        return await call(name, argument)


@workflow.defn
class Count:
    @workflow.run
    async def run(self, name: str) -> int:
        found = await call("getVariable", {"scope": "project", "name": name})
        while True:
            value = (found["value"] or 0) + 1
            wanted = {"scope": "project", "name": name, "value": value, "ifVersion": found["version"]}
            found = await call("changeVariable", wanted)
            if found["changed"]:
                return value
"""


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    api.deploy(project_id, "count", {"version": "1", "workflowCode": COUNT})
    return project_id


def _result(api: Api, project: str, workflow_id: str) -> Any:
    """Wait for a run that many others keep from getting on."""
    return api.get(f"/projects/{project}/executions/{workflow_id}?wait=90")["result"]


def _failure(api: Api, project: str, name: str, argument: Any) -> str:
    failed = api.outcome(project, api.begin(project, "Call", name, argument))
    assert failed["status"] == "FAILED"
    return str(failed["failure"])


def test_runs_that_count_at_once_lose_no_count(api: Api, service: Service, project: str) -> None:
    begun = [api.begin(project, "Count", "visits") for _ in range(50)]
    counted = sorted(_result(api, project, each) for each in begun)
    assert counted == list(range(1, 51))
    assert service.store.variables.get(project, VariableScope.PROJECT, "visits").value == 50


def test_a_variable_is_read_and_changed_with_its_version(api: Api, project: str, neighbour: str) -> None:
    name = {"scope": "service", "name": "a name with blanks"}
    assert api.run(project, "Call", "getVariable", name) == {"found": False, "value": None, "version": 0}
    made = api.run(project, "Call", "changeVariable", {**name, "value": {"a": None}, "ifVersion": 0})
    assert made == {"changed": True, "found": True, "value": {"a": None}, "version": 1}
    again = api.run(project, "Call", "changeVariable", {**name, "value": 2, "ifVersion": 0})
    assert again == {**made, "changed": False}
    named = {**name, "value": 3, "changeId": "mine"}
    assert api.run(project, "Call", "changeVariable", named)["version"] == 2
    assert api.run(project, "Call", "changeVariable", named)["version"] == 2
    assert api.run(project, "Call", "getVariable", name) == {"found": True, "value": 3, "version": 2}
    assert api.run(project, "Call", "getVariable", {**name, "scope": "project"})["found"] is False


def test_what_cannot_be_a_variable_fails_at_once_with_a_sentence(api: Api, project: str) -> None:
    name = {"scope": "project", "name": "x"}
    assert "scope" in _failure(api, project, "getVariable", {**name, "scope": "world"})
    assert "1 to 200 characters" in _failure(api, project, "changeVariable", {**name, "name": "", "value": 1})
    assert "256 KiB at most" in _failure(api, project, "changeVariable", {**name, "value": "x" * 300_000})


def test_the_environment_is_read_by_name(api: Api, project: str) -> None:
    environment = {"REGION": "eu", "LIMIT": 5, "RATE": 0.5, "ON": True, "EMPTY": None}
    settings = {"environment": environment, "components": {"Send mail": "sendMail"}}
    assert api.put(f"/projects/{project}", {"settings": settings})["settings"] == settings
    names = {"names": ["ON", "REGION", "EMPTY", "RATE", "OTHER", "LIMIT"]}
    expected = {"ON": True, "REGION": "eu", "EMPTY": None, "RATE": 0.5, "OTHER": None, "LIMIT": 5}
    assert api.run(project, "Call", "readEnvironment", names) == expected


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"environment": {"1A": 1}}, "settings.environment has the key '1A'"),
        ({"environment": {"A": [1]}}, "settings.environment.A must be a text of 10000 characters at most, a number"),
        ({"environment": {"A": "x" * 10_001}}, "settings.environment.A must be a text of 10000 characters at most"),
        ({"environment": {f"A{each}": "x" * 9000 for each in range(10)}}, "settings.environment must not be larger"),
        ({"components": {"": "a"}}, "settings.components has the key ''"),
        ({"components": {"Send mail": ""}}, "settings.components.Send mail is required"),
    ],
)
def test_an_environment_and_components_that_do_not_fit_are_refused(
    api: Api, project_id: str, given: Any, sentence: str
) -> None:
    assert sentence in api.put(f"/projects/{project_id}", {"settings": given}, expect=400)["error"]


def test_the_catalogue_has_the_activities_for_variables(api: Api) -> None:
    activities = {each["name"]: each for each in api.get("/activities")["activities"]}
    for name, required in (("getVariable", ["scope", "name"]), ("changeVariable", ["scope", "name", "value"])):
        assert activities[name]["plugin"] == "variables"
        assert activities[name]["inputSchema"]["required"] == required
        assert set(activities[name]["outputSchema"]["required"]) >= {"found", "value", "version"}
    assert activities["readEnvironment"]["inputSchema"]["required"] == ["names"]
