"""Emitted code runs: each kind of step on a real Temporal server, through the REST API."""

from typing import Any

import pytest
from drawings_emit import (
    DrawnProject,
    activity,
    branch,
    end,
    fields,
    flow,
    jq,
    js,
    local,
    program,
    put,
    step,
    template,
    value,
)

from workerhost.testing import Api, eventually

UNAVAILABLE = fields(type=value("https://example.com/unavailable"), status=value(503), title=value("Not now"))


def run(api: Api, project_id: str, source: object, *args: object) -> Any:
    return DrawnProject(api, project_id, source).run(*args)


def test_an_activity_gets_its_input_and_its_result_can_be_returned(api: Api, project_id: str) -> None:
    source = program(activity("double-1", "double", local("input")), result=local("double-1"))
    assert run(api, project_id, source, 21) == 42


def test_a_step_of_a_run_says_its_node(api: Api, project_id: str) -> None:
    source = program(
        activity("one", "nothing"),
        step("wait", "two", duration=10),
        step("child", "three", workflowType="drawn", input=value("child"), workflowId=value(f"{project_id}-child")),
    )
    source["flow"]["steps"][0:0] = [branch("is-child", jq('. == "child"', "input"), "stop", next="one"), end("stop")]
    source["flow"]["start"] = "is-child"
    project = DrawnProject(api, project_id, source)
    workflow_id = project.begin()
    project.result(workflow_id)
    assert [each["node"] for each in project.steps(workflow_id)] == ["one", "two", "three"]


def test_a_run_tells_which_nodes_it_has_passed(api: Api, project_id: str) -> None:
    source = program(step("mark", "phase"), put("set", "n", value(1)), step("receive", "wait", signal="go"))
    project = DrawnProject(api, project_id, source)
    workflow_id = project.begin()
    query = {"name": "workerhost:nodes", "args": []}
    path = f"{project.path}/executions/{workflow_id}/query"
    eventually(lambda: project.api.get(f"{project.path}/executions/{workflow_id}")["status"] == "RUNNING")
    eventually(lambda: len(project.api.post(path, query)["result"]) == 2)
    project.signal(workflow_id, "go")
    project.result(workflow_id)
    nodes = project.api.post(path, query)["result"]
    assert [(each["node"], each["times"]) for each in nodes] == [("phase", 1), ("set", 1), ("wait", 1)]
    assert nodes[0]["at"].endswith("+00:00")


@pytest.mark.parametrize(("given", "expected"), [({"n": 5}, "big"), ({"n": 1}, "small")])
def test_branches_go_their_ways_and_meet_again(api: Api, project_id: str, given: object, expected: str) -> None:
    source = program(
        branch("is-big", jq(".n > 3", "input"), "big", next="small"),
        put("big", "size", value("big"), next="done"),
        put("small", "size", value("small")),
        end("done", fields(size=local("size"))),
    )
    assert run(api, project_id, source, given) == {"size": expected}


def test_a_local_that_nothing_was_put_into_is_undefined_and_is_left_out(api: Api, project_id: str) -> None:
    source = program(
        branch("never", jq(".never", "input"), "set", next="done"),
        put("set", "x", value(1)),
        end("done", fields(x=local("x"), y=value(2))),
    )
    assert run(api, project_id, source, {}) == {"y": 2}


def test_members_are_put_into_objects(api: Api, project_id: str) -> None:
    source = program(
        put("a", "state", value({})),
        put("b", "state", local("input"), member="x"),
        activity("echo", "echo", local("state")),
        put("c", "echo", value(2), member="y"),
        end("done", local("echo")),
    )
    assert run(api, project_id, source, 1) == {"x": 1, "y": 2}


def test_a_member_of_what_is_no_object_fails_the_run_with_a_sentence(api: Api, project_id: str) -> None:
    source = program(put("a", "x", local("input")), put("b", "x", value(2), member="y"), end("c", local("x")))
    failure = DrawnProject(api, project_id, source).failure(3)
    assert "the member y cannot be set" in failure["message"]


