"""jq programs of documents are functions of their input, compiled once and run as jq runs them."""

import ast
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from workerhost_drawings.jq.expressions import ExpressionError, compile_jq, variables_of
from workerhost_drawings.v1 import jq


def compiled(code: str, *names: str) -> str:
    return ast.unparse(compile_jq(code, ast.Name("data"), {name: ast.Name(f"{name}_1") for name in names}))


def test_a_program_becomes_a_call() -> None:
    assert compiled(".a + $b", "b") == "jq.first('.a + $b', data, b=b_1)"
    assert compiled("$class", "class") == "jq.first('$class', data, **{'class': class_1})"


@pytest.mark.parametrize(
    ("code", "column", "reason"),
    [
        ("now", 1, "take the time from a task"),
        ("[.a, now]", 6, "take the time from a task"),
        ('"a \\("b \\(env)") c"', 11, "what a run needs comes in its input"),
        ("$ENV.PATH", 1, "use $secrets"),
        ("input", 1, "the input is `.`"),
        ('import "a" as a; 1', 1, "functions are defined with `def`"),
        (".a | halt_error", 6, "`raise` ends a run"),
        ("debug(.a)", 1, "leave it out"),
        (".a +", 4, "syntax error, unexpected end of file"),
        ("foo(1)", 1, "foo/1 is not defined"),
        ("$b", 1, "$b is not defined"),
        ("1) | (2", 2, "a parenthesis ends here that does not begin"),
        ('"a', 3, "a quotation mark would do"),
        ("." * 20_001, 1, "at most 20000 would do"),
        (".a\0", 1, "character of number 0"),
        ('"\\(' * 300, 600, "more than 200 deep"),
    ],
)
def test_what_is_no_function_of_its_input_is_refused_with_its_column(code: str, column: int, reason: str) -> None:
    with pytest.raises(ExpressionError, match=r"\w") as caught:
        compiled(code)
    assert reason in str(caught.value)
    assert caught.value.column == column


@pytest.mark.parametrize(
    "code",
    [
        ".now",
        '."env"',
        "{now: 1}",
        '"now \\(.now) input"',
        ".a # now",
        ". as $now | $now",
        "def f: .input; f # x",
        "$__loc__",
    ],
)
def test_names_of_fields_keys_and_texts_are_no_functions(code: str) -> None:
    compiled(code)


def test_the_variables_of_a_program_are_found() -> None:
    assert variables_of('$a + "\\($b)" + ($a | . as $c | $c) + "$d" # $e') == ("a", "b", "c")


@pytest.mark.parametrize(
    ("code", "data", "names", "result"),
    [
        (".a", {"a": 1}, {}, 1),
        (".a # a comment", {"a": 1}, {"b": 2}, 1),
        (".a + $b", {"a": 1}, {"b": 2}, 3),
        ("[$a, $b] | map(. // 0)", None, {"a": None, "b": False}, [0, 0]),
        ("empty", 1, {}, None),
        (".[]", [5, 6], {}, 5),
        (".", object(), {}, None),
        ("def f: . * 2; f", 4, {"x": 1}, 8),
    ],
)
def test_the_first_output_counts(code: str, data: Any, names: dict[str, Any], result: Any) -> None:
    assert jq.first(code, data, **names) == result


def test_a_failure_is_an_error_of_open_workflow() -> None:
    with pytest.raises(ApplicationError, match="cannot be added") as caught:
        jq.first(".a + 1", {"a": "b"})
    [error] = caught.value.details
    assert error["type"] == "https://open-workflow-specification.org/dsl/errors/types/expression"
    assert (error["status"], caught.value.non_retryable) == (400, True)


@pytest.mark.parametrize(
    ("value", "is_so"), [(None, False), (False, False), (0, True), ("", True), ([], True), (object(), False)]
)
def test_all_but_false_and_null_is_true(value: Any, is_so: bool) -> None:
    assert jq.truthy(value) is is_so
