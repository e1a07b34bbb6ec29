"""Drawn on a canvas, compiled, published as code and run on the real server, with the activities of the samples."""

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from drawings_canvas import activity, edge, graph, line, node

from workerhost.drawing import Compilation, CompileContext, KnownActivity
from workerhost.testing import Api
from workerhost_drawings.compiling import compile_drawing

pytestmark = pytest.mark.samples


class Canvas:
    """A project whose workflows are drawn."""

    def __init__(self, api: Api, project_id: str) -> None:
        self.api, self.project_id = api, project_id
        known = api.get("/activities")["activities"]
        self.activities = {each["name"]: KnownActivity(each["name"], each["inputSchema"]) for each in known}
        api.put(f"/projects/{project_id}")

    def compile(self, name: str, source: object, settings: Mapping[str, Any] | None = None) -> Compilation:
        context = CompileContext(self.project_id, name, settings or {}, self.activities)
        return compile_drawing("canvas", source, context, "workerhost-drawings 0.1.0")

    def publish(self, name: str, source: object) -> Compilation:
        made = self.compile(name, source)
        assert not made.problems
        body = {"version": "1", "workflowCode": made.workflow_code}
        self.api.put(f"/projects/{self.project_id}/workflows/{name}", body)
        return made

    def start(self) -> None:
        self.api.post("/workers/start", {"projectId": self.project_id})

    def run(self, source: object, *args: object) -> Any:
        self.publish("drawn", source)
        self.start()
        return self.api.run(self.project_id, "drawn", *args)


@pytest.fixture
def canvas(api: Api, project_id: str) -> Canvas:
    return Canvas(api, project_id)


def test_a_signal_that_must_come_in_time_fails_the_run(canvas: Canvas) -> None:
    config = {"signalName": "go", "timeout": "100ms", "timeoutAction": "fail"}
    canvas.publish("drawn", line(node("w", "activity", componentName="WaitForSignalActivity", config=config)))
    canvas.start()
    outcome = canvas.api.outcome(canvas.project_id, canvas.api.begin(canvas.project_id, "drawn"))
    assert outcome["status"] == "FAILED"
    assert "go did not come within 0.1 s" in json.dumps(outcome)


@pytest.mark.parametrize(
    ("rounds", "expected"),
    [(0, []), (2, ["Processed: 0", "Processed: 1"]), (9, ["Processed: 0", "Processed: 1", "Processed: 2"])],
)
def test_a_loop_can_be_left_from_its_body(canvas: Canvas, rounds: int, expected: list[str]) -> None:
    nodes = [
        node("again", "loop", condition="state.n < input"),
        node("stop", "condition", condition="state.n >= 3"),
        activity("a", "${state.n}" + ""),
        _set("all", "all", "[...state.all, a]"),
        _set("n", "n", "state.n + 1"),
        node("end", "end", resultMapping="state.all"),
    ]
    nodes[2]["data"]["config"]["message"] = "${String(state.n)}"
    links = ["start > again", "again > stop : continue", "stop > end : true", "stop > a : false"]
    source = graph(nodes, *links, "a > all", "all > n", "n > again", "again > end : done")
    source["variables"] = [{"name": "n", "defaultValue": 0}, {"name": "all", "defaultValue": []}]
    assert canvas.run(source, rounds) == expected


def _set(identifier: str, name: str, code: str, **more: Any) -> dict[str, Any]:
    data = {"componentName": "SetVariable", "variableName": name, "valueExpression": code, **more}
    return node(identifier, "state-variable", **data)


def test_loops_stand_in_each_other_and_branches_in_loops(canvas: Canvas) -> None:
    nodes = [
        node("rows", "loop", config={"items": "input", "itemVariable": "row"}),
        node("cells", "loop", config={"items": "row", "itemVariable": "cell", "indexVariable": "column"}),
        _set("sum", "sum", "state.sum + cell * column"),
        activity("x", "x"),
        activity("y", "y"),
        _set("said", "said", "state.said + x.slice(-1) + y.slice(-1)"),
        node("end", "end", resultMapping="[state.sum, state.said]"),
    ]
    links = ["start > rows", "rows > cells : continue", "cells > sum : continue", "sum > cells", "cells > x : done"]
    links += ["x > said", "said > rows", "rows > end : done"]
    source = graph(nodes, *links, variables=[{"name": "sum", "defaultValue": 0}, {"name": "said", "defaultValue": ""}])
    source["edges"] += [edge("cells > y : done"), edge("y > said")]
    assert canvas.compile("drawn", source).problems  # two edges of one label
    source["nodes"].append(node("both", "phase"))
    source["edges"] = [each for each in source["edges"] if "cells >" not in each["id"] or "sum" in each["id"]]
    source["edges"] += [edge("cells > both : done"), edge("both > x"), edge("both > y")]
    assert canvas.run(source, [[1, 2], [3, 4, 5]]) == [16, "xyxy"]


