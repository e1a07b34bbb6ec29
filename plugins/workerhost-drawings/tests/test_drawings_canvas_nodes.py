"""What each type of node of a canvas becomes."""

import json
from typing import Any

import pytest
import yaml
from drawings_canvas import activity, edge, graph, line, node, plain, reading, ways

from workerhost.drawing import CompileContext, KnownActivity
from workerhost_drawings.compiling import compile_drawing
from workerhost_drawings.flow.steps import Retry


def js(code: str, path: str | None = None) -> dict[str, Any]:
    return {"code": code, **({"path": path} if path else {})}


def template(text: str, path: str) -> dict[str, Any]:
    return {"text": text, "path": path}


def test_an_activity_is_called_with_its_configuration() -> None:
    read = reading(line(activity("a", "hello ${input.name}", timeout="30s", label="Greet")))
    assert read.step("a") == {
        "activity": "sampleActivity",
        "input": {"fields": {"message": template("hello ${input.name}", "config.message")}},
        "result": "a",
        "retry": None,
        "startToClose": 30_000,
        "heartbeat": None,
    }
    assert read.program.flow.steps[1].label == "Greet"


@pytest.mark.parametrize("kind", ["activity", "agent"])
def test_a_component_of_the_project_stands_for_an_activity(kind: str) -> None:
    settings = {"components": {"Mailer": "transformData", "Log": "ping"}}
    source = line(
        node("a", kind, componentName="Mailer", config={"to": ["${input.to}", 1], "deep": {"x": True}}),
        node("b", kind, activityName="ping"),
        node("c", kind, componentName="Log"),
    )
    read = reading(source, settings)
    assert read.step("a")["activity"] == "transformData"
    assert read.step("a")["input"] == {
        "fields": {
            "to": {"items": [template("${input.to}", "config.to.0"), {"value": 1}]},
            "deep": {"value": {"x": True}},
        }
    }
    assert (read.step("b")["activity"], read.step("b")["input"]) == ("ping", None)
    assert read.step("c")["activity"] == "ping"


def test_a_line_for_the_log_is_always_a_text() -> None:
    source = line(
        node("a", "activity", componentName="Log", logMessage="${input.count}", logLevel="WARNING"),
        node("b", "activity", componentName="Log", logMessage="at ${a}", includeWorkflowContext=True),
    )
    read = reading(source)
    assert read.step("a")["activity"] == "logMessage"
    assert read.step("a")["input"] == {
        "fields": {"level": {"value": "warn"}, "message": js("`${input.count}`", "logMessage")}
    }
    assert read.step("b")["input"]["fields"] == {
        "level": {"value": "info"},
        "message": template("at ${a}", "logMessage"),
        "data": {"fields": {"input": {"name": "input"}, "state": {"name": "state"}}},
    }


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"strategy": "keep-trying", "initialInterval": "2s"}, Retry(initial_interval=2000)),
        ({"strategy": "keep-trying", "maxAttempts": 4}, Retry()),
        ({"strategy": "fail-after-x", "maxAttempts": "3"}, Retry(maximum_attempts=3)),
        ({"maxAttempts": 3}, Retry(maximum_attempts=3)),
        (
            {"strategy": "exponential-backoff", "initialInterval": "500ms", "maxInterval": 60, "maxAttempts": 5},
            Retry(maximum_attempts=5, initial_interval=500, maximum_interval=60_000, backoff_coefficient=2),
        ),
        ({"strategy": "exponential-backoff", "backoffCoefficient": 1.5}, Retry(backoff_coefficient=1.5)),
        ({"strategy": "none"}, Retry(maximum_attempts=1)),
    ],
)
def test_retry_policies_become_those_of_temporal(policy: dict[str, Any], expected: Retry) -> None:
    step = reading(line(activity("a", retryPolicy=policy))).program.flow.steps[1]
    assert step.kind == "activity"
    assert step.retry == expected