def test_a_signal_that_came_early_is_received_with_its_fields(api: Api, project_id: str) -> None:
    source = program(
        step("wait", "pause", duration=300),
        step("receive", "first", signal="approve it", result="first"),
        step("receive", "second", signal="approve it", result="second"),
        end("done", {"kind": "list", "items": [local("first"), local("second")]}),
    )
    project = DrawnProject(api, project_id, source)
    workflow_id = project.begin()
    project.signal(workflow_id, "approve it", {"by": "me"})
    project.signal(workflow_id, "approve it", 7)
    assert project.result(workflow_id) == [{"by": "me", "acknowledged": True}, {"value": 7, "acknowledged": True}]


def test_a_signal_that_does_not_come_in_time_is_not_acknowledged(api: Api, project_id: str) -> None:
    source = program(step("receive", "go", signal="go", timeout=50, result="go"), end("done", local("go")))
    project = DrawnProject(api, project_id, source)
    workflow_id = project.begin()
    assert project.result(workflow_id) == {"acknowledged": False}
    assert [each["node"] for each in project.steps(workflow_id)] == ["go"]


def test_a_duration_that_is_none_fails_the_run_with_a_sentence(api: Api, project_id: str) -> None:
    source = program(step("wait", "pause", duration=local("input")))
    assert "is not a duration" in DrawnProject(api, project_id, source).failure("soon")["message"]


def test_a_loop_runs_for_each_item_until_its_condition_ends_it(api: Api, project_id: str) -> None:
    source = program(
        put("begin", "sum", value(0)),
        step(
            "each",
            "each",
            items=local("input"),
            item="item",
            index="index",
            condition=jq(". < 100", "item"),
            body=flow(
                branch("skip", jq(". == 2", "item"), "skipped", next="double"),
                activity("double", "double", local("item"), next="add"),
                step("mark", "skipped", next=None),
                put("add", "sum", jq("$sum + . + $index", "double", sum="sum", index="index")),
            ),
        ),
        end("done", local("sum")),
    )
    assert run(api, project_id, source, [1, 2, 3, 100, 5]) == 2 + 0 + 6 + 2


def test_a_loop_runs_while_its_condition_is_so_and_an_end_in_it_ends_the_run(api: Api, project_id: str) -> None:
    source = program(
        put("begin", "n", value(1)),
        step(
            "while",
            "loop",
            condition=value(given=True),
            body=flow(
                activity("double", "double", local("n")),
                put("keep", "n", local("double")),
                branch("enough", jq(". > 50", "n"), "stop", next=None),
                end("stop", local("n")),
            ),
        ),
    )
    assert run(api, project_id, source) == 64


def test_a_loop_begins_the_run_anew_and_loses_neither_locals_nor_signals(api: Api, project_id: str) -> None:
    source = program(
        step("receive", "first", signal="go", result="first"),
        put("begin", "state", value({"n": 0})),
        step(
            "while",
            "loop",
            condition=jq(".n < 7", "state"),
            resetAfter=3,
            body=flow(put("count", "state", jq("{n: (.n + 1)}", "state")), activity("double", "double", value(1))),
        ),
        step("receive", "last", signal="go", result="last"),
        end("done", fields(state=local("state"), first=local("first"), last=local("last"), given=local("input"))),
    )
    project = DrawnProject(api, project_id, source)
    workflow_id = project.begin("given")
    project.signal(workflow_id, "go", {"n": 1})
    project.signal(workflow_id, "go", {"n": 2})
    assert project.result(workflow_id) == {
        "state": {"n": 7},
        "first": {"n": 1, "acknowledged": True},
        "last": {"n": 2, "acknowledged": True},
        "given": "given",
    }
    assert [each["node"] for each in project.steps(workflow_id)][-1:] == ["double"]
    assert len([each for each in project.steps(workflow_id) if each.get("node") == "double"]) == 1


def test_parallel_branches_give_their_results_in_order_and_share_locals(api: Api, project_id: str) -> None:
    source = program(
        step(
            "parallel",
            "fork",
            result="both",
            branches=[
                {"name": "a lane", "flow": flow(activity("slow", "slow", value(0.1)), result=local("slow"))},
                {
                    "name": "a lane",
                    "flow": flow(activity("double", "double", value(4)), put("s", "x", local("double"))),
                },
            ],
        ),
        end("done", fields(both=local("both"), x=local("x"))),
    )
    assert run(api, project_id, source) == {"both": ["slow", None], "x": 8}


