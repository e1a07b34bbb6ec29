"""Texts that are made to get out of the place where they stand: they never become code."""

import ast
import copy
import json
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from drawings_canvas import ACTIVITIES, activity, line, node
from test_drawings_emit import EVERYTHING

from workerhost.drawing import Compilation, CompileContext, KnownActivity
from workerhost_drawings.compiling import compile_drawing
from workerhost_drawings.emitting.imports import IMPORTED
from workerhost_drawings.v1 import js

DRAWINGS = Path(__file__).parent / "drawings"

TEXTS = (
    "'",
    '"',
    "'''",
    '"""',
    "\\",
    "a\\",
    "\\'",
    '\\"); import os; os.system("x") #',
    "'); import os #",
    '"]\n    import os\n    os.system("x")\n#',
    "\n",
    "\r",
    "\r\nimport os",
    "\x0c",
    "\x85import os",
    "\u2028import os",
    "\u2029",
    "\x00",
    "\ud800",
    "\udc00\ud800",
    "\\N{LATIN SMALL LETTER A}",
    "{",
    "}",
    "{__import__('os')}",
    "${",
    "${}",
    "${__import__('os')}",
    "${`${`${1}`}`}",
    "${'\\u005f\\u005fclass__'}",
    "${input.__class__}",
    "${input['__cl' + 'ass__']}",
    "${input.constructor.constructor('return 1')()}",
    "${inp\\u0075t}",
    "${self}",
    "${workflow.execute_activity}",
    "${js.undefined}",
    "fmt: off",
    "# fmt: off",
    "# type: ignore",
    "-*- coding: utf-7 -*-",
    "_note_here_0",
    "# _note_here_0",
    "\n_note_here_0\n",
    "\n    # _note_here_1\n",
    "self",
    "workflow",
    "js",
    "jq",
    "input",
    "state",
    "resume",
    "run",
    "Drawn",
    "Any",
    "asyncio",
    "__init__",
    "__class__",
    "None",
    "True",
    "print",
    "exec",
    "lambda",
    "match",
    "async",
    "constructor",
    "__proto__",
    "/state",
    "#begin",
    "#end",
    "state]",
    "[node: x]",
    "\u202eabc",
    "\u200b",
    "\U0001f600",
    "\uff41",
    "\u017felf",
    "\U0001d4fc\U0001d4ee\U0001d4f5\U0001d4ef",
    "é" * 150,
    "x" * 300,
    "x" * 5000,
    "workerhost:nodes",
    "__temporal_x",
    "1e999",
    "-1",
    "null",
    "",
    " ",
)

VALUES = (None, True, 0, -1, 10**400, 1e308, float("inf"), float("nan"), [], {}, [[]], {"": ""}, {"__class__": 1})

BUILTINS = {"BaseException", "enumerate", "list", "dict", "bool", "Exception", "TimeoutError"}
"""Of Python itself, what the emitter names."""

OF_WORKFLOW = {
    "ParentClosePolicy",
    "defn",
    "execute_activity",
    "execute_child_workflow",
    "info",
    "now",
    "run",
    "signal",
    "sleep",
    "start_child_workflow",
    "wait_condition",
}
OF_SELF = {"arrived", "begin_anew", "carried", "keep", "listen", "passed", "receive", "resume", "resumes_at"}
ANYWHERE = {
    *("ABANDON", "REQUEST_CANCEL", "TERMINATE", "all", "events", "get_current_history_length", "id", "next"),
    *("event", "error", "again", "result", "caught", "wait", "fail", "append", "items"),
}
"""Attributes of what those return."""


def check(code: str) -> ast.Module:
    """Check that code does nothing but what emitted code does."""
    module = ast.parse(code)
    *imports, drawn = module.body
    for each in imports:
        assert isinstance(each, ast.Import | ast.ImportFrom), ast.unparse(each)
        for alias in each.names:
            expected = IMPORTED[alias.name]
            assert alias.asname is None
            assert (each.module if isinstance(each, ast.ImportFrom) else None) == expected, ast.unparse(each)
    assert isinstance(drawn, ast.ClassDef)
    for method in drawn.body:
        assert isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef), ast.unparse(method)
        assert method.name in ("run", "on") or method.name.startswith("on_"), method.name
        _check_method(method)
    return module


