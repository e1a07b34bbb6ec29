"""Every list that comes in pages takes `limit` and `cursor` in one form, and no cursor of another list or project."""

from collections.abc import Mapping
from typing import Any

import pytest

from support.activities import ACTIVITIES
from support.refusals import refused
from workerhost.testing import Api, eventually

CODE = """
from temporalio import workflow


@workflow.defn
class Told:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    def say(self) -> None:
        pass
"""
RUN = {"workflowType": "Told"}

APART = {"/usage", "/projects/{projectId}/logs"}
"""The first is of no project. A log can be followed from its end, with a limit of 0; its pages have their own tests."""


def lists(api: Api) -> Mapping[str, list[Any]]:
    """Return the parameters in the query by the paths of lists that come in pages."""
    found = {}
    for path, methods in api.get("/openapi.json")["paths"].items():
        parameters = [each for each in methods.get("get", {}).get("parameters", ()) if each["in"] == "query"]
        if path not in APART and any(each["name"] == "cursor" for each in parameters):
            found[path] = parameters
    return found


@pytest.fixture
def run(api: Api, project_id: str) -> str:
    """A run of a project that has two of each that is listed."""
    api.deploy(project_id, "told", {"version": "1", "workflowCode": CODE, "activitiesCode": ACTIVITIES})
    runs = [api.begin(project_id, "Told") for _ in range(2)]
    for number in range(2):
        api.post(f"/projects/{project_id}/executions/{runs[0]}/signal", {"name": "say"})
        api.put(f"/projects/{project_id}/schedules/s{number}", {**RUN, "intervalSeconds": 3600, "paused": True})
        api.put(f"/projects/{project_id}/variables/project/v{number}", {"value": number})
        api.post(f"/projects/{project_id}/batches", {"operation": "cancel", "filter": {"workflowType": "Nothing"}})
    eventually(lambda: len(api.get(f"/projects/{project_id}/executions")["executions"]) == 2)
    return runs[0]


def test_a_cursor_is_of_one_list_of_one_project(api: Api, project_id: str, run: str) -> None:
    api.put("/projects/other")
    found = lists(api)
    listed = {"executions", "steps", "history", "schedules", "batches", "variables"}
    assert {path.rpartition("/")[2] for path in found} == listed
    paths = [path.replace("{projectId}", project_id).replace("{workflowId}", run) for path in found]
    cursors = {path: api.get(f"{path}?limit=1")["cursor"] for path in paths}
    for path in paths:
        for of, cursor in cursors.items():
            assert cursor, of
            if path == of:
                assert len(api.get(f"{path}?limit=1&cursor={cursor}")) == 2
            else:
                refused(api, "GET", f"{path}?cursor={cursor}", None, 400, "cursor is not valid here", "another list")
        other = path.replace(f"/{project_id}/", "/other/")
        refused(api, "GET", f"{other}?cursor={cursors[path]}", None, 400, "cursor is not valid here", "another project")


def test_all_pages_are_asked_for_in_one_form(api: Api) -> None:
    forms = []
    for path, parameters in lists(api).items():
        named = {each["name"]: each for each in parameters}
        forms.append((named["limit"], named["cursor"]))
        assert forms[-1] == forms[0], path
    assert forms[0][0]["schema"]["maximum"] == 1000