def test_an_end_in_a_parallel_branch_ends_the_run(api: Api, project_id: str) -> None:
    source = program(
        step(
            "parallel",
            "fork",
            branches=[
                {"name": "one", "flow": flow(step("receive", "never", signal="never"))},
                {"name": "two", "flow": flow(activity("double", "double", value(4)), end("end", local("double")))},
            ],
        ),
        end("done", value("not here")),
    )
    assert run(api, project_id, source) == 8


def test_of_competing_branches_the_first_wins_and_the_others_are_cancelled(api: Api, project_id: str) -> None:
    source = program(
        step(
            "parallel",
            "fork",
            compete=True,
            result="winner",
            branches=[
                {"name": "slow", "flow": flow(step("wait", "long", duration=3_600_000), result=value("slow"))},
                {"name": "quick", "flow": flow(activity("double", "double", value(4)), result=local("double"))},
            ],
        ),
        end("done", local("winner")),
    )
    project = DrawnProject(api, project_id, source)
    workflow_id = project.begin()
    assert project.result(workflow_id) == 8
    status = {each["node"]: each["status"] for each in project.steps(workflow_id)}
    assert status == {"long": "canceled", "double": "completed"}


def test_a_child_can_be_waited_for_or_left_alone(api: Api, project_id: str) -> None:
    source = program(
        branch("is-child", jq('. == "child"', "input"), "answer", next="waited"),
        end("answer", value("of the child")),
        step("child", "waited", workflowType="drawn", input=value("child"), result="waited"),
        step(
            "child",
            "alone",
            workflowType="drawn",
            input=value("child"),
            workflowId=value(f"{project_id}-alone"),
            parentClosePolicy="abandon",
            waits=False,
            result="alone",
        ),
        end("done", fields(waited=local("waited"), alone=local("alone"))),
    )
    assert run(api, project_id, source) == {"waited": "of the child", "alone": f"{project_id}-alone"}


def test_an_activity_is_tried_again_as_its_policy_says(api: Api, project_id: str) -> None:
    policy = {"maximumAttempts": 5, "initialInterval": 10, "backoffCoefficient": 1.0}
    source = program(activity("fail", "fail", value(3), retry=policy), end("done", local("fail")))
    assert run(api, project_id, source) == 3


def test_an_error_that_is_raised_fails_the_run_with_its_type(api: Api, project_id: str) -> None:
    failure = DrawnProject(api, project_id, program(step("raise", "raise", error=UNAVAILABLE))).failure()
    assert failure["type"] == "https://example.com/unavailable"


def test_an_error_is_caught_and_handled_with_what_it_says(api: Api, project_id: str) -> None:
    source = program(
        step(
            "try",
            "try",
            body=flow(activity("refuse", "refuse", value("no")), end("never", value("not here"))),
            caught="error",
            handler=flow(put("said", "said", jq(".detail", "error"))),
        ),
        end("done", local("said")),
    )
    assert "no" in run(api, project_id, source)


def test_an_error_that_does_not_match_is_not_caught(api: Api, project_id: str) -> None:
    caught = step("try", "try", body=flow(step("raise", "r", error=UNAVAILABLE)), caught="e", matching={"status": 404})
    assert DrawnProject(api, project_id, program(caught)).failure()["type"] == "https://example.com/unavailable"


def test_a_body_is_tried_again_until_it_succeeds(api: Api, project_id: str) -> None:
    source = program(
        put("zero", "n", value(0)),
        step(
            "try",
            "try",
            body=flow(
                put("count", "n", jq(". + 1", "n")),
                branch("enough", jq(". >= 3", "n"), "fine", next="raise"),
                step("raise", "raise", error=UNAVAILABLE),
                step("mark", "fine"),
            ),
            caught="e",
            again={"attempts": 5, "delay": 10, "backoff": "exponential", "jitterTo": 5},
        ),
        end("done", local("n")),
    )
    assert run(api, project_id, source) == 3


