"""What begins the runs of a canvas, and webhooks that reach them."""

from typing import Any

import pytest
from drawings_canvas import activity, graph, line, node, plain, reading, ways

from workerhost_drawings.flow.expressions import JavaScript, Local, ObjectOf


def trigger(kind: str, **config: Any) -> dict[str, Any]:
    return node("start", "trigger", triggerType=kind, config=config)


def test_a_manual_trigger_sets_nothing_up() -> None:
    read = reading(line(trigger("manual"), activity("a")))
    assert read.program.triggers == ()
    assert read.step("start") == {}
    assert read.findings.warnings == []


def test_an_endpoint_starts_runs_with_the_body_of_the_call() -> None:
    authentication = {"kind": "hmac", "secret": "a-secret-that-is-long", "scheme": "github"}
    read = reading(line(trigger("api-endpoint", authentication=authentication), activity("a")))
    (webhook,) = read.program.triggers
    assert (webhook.kind, webhook.name, webhook.node) == ("webhook", "order", "start")
    assert webhook.definition == {"action": "start", "args": ["$.body"], "authentication": authentication}
    assert read.warning.path == "config.authentication.secret"


def test_an_endpoint_says_which_address_it_has_and_that_everyone_can_call_it() -> None:
    read = reading(line(trigger("api-endpoint", endpoint="/orders", method="PUT"), activity("a")))
    assert read.program.triggers[0].definition["authentication"] == {"kind": "none"}
    address, open_to_all = read.findings.warnings
    assert address.reason == "The webhook has an address of its own: POST /hooks/shop/order, and not PUT /orders."
    assert (address.node, address.path) == ("start", "config.endpoint")
    assert "no authentication" in open_to_all.reason


def test_a_schedule_starts_runs_at_its_times() -> None:
    read = reading(line(trigger("scheduled", schedule="0 9 * * mon-fri", timezone="Europe/Berlin"), activity("a")))
    (schedule,) = read.program.triggers
    assert (schedule.kind, schedule.name) == ("schedule", "order")
    assert schedule.definition == {"cron": ["0 9 * * mon-fri"], "timeZone": "Europe/Berlin"}


def test_a_schedule_may_have_several_times_and_an_input() -> None:
    read = reading(line(trigger("scheduled", schedule=["@daily", "0 12 * * *"], input={"full": True}), activity("a")))
    assert read.program.triggers[0].definition == {"cron": ["@daily", "0 12 * * *"], "args": [{"full": True}]}


@pytest.mark.parametrize(
    ("config", "path", "words"),
    [
        ({}, "config.schedule", "schedule is empty"),
        ({"schedule": "@daily", "timezone": "Mars/Olympus"}, "config.timezone", "no time zone Mars/Olympus"),
        ({"schedule": "@daily", "timezone": "../etc/passwd"}, "config.timezone", "no time zone"),
        ({"schedule": "@daily", "input": {"x": "${input.y}"}}, "config.input", "expressions have nothing"),
    ],
)
def test_a_schedule_that_is_none_is_refused(config: dict[str, Any], path: str, words: str) -> None:
    problem = reading(line(trigger("scheduled", **config), activity("a"))).problem
    assert (problem.node, problem.path) == ("start", path)
    assert words in problem.reason


def test_a_signal_starts_a_run_whose_input_is_what_was_sent() -> None:
    read = reading(line(trigger("signal", signalName="ordered", workflowId="$.body.id"), activity("a")))
    assert read.program.triggers[0].definition == {
        "action": "signal",
        "name": "ordered",
        "workflowType": "order",
        "workflowId": "$.body.id",
        "args": ["$.body"],
        "authentication": {"kind": "none"},
    }
    assert read.step("start") == {"signal": "ordered", "result": "input"}
    assert ways(read.program.flow) == {"start": "a", "a": None}


def test_a_signal_without_an_id_of_the_run_goes_to_one_run() -> None:
    read = reading(line(trigger("signal", signalName="ordered"), activity("a")))
    assert read.program.triggers[0].definition["workflowId"] == "order"
    assert "Every call signals the run of the id order" in read.findings.warnings[0].reason


def test_an_endpoint_that_is_no_trigger_sends_a_signal_to_a_run() -> None:
    endpoint = node(
        "hook.1", "api-endpoint", config={"endpoint": "/approve", "method": "POST", "signalName": "approve"}
    )
    source = line(node("w", "signal", signalName="approve"))
    source["nodes"].append(endpoint)
    read = reading(source)
    (webhook,) = read.program.triggers
    assert (webhook.name, webhook.node) == ("order-hook-1", "hook.1")
    assert webhook.definition == {
        "action": "signal",
        "name": "approve",
        "workflowId": "$.body.workflowId",
        "args": ["$.body"],
        "authentication": {"kind": "none"},
    }
    assert read.program.signals == ("approve",)
    assert ways(read.program.flow) == {"start": "w", "w": None}


def test_a_webhook_whose_signal_nobody_waits_for_is_warned_about() -> None:
    read = reading(line(node("h", "api-endpoint", config={"signalName": "approve"}), activity("a")))
    assert "No node waits for the signal approve" in read.findings.warnings[-1].reason
    assert ways(read.program.flow) == {"start": "h", "h": "a", "a": None}


def asking(identifier: str = "q", **config: Any) -> dict[str, Any]:
    return node(identifier, "api-endpoint", config=config)


