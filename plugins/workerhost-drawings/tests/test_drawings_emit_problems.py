"""What is wrong with programs in the intermediate form: sentences, all at once, with their places."""

from typing import Any

import pytest
from drawings_emit import (
    Part,
    activity,
    branch,
    code_of,
    compile_program,
    end,
    fields,
    flow,
    jq,
    js,
    local,
    problems_of,
    program,
    put,
    step,
    value,
)


def test_everything_that_is_wrong_is_said_at_once_with_its_place() -> None:
    source = program(
        activity("a", "go", local("nowhere"), next="missing"),
        activity("b", "go"),
        put("a", "x", value(1)),
    )
    source["flow"]["steps"][1]["next"] = None
    made = compile_program(source)
    assert made.workflow_code == ""
    assert [(each.node, each.path) for each in made.problems] == [
        ("a", "/flow/steps/2"),
        (None, "/flow/steps/0/next"),
        ("b", "/flow/steps/1"),
        ("a", "/flow/steps/0/input"),
    ]
    assert "the id a" in made.problems[0].reason
    assert "there is no step missing" in made.problems[1].reason
    assert "no way leads to the step b" in made.problems[2].reason
    assert "nothing is ever put into the local nowhere" in made.problems[3].reason


def test_an_activity_that_the_project_lacks_is_named_with_those_that_are_near() -> None:
    made = compile_program(program(activity("a", "sendMail"), activity("b", "missing sendMail")))
    [problem] = made.problems
    assert (problem.node, problem.path) == ("b", "/flow/steps/1/activity")
    assert problem.reason == "the project has no activity missing sendMail. Near to it: sendMail."


def test_steps_of_inner_flows_are_checked_too() -> None:
    body = flow(activity("in", "go", next="out"))
    made = compile_program(program(step("each", "each", items=local("input"), item="i", body=body)))
    assert [(each.node, each.path) for each in made.problems] == [("each", "/flow/steps/0/body/steps/0/next")]


@pytest.mark.parametrize(
    "source",
    [
        {},
        [],
        "text",
        None,
        {"name": "x", "flow": {"steps": [{"kind": "unknown", "id": "a"}]}},
        {"name": "x", "flow": {"steps": [{"kind": "mark"}]}},
        {"name": "x", "flow": {}, "more": 1},
    ],
)
def test_what_has_not_the_form_is_refused(source: object) -> None:
    made = compile_program(source)
    assert made.problems
    assert all(each.path for each in made.problems)


def test_a_jq_program_that_does_not_compile_is_refused_with_node_path_and_column() -> None:
    given = {**jq(".a | now", "input"), "path": "config.when"}
    [problem] = compile_program(program(put("set", "x", given), end("end", local("x")))).problems
    assert (problem.node, problem.path) == ("set", "config.when")
    assert problem.reason.startswith("column 6: ")


def test_a_javascript_expression_is_refused_with_node_path_and_column() -> None:
    source = program(
        branch("if", js("input.x +", "config.condition"), "set", next="set"),
        put("set", "x", js("require('os')", "valueExpression")),
        end("end", local("x")),
        names={"input": "input"},
    )
    assert [(each.node, each.path) for each in compile_program(source).problems] == [
        ("if", "config.condition"),
        ("set", "valueExpression"),
    ]
    assert all(each.reason.startswith("column ") for each in compile_program(source).problems)


def test_a_cycle_that_is_entered_at_two_places_names_its_nodes() -> None:
    source = program(
        branch("begin", jq(".x", "input"), "one", next="two"),
        activity("one", "go", next="two"),
        activity("two", "go"),
        branch("again", jq(".y", "input"), "one", next=None),
    )
    [(_, reason)] = problems_of(source)
    assert "one" in reason
    assert "two" in reason
    assert "cycle" in reason


def test_a_loop_within_another_cannot_begin_the_run_anew() -> None:
    inner = step("while", "inner", condition=value(given=True), resetAfter=5, body=flow(activity("a", "go")))
    [(node, reason)] = problems_of(program(step("while", "outer", condition=value(given=True), body=flow(inner))))
    assert node == "inner"
    assert "begin the run anew" in reason