def test_a_retry_node_brings_a_policy_to_the_node_that_follows_unless_that_has_its_own() -> None:
    source = line(
        node("r", "retry", config={"maxAttempts": 2}),
        activity("a"),
        node("s", "retry", config={"maxAttempts": 3}),
        activity("b", retryPolicy={"strategy": "none"}),
        activity("c"),
        metadata={"retryPolicy": {"strategy": "fail-after-x", "maxAttempts": 9}},
    )
    read = reading(source)
    assert [read.step(each)["retry"]["maximumAttempts"] for each in "abc"] == [2, 1, 9]
    assert read.step("r") == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("1.5h", 5_400_000), (7, 7000), ("2d", 172_800_000)],
)
def test_times_are_written_with_their_unit_or_as_seconds(text: object, expected: int) -> None:
    assert reading(line(activity("a", timeout=text))).step("a")["startToClose"] == expected


@pytest.mark.parametrize(
    "waiting",
    [
        node("w", "signal", signalName="approve", timeout="5m"),
        node("w", "activity", componentName="WaitForSignalActivity", config={"signalName": "approve", "timeout": "5m"}),
    ],
    ids=["signal", "activity"],
)
def test_a_signal_is_waited_for_up_to_its_timeout(waiting: dict[str, Any]) -> None:
    read = reading(line(waiting))
    assert read.step("w") == {"signal": "approve", "timeout": 300_000, "result": "w"}
    assert len(read.program.flow.steps) == 2


def test_a_signal_that_must_come_in_time_raises_an_error_after_the_timeout() -> None:
    config = {"signalName": "approve", "timeout": "5s", "timeoutAction": "fail", "expectedFields": ["by"]}
    read = reading(
        line(node("wait-1", "activity", componentName="WaitForSignalActivity", config=config), activity("a"))
    )
    assert ways(read.program.flow) == {
        "start": "wait-1",
        "wait-1": "wait-1/in time",
        "wait-1/in time": ("wait-1/late", "a"),
        "wait-1/late": None,
        "a": None,
    }
    assert read.step("wait-1/in time")["cases"][0]["when"] == js("!wait-1.acknowledged")
    assert read.step("wait-1/late")["error"]["value"]["detail"] == "The signal approve did not come within 5 s."


def test_a_condition_branches_and_its_branches_meet_again() -> None:
    source = graph(
        [node("if", "condition", config={"condition": "input.x > 1"}), activity("a"), activity("b"), activity("c")],
        *("start > if", "if > a : Yes", "if > b : NO", "a > c", "b > c"),
    )
    read = reading(source)
    assert ways(read.program.flow) == {
        "start": "if",
        "if": ("a", "b"),
        "b": "c",
        "a": "c",
        "c": None,
    }
    assert read.step("if")["cases"][0]["when"] == js("input.x > 1", "config.condition")


def test_a_condition_names_its_paths_in_its_fields() -> None:
    config = {"condition": "${input.x}", "truePath": "a", "falsePath": "b"}
    nodes = [node("if", "conditional", config=config), activity("a"), activity("b")]
    read = reading(graph(nodes, "start > if", "if > b"))
    assert ways(read.program.flow)["if"] == ("a", "b")
    assert read.step("if")["cases"][0]["when"] == template("${input.x}", "config.condition")


def test_a_single_edge_without_a_label_is_the_other_way() -> None:
    nodes = [node("if", "condition", condition="input.x"), activity("a"), activity("b")]
    handle = {**edge("if > a"), "sourceHandle": "false"}
    source = graph(nodes, "start > if", "if > b")
    source["edges"].append(handle)
    assert ways(reading(source).program.flow)["if"] == ("b", "a")


def test_without_a_false_branch_the_run_goes_on_where_the_true_branch_joins() -> None:
    nodes = [
        node("one", "condition", condition="input.x"),
        node("two", "condition", condition="input.y"),
        activity("a"),
        activity("b"),
        node("end", "end"),
    ]
    source = graph(nodes, "start > one", "one > two : true", "two > a : true", "two > b : false", "a > b", "b > end")
    read = reading(source)
    assert ways(read.program.flow)["one"] == ("two", "end")
    assert read.warning.node == "one"
    assert read.warning.path == "edges"
    assert "goes on at end" in read.warning.reason