@pytest.mark.parametrize("handled", [True, False])
def test_a_body_that_fails_for_good_is_handled_or_fails_the_run(api: Api, project_id: str, handled: bool) -> None:
    rest = {"handler": flow(put("n", "n", jq(".status", "e")))} if handled else {}
    again = {"attempts": 2, "delay": 1}
    source = program(
        put("zero", "n", value(0)),
        step("try", "try", body=flow(step("raise", "r", error=UNAVAILABLE)), caught="e", again=again, **rest),
        end("done", local("n")),
    )
    project = DrawnProject(api, project_id, source)
    if handled:
        assert project.run() == 503
    else:
        assert project.failure()["type"] == "https://example.com/unavailable"


def test_a_try_that_takes_too_long_is_cancelled_and_fails(api: Api, project_id: str) -> None:
    source = program(
        step(
            "try",
            "try",
            body=flow(activity("slow", "slow", value(60))),
            caught="e",
            again={"attempts": 1, "attemptTimeout": 50},
            handler=flow(end("late", jq("{status, title}", "e"))),
        ),
    )
    assert run(api, project_id, source) == {"status": 408, "title": "Timeout error"}


def test_branches_beside_one_that_fails_are_cancelled_before_the_failure_is_handled(api: Api, project_id: str) -> None:
    branches = [
        {"name": "long", "flow": flow(step("wait", "long", duration=3_600_000))},
        {"name": "bad", "flow": flow(activity("refuse", "refuse", value("no")))},
    ]
    fork = step("parallel", "fork", branches=branches)
    source = program(step("try", "try", body=flow(fork), caught="e"), activity("after", "double", value(1)))
    project = DrawnProject(api, project_id, source)
    workflow_id = project.begin()
    project.result(workflow_id)
    status = {each["node"]: each["status"] for each in project.steps(workflow_id)}
    assert status == {"long": "canceled", "refuse": "failed", "after": "completed"}


def test_a_flow_that_is_not_done_in_time_raises_its_error(api: Api, project_id: str) -> None:
    body = flow(activity("slow", "slow", value(60)))
    source = program(step("deadline", "deadline", body=body, after=50, error=UNAVAILABLE))
    assert DrawnProject(api, project_id, source).failure()["type"] == "https://example.com/unavailable"


def test_a_flow_that_is_done_in_time_goes_on(api: Api, project_id: str) -> None:
    body = flow(activity("double", "double", value(2)))
    source = program(
        step("deadline", "deadline", body=body, after=60_000, error=UNAVAILABLE), end("done", local("double"))
    )
    assert run(api, project_id, source) == 4


def test_events_are_taken_as_filters_say_and_others_stay_for_later(api: Api, project_id: str) -> None:
    of_type = [jq(f'.type == "{each}"', "event") for each in ("a", "b")]
    source = program(
        step("listen", "both", mode="all", filters=of_type, event="event", result="both"),
        step("listen", "third", event="event", result="third"),
        end("done", {"kind": "list", "items": [jq("map(.id)", "both"), jq("map(.id)", "third")]}),
    )
    project = DrawnProject(api, project_id, source)
    workflow_id = project.begin()
    for number, kind in enumerate(("c", "b", "b", "a")):
        project.signal(workflow_id, "event", {"type": kind, "id": number})
    assert project.result(workflow_id) == [[1, 3], [0]]


def test_events_are_handled_one_by_one_until_the_last(api: Api, project_id: str) -> None:
    source = program(
        put("zero", "sum", value(0)),
        step(
            "listen",
            "listen",
            mode="any",
            event="event",
            until=jq(".n == 0", "event"),
            each=flow(put("add", "sum", jq("$sum + .n", "event", sum="sum"))),
        ),
        end("done", local("sum")),
    )
    project = DrawnProject(api, project_id, source)
    workflow_id = project.begin()
    for number in (3, 4, 0):
        project.signal(workflow_id, "event", {"n": number})
    late = {"name": "event", "args": [{"n": 100}]}
    api.post(f"{project.path}/executions/{workflow_id}/signal", late, (202, 409))  # the run may have ended by then
    assert project.result(workflow_id) == 7


