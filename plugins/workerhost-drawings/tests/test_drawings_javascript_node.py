"""Compiled expressions mean what node makes of the same text."""

import ast

import pytest
from drawings_expressions import VALUES, Expressions
from drawings_node import by_node, by_python

from workerhost_drawings.javascript.expressions import Scope, compile_template
from workerhost_drawings.v1 import js

_SPECIAL = (
    "0.1 + 0.2",
    "1e21 + ''",
    "'' + 1e-7 + -0 + 123456789012345680000",
    "-0",
    "0 / 0",
    "-1 / 0",
    "5 % -5",
    "-5 % 5",
    "2 ** 1024",
    "(-8) ** (1 / 3)",
    "[] + {}",
    "[1, [2, 3], null, undefined] + ''",
    "null + 1",
    "undefined + 1",
    "true + '1'",
    "null == 0",
    "null >= 0",
    "'' == 0",
    "'b' > 'a'",
    "'10' < '9'",
    "'10' < 9",
    "[2] == 2",
    "'\\uffff' < '😀'",
    "'😀'.length",
    "'😀'[0] + '😀'[1]",
    "'\\ud83d' + '\\ude00'",
    "'😀'.split('')",
    "[...'😀a']",
    "(1.005).toFixed(2)",
    "(-1.5).toFixed(0)",
    "(0.000001234).toString()",
    "Math.round(-0.5)",
    "Math.round(2.5)",
    "Math.max()",
    "Math.min(0, -0)",
    "[10, 9, 1].toSorted()",
    "[3, undefined, 1].toSorted()",
    "['1', '2', '3'].map(parseInt)",
    "[1, 2].reduce((x, y) => x + y)",
    "[].reduce((x, y) => x + y)",
    "nil.x",
    "n.x.y",
    "nil?.x.y.z",
    "JSON.stringify({a: undefined, b: [undefined, NaN], c: '\\u0001\\ud83d'})",
    "JSON.parse('[1, -0, 1e400, 12345678901234567890]')",
    "JSON.parse('{')",
    "'abc'.repeat(-1)",
    "(5).toFixed(101)",
    "Object.keys({b: 1, 2: 1, a: 1, 1: 1})",
    "Object.keys(null)",
    "({...null, ...'ab', ...[1]})",
    "[...n]",
    "typeof null",
    "1 < 2 < 3",
    "3 > 2 > 1",
    "'ß'.toUpperCase() + 'ΑΣ'.toLowerCase()",
    "parseInt('0x1f') + parseInt('12px') + parseFloat('.5.5')",
    "Number('1_000')",
    "Number(' \\ufeff12\\n')",
    "'abc'.at(-1) + 'abc'.slice(-2) + 'abc'.substring(2, 0)",
    "1 / '-0'",
    "~~3.7 + (5 >>> 1) + (-1 >>> 0) + (1 << 31)",
)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_thousands_of_expressions_mean_what_they_mean_to_node(seed: int) -> None:
    made = Expressions(seed)
    _compare([made.make() for _ in range(2000)])


def test_what_is_known_to_differ_between_the_languages_means_what_it_means_to_node() -> None:
    _compare(list(_SPECIAL))


def _compare(expressions: list[str]) -> None:
    plain = {name.replace("-", "_"): value for name, value in VALUES.items()}
    wanted = by_node([each.replace("step-1", "step_1") for each in expressions], plain)
    results = [(each, want, by_python(each, VALUES)) for each, want in zip(expressions, wanted, strict=True)]
    assert [each for each in results if each[1] != each[2] and not _both_failed(each[1], each[2])] == []
    # Where two parts of one expression fail, Python may meet the other one first.
    assert sum(want != got for _, want, got in results) <= len(results) / 500


def _both_failed(want: dict[str, object], got: dict[str, object]) -> bool:
    return "error" in want and "error" in got


def test_a_template_means_what_a_template_means_to_node() -> None:
    text = "n ${n} ${f} ${s} ${nil} ${a} ${o} ${rows[0].tags} ${o.missing} ${[1, [2]]} ${-0} ${u}"
    code = ast.unparse(compile_template(text, Scope({name: name for name in VALUES})))
    known = {name.replace("-", "_"): value for name, value in VALUES.items()}
    assert {"text": eval(code, {"js": js, **known})} == by_node([f"`{text}`"], known)[0]