def _check_method(method: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    own = {each.arg for each in ast.walk(method) if isinstance(each, ast.arg)}
    own |= {each.id for each in ast.walk(method) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    own |= {each.name for each in ast.walk(method) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    own |= {each.name for each in ast.walk(method) if isinstance(each, ast.ExceptHandler) and each.name}
    assert not own & set(IMPORTED), own & set(IMPORTED)
    for each in ast.walk(method):
        assert not isinstance(each, ast.Import | ast.ImportFrom | ast.Global | ast.JoinedStr | ast.ClassDef)
        if isinstance(each, ast.Name):
            assert each.id in own or each.id in IMPORTED or each.id in BUILTINS, each.id
        elif isinstance(each, ast.Attribute):
            _check_attribute(each)
        elif isinstance(each, ast.Constant):
            assert isinstance(each.value, str | int | float | bool | None)


def _check_attribute(each: ast.Attribute) -> None:
    above = each.value.id if isinstance(each.value, ast.Name) else None
    allowed = {"workflow": OF_WORKFLOW, "self": OF_SELF, "asyncio": {"gather"}, "js": set(dir(js)) - set(dir(object))}
    if above in IMPORTED and above not in allowed:
        assert not each.attr.startswith("_"), ast.unparse(each)
        return
    assert each.attr in allowed.get(above or "", ANYWHERE | {name for name in dir(js.math) if name[0] != "_"}), (
        ast.unparse(each)
    )


def places(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the places of all texts, numbers and keys of a JSON value."""
    if isinstance(part, dict | list):
        for key, each in part.items() if isinstance(part, dict) else enumerate(part):
            yield from places(each, (*path, key))
    else:
        yield path


def objects(part: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON value that have members."""
    if isinstance(part, dict) and part:
        yield part
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from objects(each)


def changed(source: Any, path: tuple[Any, ...], given: Any) -> Any:
    made = copy.deepcopy(source)
    at = made
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = given
    return made


def compiled(format: str, source: object) -> Compilation:
    own = ("sendMail", "validateData")
    known = {**ACTIVITIES, **{name: KnownActivity(name) for name in own}}
    return compile_drawing(format, source, CompileContext("shop", "order", {}, known, ("child",)), "compiler 1")


def looked_at(format: str, source: object) -> bool:
    """Compile a drawing, and check what came of it: code that is harmless, or problems; tell whether it is code."""
    made = compiled(format, source)
    json.dumps([each.to_json() for each in (*made.problems, *made.warnings)])
    assert bool(made.problems) != bool(made.workflow_code)
    if made.workflow_code:
        check(made.workflow_code)
        made.workflow_code.encode()
    return bool(made.workflow_code)


SOURCES = {
    **{path.stem: ("canvas", json.loads(path.read_text())) for path in sorted(DRAWINGS.glob("*.json"))},
    "everything": ("flow", EVERYTHING),
    "document": ("open-workflow", yaml.safe_load((DRAWINGS / "hostile.yaml").read_text())),
}


@pytest.mark.parametrize("name", SOURCES)
def test_no_text_becomes_code_wherever_it_stands(name: str) -> None:
    format_, source = SOURCES[name]
    assert looked_at(format_, source)
    random, found = Random(name), list(places(source))
    for _ in range(30):
        made = source
        for _ in range(random.choice((1, 1, 3))):
            made = changed(made, random.choice(found), random.choice(TEXTS))
        looked_at(format_, made)


@pytest.mark.parametrize("name", SOURCES)
def test_no_value_and_no_key_is_too_much_for_a_compiler(name: str) -> None:
    format_, source = SOURCES[name]
    random, found = Random(name), list(places(source))
    for _ in range(10):
        looked_at(format_, changed(source, random.choice(found), random.choice(VALUES)))
        made = copy.deepcopy(source)
        given = random.choice(list(objects(made)))
        given[random.choice(TEXTS)] = given.pop(random.choice(list(given)))
        looked_at(format_, made)


@pytest.mark.parametrize("own", TEXTS)
def test_a_label_and_an_id_of_any_text_are_harmless(own: str) -> None:
    looked_at("canvas", line(activity("a", "hello", label=own), node("end", "end", label=own)))
    looked_at("canvas", line(activity(own or "a"), activity("b", f"${{{own}}}"), node("end", "end")))


@pytest.mark.parametrize("name", ["self", "cls", "more", "program", "data", "names", "None", "lambda"])
def test_a_variable_of_a_document_may_have_any_name(name: str) -> None:
    inner = [{"a": {"set": {"x": f"${{ ${name} }}"}}}]
    loop = {"each": name, "in": "${ [1, 2] }"}
    failing = {"try": inner[:0], "catch": {"as": name, "do": inner}}
    tasks = [{"for": {"for": loop, "do": inner}}, {"try": failing}]
    assert looked_at("open-workflow", document(tasks))


@pytest.mark.parametrize("length", [0, 200, 201, 1500])
def test_a_task_with_a_name_of_any_length_is_compiled_or_refused(length: int) -> None:
    tasks = [{"fork": {"fork": {"branches": [{"x" * length: {"wait": "PT1S"}}]}}}, {"x" * length: {"set": {"a": 1}}}]
    assert looked_at("open-workflow", document(tasks)) == (length <= 200)


@pytest.mark.parametrize("called", ["x" * 1001, "x" * 5000])
def test_what_a_document_calls_may_have_a_name_that_is_too_long(called: str) -> None:
    assert not looked_at("open-workflow", document([{"a": {"call": called}}]))
    child = {"namespace": "n", "name": called, "version": "1"}
    assert not looked_at("open-workflow", document([{"a": {"run": {"workflow": child}}}]))


def document(tasks: list[Any]) -> dict[str, Any]:
    return {"document": {"dsl": "1.0.0", "namespace": "n", "name": "n", "version": "1"}, "do": tasks}


SLOW = "^(a+)+$"
SLOWS: tuple[dict[str, Any], ...] = (
    {"properties": {"m": {"type": "string", "pattern": SLOW}}},
    {"patternProperties": {SLOW: {}}, "additionalProperties": False},
    {"patternProperties": {SLOW: {}}, "unevaluatedProperties": False},
    {"not": {"properties": {"m": {"pattern": SLOW}}}},
    {"$ref": "https://schemas.invalid/x.json"},
    {"$ref": "#"},
    {"$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}] * 2}}, "$ref": "#/$defs/a"},
    {"$defs": {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 9} for n in range(30)}, "$ref": "#/$defs/a0"},
    {"type": 5},
    {"required": 5},
    {"enum": 5},
    {"format": 5},
)


@pytest.mark.parametrize("schema", SLOWS)
def test_a_schema_of_the_projects_own_never_holds_up_the_compiler(schema: dict[str, Any]) -> None:
    given = {"a" * 40 + "b": 1, "m": "a" * 40 + "b"}
    known = {"own": KnownActivity("own", schema)}
    context = CompileContext("shop", "order", {}, known)
    drawings = {
        "canvas": line(node("a", "activity", componentName="own", config=given)),
        "open-workflow": document([{"a": {"call": "own", "with": given}}]),
    }
    began = time.monotonic()
    for format_, source in drawings.items():
        assert not compile_drawing(format_, source, context, "compiler 1").problems
    assert time.monotonic() - began < 5


def test_an_input_is_held_against_the_rest_of_a_schema_with_patterns() -> None:
    schema = {"properties": {"m": {"pattern": SLOW}, "n": {"type": "integer"}}, "required": ["x"]}
    context = CompileContext("shop", "order", {}, {"own": KnownActivity("own", schema)})
    source = line(node("a", "activity", componentName="own", config={"m": "b", "n": "no"}))
    made = compile_drawing("canvas", source, context, "compiler 1")
    assert sorted(each.path or "" for each in made.problems) == ["config.n", "config.x"]