def test_listening_ends_with_what_came_in_time(api: Api, project_id: str) -> None:
    source = program(step("listen", "li", event="event", timeout=50, result="events"), end("done", local("events")))
    assert run(api, project_id, source) == []


def test_variables_are_read_changed_and_declared(api: Api, project_id: str) -> None:
    def change(own_id: str, given: object, **rest: object) -> dict[str, Any]:
        return step("changeVariable", own_id, scope="project", name=value("count"), value=given, **rest)

    source = program(
        step("readVariable", "r1", scope="project", name=value("count"), default=value(5), result="before"),
        change("c1", value(1), onlyIfMissing=True),
        change("c2", jq(". + 1", "old"), present="old", result="changed"),
        put("s", "state", value({"kept": True})),
        change("c3", jq(".count + 1", "state"), present="state", member="count"),
        step("readVariable", "r2", scope="project", name=value("count"), throwIfMissing=True, result="after"),
        end("done", fields(before=local("before"), changed=local("changed"), after=local("after"), s=local("state"))),
    )
    project = DrawnProject(api, project_id, source)
    workflow_id = project.begin()
    assert project.result(workflow_id) == {"before": 5, "changed": 2, "after": 3, "s": {"kept": True, "count": 3}}
    assert {each["node"] for each in project.steps(workflow_id)} == {"r1", "c1", "c2", "c3", "r2"}


def test_the_environment_is_read_when_the_run_begins(api: Api, project_id: str) -> None:
    source = program(end("done", local("env")), environment="env", environmentNames=["A", "B"])
    assert run(api, project_id, source) == {"A": None, "B": None}


def test_an_input_that_does_not_fit_its_schema_fails_the_run(api: Api, project_id: str) -> None:
    project = DrawnProject(api, project_id, program(end("done", local("input")), inputSchema={"type": "object"}))
    assert project.run({}) == {}
    assert "is not of type 'object'" in project.failure(3)["message"]


def test_a_run_is_replayed_from_its_history_and_goes_on(api: Api, project_id: str) -> None:
    lanes = [
        {"name": "one", "flow": flow(activity("double", "double", value(4)), step("wait", "wait", duration=20))},
        {"name": "two", "flow": flow(step("receive", "go", signal="go", result="go"))},
    ]
    source = program(
        activity("first", "nothing"),
        step("parallel", "fork", branches=lanes),
        step("try", "try", body=flow(activity("refuse", "refuse", value("no"))), caught="e"),
        end("done", fields(first=local("first"), double=local("double"), go=local("go"))),
    )
    project = DrawnProject(api, project_id, source)
    workflow_id = project.begin()
    project.wait_for_steps(workflow_id, ["double", "wait"])
    project.replace_worker()
    project.signal(workflow_id, "go", {"n": 1})
    assert project.result(workflow_id) == {"first": "nothing", "double": 8, "go": {"n": 1, "acknowledged": True}}


def test_expressions_of_javascript_read_locals_by_their_names(api: Api, project_id: str) -> None:
    source = program(
        put("begin", "state", value({"counter": 0, "log": []})),
        step(
            "while",
            "loop",
            condition=js("state.counter < 3 && !state.stopped"),
            body=flow(
                activity("echo-1", "echo", fields(text=template("Round ${state.counter}"), none=js("state.none"))),
                put("count", "state", js("state.counter + 1"), member="counter"),
                put("log", "state", js("[...state.log, result_echo_1.text]"), member="log"),
            ),
        ),
        end("done", js("{ log: state.log, none: echo-1.none, has: 'none' in result_echo_1, input }")),
        names={"state": "state", "input": "input", "echo-1": "echo-1", "result_echo_1": "echo-1"},
    )
    assert run(api, project_id, source, 7) == {
        "log": ["Round 0", "Round 1", "Round 2"],
        "has": False,
        "input": 7,
    }


def test_an_error_of_javascript_fails_the_run_with_its_sentence(api: Api, project_id: str) -> None:
    source = program(end("done", js("input.a.b")), names={"input": "input"})
    failure = DrawnProject(api, project_id, source).failure({})
    assert failure["type"] == "TypeError"