@pytest.mark.parametrize("signal", ["__temporal_x", "workerhost:x", "a\nb", "x" * 201])
def test_a_signal_that_cannot_be_sent_is_refused(signal: str) -> None:
    [(node, reason)] = problems_of(program(step("receive", "wait", signal=signal)))
    assert node == "wait"
    assert "no name for a signal" in reason


@pytest.mark.parametrize("query", ["__temporal_x", "workerhost:nodes", "__stack_trace", "x" * 201])
def test_a_query_that_cannot_be_asked_is_refused(query: str) -> None:
    source = program(activity("a", "go"), queries=[{"name": query, "node": "hook", "value": local("input")}])
    [(node, reason)] = problems_of(source)
    assert node == "hook"
    assert "no name for a query" in reason


def test_an_update_that_cannot_be_sent_is_refused() -> None:
    [(node, reason)] = problems_of(program(activity("a", "go"), updates=[{"name": "workerhost:x", "node": "hook"}]))
    assert node == "hook"
    assert "no name for an update" in reason


def test_two_queries_of_one_name_are_refused() -> None:
    queries = [{"name": "state", "value": value(each)} for each in (1, 2)]
    assert "2 queries have the name state" in problems_of(program(activity("a", "go"), queries=queries))[0][1]


def test_a_query_that_reads_what_is_never_there_is_refused() -> None:
    source = program(activity("a", "go"), queries=[{"name": "state", "value": local("b")}])
    assert "nothing is ever put into the local b" in problems_of(source)[0][1]


def test_an_unknown_helper_is_refused_with_those_that_there_are() -> None:
    given = {"kind": "helper", "function": "os.system", "arguments": [value("ls")]}
    [(node, reason)] = problems_of(program(put("set", "x", given), end("end", local("x"))))
    assert node == "set"
    assert "there is no helper os.system; there are " in reason


def test_an_id_that_does_not_fit_into_a_summary_is_refused() -> None:
    long = "ä" * 200
    [(node, reason)] = problems_of(program(activity(long, "go")))
    assert node == long
    assert "bytes" in reason


@pytest.mark.parametrize("program_of_ruff", ["/nowhere/ruff", "/bin/false"])
def test_a_formatter_that_does_not_work_is_a_problem_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, program_of_ruff: str
) -> None:
    monkeypatch.setattr("ruff.find_ruff_bin", lambda: program_of_ruff)
    [(_, reason)] = problems_of(program(end("end")))
    assert "could not be formatted" in reason


def nested(levels: int) -> Part:
    inner: Part = activity("a", "go")
    for number in range(levels):
        inner = step("each", f"each-{number}", items=local("input"), item=f"item-{number}", body=flow(inner))
    return program(inner)


def test_flows_in_each_other_are_fine_as_far_as_python_allows_it() -> None:
    compile(code_of(nested(18)), "code", "exec")


@pytest.mark.parametrize("levels", [25, 120, 500])
def test_flows_too_deep_in_each_other_are_a_problem(levels: int) -> None:
    assert compile_program(nested(levels)).problems


def deep_value(levels: int) -> Any:
    made: Any = 1
    for _ in range(levels):
        made = [made]
    return made


@pytest.mark.parametrize("levels", [61, 200])
def test_values_too_deep_are_a_problem(levels: int) -> None:
    given = value(deep_value(levels))
    assert compile_program(program(end("end", given))).problems
    assert compile_program(program(end("end"), inputSchema={"enum": deep_value(levels)})).problems


def test_values_of_any_kind_stand_in_the_code_as_they_are() -> None:
    given = {"a": [1, -2.5, 1e300, 10**20, None, True, False], "'\"\\\n": "ä\ud800\u2028", "": {}}
    code = code_of(program(end("end", value(given))))
    namespace: dict[str, Any] = {}
    exec(code[code.rindex("return") :].replace("return", "found ="), namespace)
    assert namespace["found"] == given


def test_text_in_a_drawing_never_becomes_code() -> None:
    evil = '"); import os; os.system("ls") #'
    source = program(
        put(evil, evil, value(evil), label=evil),
        activity("a", evil, local(evil)),
        end("end", fields(**{evil: local(evil)})),
        description=evil,
    )
    code = code_of(source)
    compile(code, "code", "exec")
    assert "\nimport os" not in code
    assert "    import os" not in code