def beside(source: dict[str, Any], *nodes: dict[str, Any]) -> dict[str, Any]:
    return {**source, "nodes": [*source["nodes"], *nodes]}


@pytest.mark.parametrize("config", [{"method": "GET"}, {"operation": "query"}, {"kind": "query", "method": "POST"}])
def test_an_endpoint_that_asks_is_answered_with_the_state_and_the_results_so_far(config: dict[str, Any]) -> None:
    read = reading(beside(line(activity("a")), asking(**config)))
    (webhook,) = read.program.triggers
    assert (webhook.name, webhook.node) == ("order-q", "q")
    assert webhook.definition == {
        "action": "query",
        "name": "state",
        "workflowId": "$.body.workflowId",
        "authentication": {"kind": "none"},
    }
    (query,) = read.program.queries
    assert (query.name, query.node) == ("state", "q")
    assert query.value == ObjectOf(
        fields={"state": Local(name="state"), "results": ObjectOf(fields={"a": Local(name="a")})}
    )
    assert read.step("/state") == {"into": "state", "value": {"fields": {}}}


def test_an_endpoint_that_asks_may_say_what_is_answered() -> None:
    hook = asking(kind="query", queryName="left", resultMapping="input.n - (a?.length ?? 0)", workflowId="$.query.id")
    read = reading(beside(line(activity("a")), hook))
    assert read.program.triggers[0].definition["workflowId"] == "$.query.id"
    (query,) = read.program.queries
    assert query.name == "left"
    assert query.value == JavaScript(code="input.n - (a?.length ?? 0)", path="config.resultMapping")


def test_what_an_endpoint_answers_is_checked_as_all_expressions_are() -> None:
    wrong = asking(kind="query", resultMapping="b.x")
    found = reading(beside(line(activity("a")), wrong, asking("u", kind="update", name="x"))).problems
    assert [(each.node, each.path) for each in found] == [("u", None), ("q", "config.resultMapping")]
    warning = reading(beside(line(activity("a")), asking(kind="query", resultMapping="env.KEY"))).findings.warnings[-1]
    assert (warning.node, warning.path) == ("q", "config.resultMapping")
    assert "has no KEY" in warning.reason


def test_an_endpoint_that_names_a_signal_does_not_ask_whatever_its_method_is() -> None:
    read = reading(beside(line(node("w", "signal", signalName="go")), asking(method="GET", signalName="go")))
    assert read.program.triggers[0].definition["action"] == "signal"
    assert read.program.queries == ()


def test_two_endpoints_may_ask_the_same_but_not_be_answered_differently() -> None:
    read = reading(beside(line(activity("a")), asking("q1", kind="query"), asking("q2", kind="query")))
    assert [each.name for each in read.program.queries] == ["state"]
    assert len(read.program.triggers) == 2
    other = asking("q2", kind="query", resultMapping="state.n")
    problem = reading(beside(line(activity("a")), asking("q1", kind="query"), other)).problem
    assert problem.node == "q2"
    assert "Another node answers the query state" in problem.reason


@pytest.mark.parametrize(
    "config",
    [{"method": "put", "name": "go"}, {"method": "PATCH", "signalName": "go"}, {"kind": "update", "name": "go"}],
)
def test_an_endpoint_that_updates_reaches_the_nodes_that_wait_for_the_signal(config: dict[str, Any]) -> None:
    read = reading(beside(line(node("w", "signal", signalName="go")), asking("u", **config)))
    (webhook,) = read.program.triggers
    assert webhook.definition == {
        "action": "update",
        "name": "go",
        "args": ["$.body"],
        "workflowId": "$.body.workflowId",
        "authentication": {"kind": "none"},
    }
    assert [plain(each) for each in read.program.updates] == [{"name": "go", "withFields": False}]


@pytest.mark.parametrize("where", ["w", "u"])
def test_an_update_of_which_fields_are_expected_takes_objects_alone(where: str) -> None:
    fields = {"expectedFields": ["by"]}
    waiting = node(
        "w",
        "activity",
        componentName="WaitForSignalActivity",
        config={"signalName": "go", **(fields if where == "w" else {})},
    )
    hook = asking("u", kind="update", name="go", **(fields if where == "u" else {}))
    assert [each.with_fields for each in reading(beside(line(waiting), hook)).program.updates] == [True]


def test_an_update_that_no_node_takes_is_refused() -> None:
    source = line(node("w", "signal", signalName="approve"))
    problem = reading(beside(source, asking("u", kind="update", name="aprove"))).problem
    assert problem.node == "u"
    assert "No node waits for the signal aprove" in problem.reason
    assert "approve" in problem.reason.removeprefix("No node waits for the signal aprove")


def test_an_update_has_a_name() -> None:
    problem = reading(beside(line(activity("a")), asking("u", kind="update"))).problem
    assert (problem.node, problem.path) == ("u", "config.updateName")


def test_an_endpoint_does_one_of_three_things() -> None:
    problem = reading(beside(line(activity("a")), asking(kind="delete", signalName="x"))).problem
    assert (problem.node, problem.path) == ("q", "config.kind")


def test_two_webhooks_of_one_name_are_refused() -> None:
    hooks = [node(each, "api-endpoint", config={"signalName": "s"}) for each in ("h 1", "h.1")]
    problem = reading(graph([activity("a"), *hooks], "start > a")).problem
    assert (problem.node, problem.path) == ("h.1", "id")
