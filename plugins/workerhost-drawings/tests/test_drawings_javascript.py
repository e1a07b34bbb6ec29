"""Expressions and templates become Python that reads well, or are refused with a sentence and a column."""

import ast
import contextlib
import time

import pytest

from workerhost_drawings.javascript.expressions import (
    ExpressionError,
    Scope,
    compile_condition,
    compile_expression,
    compile_template,
    is_boolean,
    names_of,
)

_NAMES = ("input", "state", "env", "a", "b", "activity-3", "activity", "fetch")
_SCOPE = Scope({name: name.replace("-", "_") for name in _NAMES})


def _python(text: str) -> str:
    return ast.unparse(compile_expression(text, _SCOPE))


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("state.counter + 1", "js.add(js.get(state, 'counter'), 1)"),
        ("{ processed: true, input }", "{'processed': True, 'input': input}"),
        ("'a' + 1 + state.x", "js.add('a1', js.get(state, 'x'))"),
        ("input.user.tags[0]", "js.get(input, 'user', 'tags', 0)"),
        ("a?.b.c?.d", "js.maybe(js.maybe(a, 'b', 'c'), 'd')"),
        ("a?.trim().length", "js.optional(a, lambda it: js.get(js.call(it, 'trim'), 'length'))"),
        (
            "input.items.filter(i => i.price > 10)",
            "js.call(js.get(input, 'items'), 'filter', lambda i: js.greater(js.get(i, 'price'), 10))",
        ),
        ("a === 'x' && !b", "a == 'x' and (not js.truthy(b))"),
        ("a === 1", "js.strict_equals(a, 1)"),
        ("a !== null", "a is not None"),
        ("a == null", "js.is_nullish(a)"),
        ("a || 'x'", "js.either(a, lambda: 'x')"),
        ("60 * 60 * 1000", "3600000"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("[...a].sort((a, b) => a - b)", "js.call([*js.iterate(a)], 'toSorted', lambda a_, b_: js.subtract(a_, b_))"),
        ("new Date().toISOString()", "js.now_text()"),
        ("Date.now() - 1000 > 5", "js.subtract(js.now(), 1000) > 5"),
        ("Math.max(...a, Math.PI)", "js.math.max(*js.iterate(a), js.math.PI)"),
        ("a.map(class_ => class_)", "js.call(a, 'map', lambda class_: class_)"),
        ("a.map(lambda => lambda)", "js.call(a, 'map', lambda lambda_: lambda_)"),
    ],
)
def test_an_expression_becomes_python_that_reads_well(text: str, python: str) -> None:
    assert _python(text) == python


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("activity-3.trackingNumber", "js.get(activity_3, 'trackingNumber')"),
        ("state.a-1", "js.subtract(js.get(state, 'a'), 1)"),
        ("state.activity-3", "js.subtract(js.get(state, 'activity'), 3)"),
        ("[...activity-3]", "[*js.iterate(activity_3)]"),
        ("activity-32", "js.subtract(activity, 32)"),
        ("activity-3-1", "js.subtract(activity_3, 1)"),
        ("a-activity-3", "js.subtract(a, activity_3)"),
        ("{ activity-3 }", "{'activity-3': activity_3}"),
        ("'activity-3'", "'activity-3'"),
    ],
)
def test_the_id_of_a_node_may_hold_a_minus(text: str, python: str) -> None:
    assert _python(text) == python