def test_names_that_are_words_of_python_are_fine(canvas: Canvas) -> None:
    ids = [
        "class",
        "import",
        "None",
        "self",
        "workflow-1",
        "print",
        "js",
        "42",
        "a b",
        "ünïcode",
        "state",
        "lambda",
        "def",
    ]
    nodes = [activity(each, f"at {each}") for each in ids]
    results = "lambda, result_class, result_import, result_42, result_a_b, result_state, workflow-1"
    end = node("end", "end", resultMapping=f"[{results}].map(x => x.slice(11))")
    assert canvas.run(line(*nodes, end)) == [
        "at lambda",
        "at class",
        "at import",
        "at 42",
        "at a b",
        "at state",
        "at workflow-1",
    ]


def test_the_state_keeps_merges_and_demands(canvas: Canvas) -> None:
    nodes = [
        _set("one", "user", "{ name: 'Ada', age: 36 }"),
        _set("two", "user", "{ age: 37 }", merge=True),
        node("get", "state-variable", componentName="GetVariable", variableName="user", throwIfMissing=True),
        node("other", "state-variable", componentName="GetVariable", variableName="other", defaultValue="${get.name}!"),
        node("end", "end", resultMapping="{ get, other }"),
    ]
    assert canvas.run(line(*nodes)) == {"get": {"name": "Ada", "age": 37}, "other": "Ada!"}


def test_a_variable_that_is_missing_and_needed_fails_the_run(canvas: Canvas) -> None:
    canvas.publish("drawn", line(_set("s", "x", "1", createIfMissing=False)))
    canvas.start()
    outcome = canvas.api.outcome(canvas.project_id, canvas.api.begin(canvas.project_id, "drawn"))
    assert outcome["status"] == "FAILED"
    assert "The run has no variable x" in json.dumps(outcome)


def test_a_run_that_a_signal_starts_has_its_payload_as_input(canvas: Canvas) -> None:
    source = line(
        node("start", "trigger", triggerType="signal", signalName="ordered"), activity("a", "order ${input.id}")
    )
    canvas.publish("drawn", source)
    canvas.start()
    body = {"workflowType": "drawn", "signal": {"name": "ordered", "args": [{"id": 7}]}}
    workflow_id = canvas.api.post(f"/projects/{canvas.project_id}/executions", body)["workflowId"]
    assert canvas.api.outcome(canvas.project_id, workflow_id)["result"] == "Processed: order 7"


def test_the_result_without_a_mapping_is_that_of_the_node_before(canvas: Canvas) -> None:
    nodes = [
        node("if", "condition", condition="input"),
        activity("a", "a"),
        activity("b", "b"),
        node("end", "end", includeMetadata=True),
    ]
    source = graph(nodes, "start > if", "if > a : true", "if > b : false", "a > end", "b > end")
    result = canvas.run(source, True)
    assert result["result"] == "Processed: a"
    assert result["metadata"]["workflowType"] == "drawn"
    assert canvas.api.run(canvas.project_id, "drawn", False)["result"] == "Processed: b"


def test_parallel_branches_without_a_mapping_give_the_list_of_their_results(canvas: Canvas) -> None:
    source = graph(
        [activity("a", "a"), activity("b", "b"), node("end", "end")], "start > a", "start > b", "a > end", "b > end"
    )
    assert canvas.run(source) == ["Processed: a", "Processed: b"]


def test_steps_of_a_run_name_their_nodes(canvas: Canvas) -> None:
    canvas.publish("drawn", line(activity("first-1"), activity("second")))
    canvas.start()
    workflow_id = canvas.api.begin(canvas.project_id, "drawn")
    canvas.api.outcome(canvas.project_id, workflow_id)
    steps = canvas.api.get(f"/projects/{canvas.project_id}/executions/{workflow_id}/steps")["steps"]
    assert [each["node"] for each in steps] == ["first-1", "second"]


def test_a_run_that_takes_longer_than_its_drawing_allows_fails(canvas: Canvas) -> None:
    definition = line(node("w", "signal", signalName="never"), activity("a"))
    canvas.publish("drawn", {"definition": definition, "executionSettings": {"timeout": "200ms"}})
    quick = {"definition": line(activity("a", "done in time")), "executionSettings": {"timeout": "1m"}}
    canvas.publish("quick", quick)
    canvas.start()
    outcome = canvas.api.outcome(canvas.project_id, canvas.api.begin(canvas.project_id, "drawn"))
    assert outcome["status"] == "FAILED"
    assert "The run took longer than 0.2 s" in json.dumps(outcome)
    assert canvas.api.run(canvas.project_id, "quick") == "Processed: done in time"


def test_the_largest_drawing_is_compiled_in_seconds(canvas: Canvas) -> None:
    began = time.monotonic()
    made = canvas.compile("drawn", line(*(activity(f"a{number}", "${input.x} and more") for number in range(1990))))
    assert not made.problems
    assert time.monotonic() - began < 10