def test_without_a_false_branch_and_an_end_the_run_ends_there() -> None:
    read = reading(line(node("one", "condition", condition="input.x"), activity("a")))
    assert ways(read.program.flow)["one"] == ("a", None)
    assert "the run ends there" in read.warning.reason


def test_a_while_loop_has_its_body_as_a_flow_of_its_own() -> None:
    nodes = [
        node("again", "loop", condition="state.n < 3", continueAsNew=True, maxIterationsBeforeReset=2),
        activity("a"),
        node("n", "state-variable", componentName="SetVariable", variableName="n", valueExpression="state.n + 1"),
        node("end", "end", resultMapping="state.n"),
    ]
    source = graph(nodes, "start > again", "again > a : continue", "a > n", "n > again", "again > end : done")
    source["variables"] = [{"name": "n", "type": "number", "defaultValue": 0}]
    read = reading(source)
    loop = next(each for each in read.program.flow.steps if each.id == "again")
    assert loop.kind == "while"
    assert (loop.reset_after, loop.reset_history, loop.next) == (2, None, "end")
    assert loop.condition.model_dump(exclude_unset=True) == js("state.n < 3", "condition")
    assert ways(loop.body) == {"a": "n", "n": "n/state", "n/state": None}
    assert read.step("/state") == {"into": "state", "value": {"fields": {"n": {"value": 0}}}}
    assert read.program.flow.start == "/state"


def test_a_drawing_says_for_all_its_loops_when_they_continue_as_new() -> None:
    nodes = [node("again", "loop", condition="input.x"), activity("a")]
    metadata = {"continueAsNew": {"enabled": True, "maxHistoryLength": 500}}
    read = reading(graph(nodes, "start > again", "again > a : continue", "a > again", metadata=metadata))
    assert read.step("again")["resetHistory"] == 500


def test_a_loop_through_items_names_each_item() -> None:
    config = {"items": "${input.items}", "itemVariable": "order", "indexVariable": "number"}
    nodes = [node("each", "loop", config=config), activity("a", "${order.id} ${number}"), activity("b")]
    read = reading(graph(nodes, "start > each", "each > a", "a > each", "each > b"))
    loop = next(each for each in read.program.flow.steps if each.id == "each")
    assert loop.kind == "each"
    assert (loop.item, loop.index, loop.next) == ("order", "number", "b")
    assert loop.items.model_dump(exclude_unset=True) == template("${input.items}", "config.items")
    assert ways(loop.body) == {"a": None}
    assert read.program.names["order"] == "order"


def test_a_way_out_of_the_body_of_a_loop_makes_it_a_branch() -> None:
    nodes = [
        node("again", "loop", condition="input.x"),
        node("if", "condition", condition="input.y"),
        activity("a"),
        activity("b"),
    ]
    links = [
        "start > again",
        "again > if : continue",
        "if > b : true",
        "if > a : false",
        "a > again",
        "again > b : done",
    ]
    assert ways(reading(graph(nodes, *links)).program.flow) == {
        "start": "again",
        "again": ("if", "b"),
        "b": None,
        "if": ("b", "a"),
        "a": "again",
    }


def test_a_cycle_of_a_condition_needs_no_loop() -> None:
    nodes = [activity("a"), node("if", "condition", condition="input.y"), activity("b")]
    read = reading(graph(nodes, "start > a", "a > if", "if > a : true", "if > b : false"))
    assert ways(read.program.flow) == {"start": "a", "a": "if", "if": ("a", "b"), "b": None}


def test_several_edges_out_of_a_node_run_at_once_until_they_meet() -> None:
    nodes = [activity("a"), activity("b"), activity("b2"), activity("c"), node("end", "end")]
    read = reading(graph(nodes, "start > b", "start > a", "a > c", "b > b2", "b2 > c", "c > end"))
    assert ways(read.program.flow) == {"start": "start/branches", "start/branches": "c", "c": "end", "end": None}
    parallel = read.program.flow.steps[1]
    assert parallel.kind == "parallel"
    assert [(each.name, ways(each.flow)) for each in parallel.branches] == [
        ("a", {"a": None}),
        ("b", {"b": "b2", "b2": None}),
    ]
    assert plain(read.program.flow.steps[-1]) == {"result": {"name": "c"}}