@pytest.mark.parametrize(
    ("text", "column", "part"),
    [
        ("", 1, "is empty"),
        ("1 +", 4, "missing here"),
        ("a b", 3, 'no JavaScript expression at "b"'),
        ("a) + (b", 1, "bracket"),
        ("a = 1", 1, "assignment"),
        ("a.b += 1", 1, "assignment"),
        ("a++", 1, "++ and --"),
        ("(1, 2)", 2, "comma"),
        ("new Map()", 1, '"new Map" is not supported'),
        ("new Date(5).toISOString()", 1, "takes no value"),
        ("this.x", 1, '"this" is not supported'),
        ("1 + /x/", 5, "regular expressions"),
        ("a.match('x')", 3, "regular expressions"),
        ("function(){}", 1, "a function may stand only"),
        ("a + (x => 1)", 6, "a function may stand only"),
        ("await a", 1, '"await"'),
        ("eval('1')", 1, '"eval" is not known'),
        ("import('x')", 1, '"import"'),
        ("a.__class__", 3, '"__class__" cannot be read'),
        ("a['__class__']", 3, '"__class__" cannot be read'),
        ("a['__cl' + 'ass__']", 3, '"__class__" cannot be read'),
        ("a.b.constructor('x')", 5, '"constructor" cannot be read'),
        ("a.map(({constructor}) => 1)", 9, '"constructor" cannot be read'),
        ("a.map(({'__proto__': x}) => 1)", 9, '"__proto__" cannot be read'),
        ("a?.__proto__", 4, '"__proto__" cannot be read'),
        ("Object.prototype", 1, '"Object.prototype" is not supported'),
        ("{ __proto__: a }", 3, '"__proto__" cannot be set'),
        ("a.\\u0063onstructor", 3, "without \\"),
        ("stat.x", 1, "near names: state"),
        ("'é😀' + zz", 8, 'the name "zz" is not known here'),
        ("a.fliter(x => x)", 3, "near names: filter"),
        ("a.sort()", 3, "toSorted"),
        ("a.push(1)", 3, "[...array, item]"),
        ("a.forEach(x => x)", 3, "returns nothing"),
        ("a.includes(1, 2, 3)", 18, "at most 2 values"),
        ("a.map((x, y, z, w) => 1)", 17, "at most 3 values"),
        ("a.localeCompare(b)", 3, "language of the machine"),
        ("a ?? b || 1", 6, "round brackets"),
        ("-a ** 2", 1, "round brackets"),
        ("a[b]()", 1, "by its name"),
        ("a()", 1, "no function"),
        ("Math", 1, "Math is no value"),
        ("Math.foo(1)", 6, '"Math.foo" is not known'),
        ("parseInt", 1, "call it"),
        ("10n", 1, "BigInt"),
        ("010", 1, "0o17"),
        ("[1, , 2]", 5, "missing here"),
        ("a.#b", 3, "private"),
        ("a instanceof b", 1, "instanceof"),
        ("delete a.b", 1, '"delete"'),
        ("void 0", 1, '"void"'),
        ("`${a}${zz}`", 8, "zz"),
        ("a`x`", 1, "round brackets"),
        ("<b>x</b>", 1, "markup"),
        ("class {}", 1, "classes"),
        ("a.map(async x => x)", 7, "async"),
        ("a.map(x => { let y = 1; return y })", 12, "one return"),
        ("!" * 200 + "a", 60, "nested more than 60 levels"),
        ("a" + ".trim()" * 200, 1, "more than 60 levels"),
        ("1" * 100_001, 1, "100000 are the most"),
    ],
)
def test_what_is_not_supported_is_refused_with_a_sentence_and_a_column(text: str, column: int, part: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile_expression(text, _SCOPE)
    assert part in str(refusal.value)
    assert refusal.value.column == column


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000,
        "[{" * 40_000,
        "a-" * 49_000 + "a",
        "1+" * 49_000 + "a",
        "a." * 40_000 + "b",
        "(a=>" * 20_000,
        "'" * 99_999,
    ],
)
def test_an_expression_of_any_shape_is_answered_in_seconds(text: str) -> None:
    begun = time.monotonic()
    with contextlib.suppress(ExpressionError):
        compile_expression(text, _SCOPE)
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("plain", "'plain'"),
        ("", "''"),
        ("${state.x}", "js.get(state, 'x')"),
        ("Iteration ${state.iteration}!", "js.concat('Iteration ', js.get(state, 'iteration'), '!')"),
        ("${a}${b}", "js.concat(a, b)"),
        ("x ${'}'} y", "'x } y'"),
        ("x ${/* } */ a}", "js.concat('x ', a)"),
        ("a ${`b ${a} }`}", "js.concat('a ', js.concat('b ', a, ' }'))"),
        ("C:\\new `x` ${{a: 1}}", "js.concat('C:\\\\new `x` ', {'a': 1})"),
        ('${"${"}', "'${'"),
        ("$ {a} }", "'$ {a} }'"),
    ],
)
def test_a_template_is_a_text_with_expressions(text: str, python: str) -> None:
    assert ast.unparse(compile_template(text, _SCOPE)) == python


@pytest.mark.parametrize(
    ("text", "column", "part"),
    [
        ("${}", 3, "is empty"),
        ("ab ${a", 4, "is not closed"),
        ("ü ${zz}", 5, '"zz" is not known'),
        ("x ${a} ${b.constructor}", 12, '"constructor" cannot be read'),
        ("${a}" * 100_000, 4001, "more than 1000 ${…}"),
        ("x" * 1_100_001, 1, "1100000 are the most"),
        ("${'" * 300_000, 1, "is not closed"),
        ("${/*" * 250_000, 1, "is not closed"),
        ("${`" * 300_000, 1, "is not closed"),
        ('${"' + '\\"' * 500_000 + "\n", 1, "is not closed"),
    ],
)
def test_what_is_wrong_in_a_template_is_refused_with_its_column(text: str, column: int, part: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile_template(text, _SCOPE)
    assert part in str(refusal.value)
    assert refusal.value.column == column


def test_a_template_of_a_megabyte_is_compiled_at_once() -> None:
    text = "x" * 1_000_000
    begun = time.monotonic()
    assert ast.literal_eval(compile_template(text, _SCOPE)) == text
    assert ast.unparse(compile_template(text + "${a}", _SCOPE)).endswith(", a)")
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("text", "so"),
    [
        ("a > 1", True),
        ("!a", True),
        ("a === b && a < 2", True),
        ("Array.isArray(a)", True),
        ("a && b", False),
        ("a", False),
    ],
)
def test_it_is_known_whether_an_expression_is_a_condition_already(text: str, *, so: bool) -> None:
    assert is_boolean(compile_expression(text, _SCOPE)) is so
    assert is_boolean(compile_condition(text, _SCOPE))


def test_the_names_that_are_read_are_known() -> None:
    assert names_of("env.API_KEY + input['x'] + activity-3.y + state.a.b + Math.abs(a)", _NAMES) == [
        ("env", "API_KEY"),
        ("input", "x"),
        ("activity-3", "y"),
        ("state", "a"),
        ("a", None),
    ]
    assert names_of("${env.A} and ${[1].map(x => x + env.B)} ${env.A}", template=True) == [("env", "A"), ("env", "B")]
    assert names_of("1 +") == []


def test_code_that_comes_out_compiles_at_the_greatest_depth() -> None:
    for text in ("!" * 56 + "a", "[" * 57 + "]" * 57, "(" * 55 + "a" + ")" * 55, "a ? " * 28 + "1" + " : 2" * 28):
        code = ast.unparse(compile_expression(text, _SCOPE))
        compile(code, "<drawing>", "eval")
