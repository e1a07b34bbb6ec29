"""Functions and constants that JavaScript brings."""

import ast
from collections.abc import Mapping
from typing import Final

from tree_sitter import Node

from workerhost_drawings.javascript.context import Context
from workerhost_drawings.javascript.python import attribute
from workerhost_drawings.v1.js.values import MAX_SAFE

ANY: Final = 1_000_000
"""For functions that take any number of values."""

FUNCTIONS: Final[Mapping[str, tuple[str, int]]] = {
    "Boolean": ("truthy", 1),
    "Number": ("number", 1),
    "String": ("text", 1),
    "isFinite": ("is_finite", 1),
    "isNaN": ("is_nan", 1),
    "parseFloat": ("parse_float", 1),
    "parseInt": ("parse_int", 2),
    "workflowInfo": ("workflow_info", 0),
    "Array.from": ("array_from", 2),
    "Array.isArray": ("is_array", 1),
    "Date.now": ("now", 0),
    "JSON.parse": ("parse", 1),
    "JSON.stringify": ("stringify", 3),
    "Number.isFinite": ("is_number_finite", 1),
    "Number.isInteger": ("is_integer", 1),
    "Number.isNaN": ("is_number_nan", 1),
    "Number.isSafeInteger": ("is_safe_integer", 1),
    "Number.parseFloat": ("parse_float", 1),
    "Number.parseInt": ("parse_int", 2),
    "Object.entries": ("entries", 1),
    "Object.fromEntries": ("from_entries", 1),
    "Object.keys": ("keys", 1),
    "Object.values": ("values", 1),
    **{
        f"Math.{name}": (f"math.{name}", 1)
        for name in [
            "abs",
            "atan",
            "cbrt",
            "ceil",
            "cos",
            "exp",
            "floor",
            "log",
            "log10",
            "log2",
            "round",
            "sign",
            "sin",
            "sqrt",
            "tan",
            "trunc",
        ]
    },
    "Math.atan2": ("math.atan2", 2),
    "Math.hypot": ("math.hypot", ANY),
    "Math.max": ("math.max", ANY),
    "Math.min": ("math.min", ANY),
    "Math.pow": ("math.pow", 2),
    "Math.random": ("math.random", 0),
}
"""The function of `js` that each is, and how many values it takes."""

NEEDS_ONE: Final[Mapping[str, object]] = {"String": "", "Number": 0, "Boolean": False}
"""What those return that mean something else without a value than with undefined."""

CONSTANTS: Final[Mapping[str, object]] = {
    "Infinity": "INFINITY",
    "NaN": "NAN",
    "Number.EPSILON": 2.0**-52,
    "Number.MAX_SAFE_INTEGER": MAX_SAFE,
    "Number.MAX_VALUE": 1.7976931348623157e308,
    "Number.MIN_SAFE_INTEGER": -MAX_SAFE,
    "Number.MIN_VALUE": 5e-324,
    "Number.NEGATIVE_INFINITY": "NEGATIVE_INFINITY",
    "Number.NaN": "NAN",
    "Number.POSITIVE_INFINITY": "INFINITY",
    **{f"Math.{name}": f"math.{name}" for name in ["E", "LN10", "LN2", "LOG10E", "LOG2E", "PI", "SQRT1_2", "SQRT2"]},
}
"""Each as a value, or as the name of one in `js`."""

GLOBALS: Final = tuple(sorted({name.partition(".")[0] for name in (*FUNCTIONS, *CONSTANTS, "Object.assign")}))
"""Names that JavaScript brings; a name of the scope hides them."""


def constant_of(name: str) -> ast.expr:
    """Return one of the constants."""
    value = CONSTANTS[name]
    return attribute(value) if isinstance(value, str) else ast.Constant(value)  # type: ignore[arg-type]


def is_builtin(context: Context, node: Node) -> bool:
    """Return whether a node is one of JavaScript's own names."""
    if node.type != "identifier" or context.is_known(context.text(node)):
        return False
    return context.text(node) in GLOBALS and context.text(node) not in CONSTANTS


def name_as_value(name: str) -> str:
    """Return why one of JavaScript's names is no value."""
    if name in FUNCTIONS:
        return f"{name} is a function; call it: {name}(…)"
    members = [each for each in (*FUNCTIONS, *CONSTANTS) if each.startswith(f"{name}.")]
    return f"{name} is no value; what it has is {', '.join(sorted(members))}"