def test_the_result_of_parallel_branches_before_an_end_is_the_list_of_theirs() -> None:
    read = reading(
        graph([activity("a"), activity("b"), node("end", "end")], "start > a", "start > b", "a > end", "b > end")
    )
    parallel = read.program.flow.steps[1]
    assert parallel.kind == "parallel"
    assert parallel.result == "branches_start"
    assert [each.flow.result and each.flow.result.model_dump(exclude_unset=True) for each in parallel.branches] == [
        {"name": "a"},
        {"name": "b"},
    ]
    assert read.step("end") == {"result": {"name": "branches_start"}}


def test_parallel_branches_stand_in_loops_and_in_each_other() -> None:
    nodes = [node("each", "loop", config={"items": "input.items"}), *(activity(each) for each in "abcdef")]
    links = [
        "start > each",
        "each > a : continue",
        "a > b",
        "a > c",
        "b > d",
        "b > e",
        "d > f",
        "e > f",
        "f > each",
        "c > each",
    ]
    read = reading(graph(nodes, *links))
    loop = read.program.flow.steps[1]
    assert loop.kind == "each"
    assert ways(loop.body) == {"a": "a/branches", "a/branches": None}
    outer = loop.body.steps[1]
    assert outer.kind == "parallel"
    assert [ways(each.flow) for each in outer.branches] == [
        {"b": "b/branches", "b/branches": "f", "f": None},
        {"c": None},
    ]


def test_an_early_end_in_a_branch_leaves_the_others_where_they_meet() -> None:
    nodes = [
        node("if", "condition", condition="input.x"),
        *(activity("b"), activity("c"), node("early", "end"), node("end", "end")),
    ]
    links = ["start > if", "start > b", "if > early : true", "if > c : false", "b > c", "c > end"]
    read = reading(graph(nodes, *links))
    assert ways(read.program.flow) == {"start": "start/branches", "start/branches": "c", "c": "end", "end": None}
    assert read.warning.node == "early"


def test_a_child_workflow_is_of_the_same_project() -> None:
    config = {"workflowType": "billing", "input": {"id": "${input.id}"}, "parentClosePolicy": "ABANDON"}
    read = reading(line(node("c", "child-workflow", config=config)), types=["billing"])
    assert read.step("c") == {
        "workflowType": "billing",
        "input": {"fields": {"id": template("${input.id}", "config.input.id")}},
        "workflowId": None,
        "parentClosePolicy": "abandon",
        "waits": True,
        "result": "c",
        "retry": None,
    }
    assert not read.findings.warnings


def test_a_child_of_a_type_that_the_project_lacks_is_warned_about() -> None:
    read = reading(line(node("c", "child-workflow", config={"workflowType": "later"})))
    assert (read.warning.node, read.warning.path) == ("c", "config.workflowType")
    assert reading(line(node("c", "child-workflow", config={"workflowType": "order"}))).findings.warnings == []


def variable(identifier: str, component: str, **data: Any) -> dict[str, Any]:
    return node(identifier, "state-variable", componentName=component, variableName="count", **data)


def test_variables_of_the_run_are_members_of_its_state() -> None:
    read = reading(line(variable("s", "SetVariable", staticValue=[1]), variable("g", "GetVariable", defaultValue=5)))
    assert ways(read.program.flow) == {
        "/state": "start",
        "start": "s",
        "s": "s/state",
        "s/state": "g",
        "g": "g/missing",
        "g/missing": ("g/default", None),
        "g/default": None,
    }
    assert read.step("s") == {"into": "s", "value": {"value": [1]}}
    assert read.step("s/state") == {"into": "state", "member": "count", "value": {"name": "s"}}
    assert read.step("g") == {"into": "g", "value": js('state["count"]')}
    assert read.step("g/missing")["cases"][0]["when"] == js("g === undefined")
    assert read.step("g/default") == {"into": "g", "value": {"value": 5}}


