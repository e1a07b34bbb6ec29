"""What a run has done, node by node of its drawing."""

from collections.abc import Mapping
from typing import Any

import pytest

from support.lists_compiler import ListsCompiler, drawing, step
from workerhost.testing import Api, eventually, unique_id

ACTIVITIES = """
from temporalio import activity
from temporalio.exceptions import ApplicationError


@activity.defn
async def double(number: int) -> int:
    return 2 * number


@activity.defn
async def refuse(number: int) -> None:
    raise ApplicationError(f"no {number} today", {"left": number}, "x" * 20_000, type="SoldOut")


@activity.defn
async def flicker(number: int) -> int:
    if activity.info().attempt == 1:
        raise RuntimeError("not yet")
    return number
"""


@pytest.fixture
def plugins() -> Mapping[str, object]:
    return {"lists": ListsCompiler()}


@pytest.fixture
def project(api: Api) -> str:
    """A project without workflows, started with the first of them."""
    project = unique_id("nodes")
    api.put(f"/projects/{project}")
    return project


def publish(api: Api, project: str, *nodes: Any, version: str = "1") -> None:
    body = {"version": version, "source": drawing(*nodes), "activitiesCode": ACTIVITIES}
    api.put(f"/projects/{project}/workflows/order", body)
    api.post("/workers/start", {"projectId": project})


def path(project: str, run: str) -> str:
    return f"/projects/{project}/executions/{run}"


def nodes(api: Api, project: str, run: str) -> Any:
    return api.get(f"{path(project, run)}/nodes")


def test_each_node_has_its_label_its_values_and_its_steps_in_the_order_of_the_run(api: Api, project: str) -> None:
    publish(api, project, step("z-start", label="Start"), step("twice", "double", "Double it"), step("a-end"))
    run = api.begin(project, "order", 4)
    api.outcome(project, run)
    found = nodes(api, project, run)
    assert found["complete"] is True
    start, twice, end = found["nodes"]
    assert [each["node"] for each in (start, twice, end)] == ["z-start", "twice", "a-end"]
    assert start == {
        "node": "z-start",
        "label": "Start",
        "type": "step",
        "status": "completed",
        "attempts": 1,
        "times": 1,
        "scheduledAt": start["scheduledAt"],
        "steps": [],
    }
    assert (twice["label"], twice["type"], twice["status"]) == ("Double it", "step", "completed")
    assert (twice["input"], twice["result"], twice["attempts"], twice["times"]) == ([4], 8, 1, 1)
    assert start["scheduledAt"] <= twice["scheduledAt"] <= twice["startedAt"] <= twice["closedAt"]
    [only] = api.get(f"{path(project, run)}/steps")["steps"]
    assert twice["steps"] == [only["id"]]


def test_a_node_that_is_passed_often_has_all_its_steps_and_the_last_ones_values(api: Api, project: str) -> None:
    publish(api, project, *(step("again", "double") for _ in range(3)), *(step("mark") for _ in range(2)))
    run = api.begin(project, "order", 1)
    api.outcome(project, run)
    again, mark = nodes(api, project, run)["nodes"]
    assert (again["times"], len(again["steps"]), again["input"], again["result"]) == (3, 3, [4], 8)
    assert (mark["node"], mark["times"]) == ("mark", 2)


def test_a_failure_names_its_node_and_what_the_code_gave_along(api: Api, project: str) -> None:
    publish(api, project, step("start"), step("risky", "refuse", "Risk it"))
    run = api.begin(project, "order", 7)
    ended = api.outcome(project, run)
    assert (ended["status"], ended["failure"]["node"], ended["failure"]["attempt"]) == ("FAILED", "risky", 2)
    assert ended["failure"]["cause"]["details"][0] == {"left": 7}
    assert ended["failure"]["cause"]["details"][1]["cut"] is True
    assert "details" not in ended["failure"]
    risky = nodes(api, project, run)["nodes"][1]
    assert (risky["status"], risky["attempts"], "result" in risky) == ("failed", 2, False)
    assert (risky["failure"]["node"], risky["failure"]["details"][0]) == ("risky", {"left": 7})
    [step_failed] = api.get(f"{path(project, run)}/steps")["steps"]
    assert step_failed["failure"]["node"] == "risky"


def test_a_node_that_succeeded_at_last_keeps_why_it_did_not_at_first(api: Api, project: str) -> None:
    publish(api, project, step("flicker", "flicker"))
    run = api.begin(project, "order", 7)
    api.outcome(project, run)
    [found] = nodes(api, project, run)["nodes"]
    assert (found["status"], found["attempts"], found["result"]) == ("completed", 2, 7)
    assert found["failure"]["message"] == "not yet"


def test_without_a_worker_the_steps_alone_are_known_and_that_is_said(api: Api, project: str) -> None:
    publish(api, project, step("first", "double"), step("wait", seconds=60))
    run = api.begin(project, "order", 1)
    eventually(lambda: len(nodes(api, project, run)["nodes"]) == 2)
    assert nodes(api, project, run)["complete"] is True
    api.post("/workers/stop", {"projectId": project})
    found = nodes(api, project, run)
    assert ([each["node"] for each in found["nodes"]], found["complete"]) == (["first"], False)
    assert found["nodes"][0]["label"] == "first"
    api.post(f"{path(project, run)}/terminate")


def test_labels_are_those_of_the_version_that_the_build_has_now(api: Api, project: str) -> None:
    publish(api, project, step("only", "double", "Before"))
    run = api.begin(project, "order", 1)
    api.outcome(project, run)
    publish(api, project, step("only", "double", "Other"), step("more"), version="2")
    assert nodes(api, project, run)["nodes"][0]["label"] == "Before"
    publish(api, project, step("only", "double", "After"), version="3")
    assert nodes(api, project, run)["nodes"][0]["label"] == "After"


def test_a_run_of_code_that_was_not_drawn_has_the_nodes_that_its_steps_name(api: Api, project: str) -> None:
    api.deploy(project)
    run = api.begin(project, "Echo", "tea")
    api.outcome(project, run)
    api.post("/workers/stop", {"projectId": project})
    assert nodes(api, project, run) == {"nodes": [], "complete": True}


def test_what_does_not_exist_has_no_nodes(api: Api, project: str) -> None:
    assert api.get(f"{path(project, 'nothing')}/nodes", 404)["code"] == "execution_not_found"
    assert api.get(f"/projects/{project}-other/executions/x/nodes", 404)["code"] == "project_not_found"
