"""What begins the runs of a canvas, and webhooks that reach them."""

from typing import Any

import pytest
from drawings_canvas import activity, graph, line, node, reading, ways


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


@pytest.mark.parametrize("operation", ["query", "update"])
def test_webhooks_for_queries_and_updates_are_refused_with_what_would_do(operation: str) -> None:
    source = graph(
        [activity("a"), node("h", "api-endpoint", config={"operation": operation, "name": "x"})], "start > a"
    )
    problem = reading(source).problem
    assert (problem.node, problem.path) == ("h", "config.operation")
    assert "signal" in problem.reason


def test_two_webhooks_of_one_name_are_refused() -> None:
    hooks = [node(each, "api-endpoint", config={"signalName": "s"}) for each in ("h 1", "h.1")]
    problem = reading(graph([activity("a"), *hooks], "start > a")).problem
    assert (problem.node, problem.path) == ("h.1", "id")