def test_a_variable_of_the_run_can_be_needed_and_merged() -> None:
    read = reading(
        line(
            variable("g", "GetVariable", throwIfMissing=True),
            variable("s", "SetVariable", valueExpression="{ a: 1 }", merge=True, createIfMissing=False),
            activity("a"),
        )
    )
    assert ways(read.program.flow) == {
        "/state": "start",
        "start": "g",
        "g": "g/missing",
        "g/missing": ("g/raise", "s"),
        "g/raise": None,
        "s": "s/merged",
        "s/merged": "s/missing",
        "s/missing": ("s/raise", "s/state"),
        "s/raise": None,
        "s/state": "a",
        "a": None,
    }
    assert read.step("s/merged")["value"] == js('({ ...state["count"], ...s })')


@pytest.mark.parametrize("scope", ["project", "service"])
def test_variables_of_the_project_and_the_service_are_kept_by_the_host_and_seen_in_the_state(scope: str) -> None:
    read = reading(
        line(
            variable("s", "SetVariable", variableScope=scope, valueExpression="state.count + 1", merge=True),
            variable("g", "GetVariable", variableScope=scope, defaultValue=0, throwIfMissing=False),
        )
    )
    assert read.step("s") == {
        "scope": scope,
        "name": {"value": "count"},
        "value": js("state.count + 1", "valueExpression"),
        "present": "state",
        "member": "count",
        "createIfMissing": True,
        "merge": True,
        "result": "s",
    }
    assert read.step("g") == {
        "scope": scope,
        "name": {"value": "count"},
        "default": {"value": 0},
        "throwIfMissing": False,
        "result": "g",
    }
    assert read.step("g/state") == {"into": "state", "member": "count", "value": {"name": "g"}}


def test_a_declaration_stands_in_the_flow_or_apart_and_is_done_first_then() -> None:
    source = line(activity("a"))
    source["nodes"].append(variable("v", "ServiceVariable", defaultValue=7, persistence="service"))
    read = reading(source)
    assert ways(read.program.flow) == {"/state": "v", "v": "v/state", "v/state": "start", "start": "a", "a": None}
    assert read.step("v") == {
        "scope": "service",
        "name": {"value": "count"},
        "value": {"value": 7},
        "onlyIfMissing": True,
        "result": "v",
    }


def test_a_mapping_makes_an_object_that_is_its_result() -> None:
    read = reading(line(node("m", "data-in", config={"id": "${input.id}", "kind": "order"}), node("end", "end")))
    assert read.step("m") == {
        "into": "m",
        "value": {"fields": {"id": template("${input.id}", "config.id"), "kind": {"value": "order"}}},
    }
    assert read.step("end") == {"result": {"name": "m"}}


def test_an_end_maps_its_result_and_adds_what_is_known_of_the_run() -> None:
    read = reading(line(activity("a"), node("end", "end", resultMapping="{ done: true, a }", includeMetadata=True)))
    assert read.step("end") == {
        "result": {"fields": {"result": js("{ done: true, a }", "resultMapping"), "metadata": js("workflowInfo()")}}
    }


def test_an_end_without_a_mapping_takes_the_result_of_whatever_node_came_before() -> None:
    nodes = [
        node("if", "condition", condition="input.x"),
        activity("a"),
        activity("b"),
        node("p", "phase"),
        node("end", "end"),
    ]
    links = ["start > if", "if > a : true", "if > b : false", "a > p", "b > p", "p > end"]
    read = reading(graph(nodes, *links))
    assert ways(read.program.flow) == {
        "start": "if",
        "if": ("a", "b"),
        "b": "b/kept outcome_end",
        "b/kept outcome_end": "p",
        "a": "a/kept outcome_end",
        "a/kept outcome_end": "p",
        "p": "end",
        "end": None,
    }
    assert read.step("a/kept outcome_end") == {"into": "outcome_end", "value": {"name": "a"}}
    assert read.step("end") == {"result": {"name": "outcome_end"}}


