"""Two versions or builds that were drawn are compared node by node."""

from collections.abc import Mapping
from typing import Any

import pytest

from support.lists_compiler import ListsCompiler, drawing, step
from workerhost.testing import ECHO, Api

ACTIVITIES = """
from temporalio import activity


@activity.defn
async def double(number: int) -> int:
    return 2 * number
"""


@pytest.fixture
def plugins() -> Mapping[str, object]:
    return {"lists": ListsCompiler()}


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    api.put(f"/projects/{project_id}")
    return project_id


def publish(api: Api, project: str, version: str, *nodes: dict[str, Any]) -> None:
    body = {"version": version, "source": drawing(*nodes), "activitiesCode": ACTIVITIES}
    api.put(f"/projects/{project}/workflows/order", body)


def test_two_versions_of_a_drawing_are_compared_node_by_node(api: Api, project: str) -> None:
    publish(api, project, "1", step("a", label="A"), step("b"), step("gone", "double"), step("end"))
    publish(api, project, "2", step("a", label="Alpha"), step("b"), step("new", label="New"), step("end", "double"))
    answer = api.get(f"/projects/{project}/workflows/order/versions/2/diff?from=1")
    assert answer["nodes"] == [
        {"workflow": "order", "node": "a", "label": "Alpha", "kind": "changed"},
        {"workflow": "order", "node": "new", "label": "New", "kind": "added"},
        {"workflow": "order", "node": "end", "label": "end", "kind": "changed"},
        {"workflow": "order", "node": "gone", "label": "gone", "kind": "removed"},
    ]
    old = next(
        each["digest"] for each in api.get(f"/projects/{project}/deployment")["builds"] if each["state"] != "current"
    )
    assert api.get(f"/projects/{project}/builds/current/diff?from={old}")["nodes"] == answer["nodes"]


def test_nothing_is_said_of_nodes_where_one_side_is_code(api: Api, project: str) -> None:
    publish(api, project, "1", step("a"))
    api.put(f"/projects/{project}/workflows/order", {"version": "2", "workflowCode": ECHO})
    assert "nodes" not in api.get(f"/projects/{project}/workflows/order/versions/2/diff?from=1")
    assert api.get(f"/projects/{project}/workflows/order/versions/1/diff?from=1")["nodes"] == []