def test_a_phase_is_only_passed() -> None:
    read = reading(line(node("p", "phase", label="Preparing"), activity("a")))
    assert read.program.flow.steps[1].kind == "mark"
    assert read.program.flow.steps[1].label == "Preparing"


def test_nodes_are_known_by_their_ids_and_as_results() -> None:
    names = reading(
        line(activity("fetch-1"), activity("class"), activity("state"), activity("42"), activity("a b"))
    ).program.names
    assert names == {
        "a_b": "a b",
        "class": "class",
        "env": "env",
        "fetch-1": "fetch-1",
        "fetch_1": "fetch-1",
        "input": "input",
        "result_42": "42",
        "result_a_b": "a b",
        "result_class": "class",
        "result_fetch-1": "fetch-1",
        "result_fetch_1": "fetch-1",
        "result_start": "input",
        "result_state": "result_state",
        "start": "input",
        "state": "state",
        "variables": "state",
        "workflow": "input",
    }


def test_a_drawing_stands_in_a_document_or_in_a_text() -> None:
    source = line(activity("a"))
    whole = {"name": "x", "description": "y", "definition": {**source, "viewport": {"zoom": 1}}, "tags": ["z"]}
    assert reading(whole).program == reading(source).program == reading(json.dumps(whole)).program
    assert reading(yaml.safe_dump(whole)).program == reading(source).program


def test_labels_positions_and_the_order_of_nodes_and_edges_change_no_step() -> None:
    nodes = [activity("a"), activity("b"), activity("c")]
    links = ["start > a", "start > b", "a > c", "b > c"]
    one = reading(graph(nodes, *links)).program
    moved = [{**each, "position": {"x": 9, "y": 9}, "selected": True} for each in reversed(nodes)]
    two = reading(graph(moved, *reversed(links))).program
    assert one == two
    labelled = reading(graph([{**each, "data": {**each["data"], "label": "L"}} for each in nodes], *links)).program
    assert _without_labels(labelled.model_dump()) == _without_labels(one.model_dump())


def _without_labels(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_labels(each) for key, each in value.items() if key != "label"}
    return [_without_labels(each) for each in value] if isinstance(value, list | tuple) else value


def test_a_declaration_may_be_of_the_run_alone() -> None:
    read = reading(line(variable("v", "ServiceVariable", defaultValue=7, persistence="workflow"), activity("a")))
    assert ways(read.program.flow) == {
        "/state": "start",
        "start": "v",
        "v": "v/missing",
        "v/missing": ("v/default", "v/state"),
        "v/default": "v/state",
        "v/state": "a",
        "a": None,
    }


def test_a_timeout_of_the_whole_drawing_stands_around_everything() -> None:
    read = reading({"definition": line(activity("a")), "executionSettings": {"timeout": 90}})
    (deadline,) = read.program.flow.steps
    assert deadline.kind == "deadline"
    assert deadline.after == 90_000
    assert ways(deadline.body) == {"start": "a", "a": None}
    assert read.program.flow.result is not None


def test_labels_of_edges_may_be_plain_words_of_yaml() -> None:
    source = graph([node("c", "condition", condition="input.x"), activity("a"), activity("b")], "start > c")
    labels = [{"source": "c", "target": "a", "label": True}, {"source": "c", "target": "b", "label": False}]
    assert ways(reading({**source, "edges": [*source["edges"], *labels]}).program.flow)["c"] == ("a", "b")


def test_a_gateway_calls_the_activity_that_a_plugin_has_for_it() -> None:
    drawing = line(node("route", "kong-route", config={"path": "/${input.path}"}))
    context = CompileContext("shop", "order", activities={"kong-route": KnownActivity("kong-route")})
    made = compile_drawing("canvas", drawing, context, "drawings 1")
    assert not made.problems
    assert '"kong-route"' in made.workflow_code
    assert compile_drawing("canvas", drawing, CompileContext("shop", "order"), "drawings 1").problems
