"""Calls: of JavaScript's own functions, and of the methods of values."""

import ast
import inspect
from collections.abc import Callable
from typing import Any, Final

from tree_sitter import Node

from workerhost_drawings.javascript.builtins import ANY, FUNCTIONS, NEEDS_ONE, is_builtin
from workerhost_drawings.javascript.context import Context, children, field_of
from workerhost_drawings.javascript.functions import arrow_function
from workerhost_drawings.javascript.python import attribute, call, folded
from workerhost_drawings.v1.js.calls import METHOD_NAMES, METHODS

_TAKE_FUNCTIONS: Final = {
    **dict.fromkeys(
        ["every", "filter", "find", "findIndex", "findLast", "findLastIndex", "flatMap", "map", "some"], (0, 3)
    ),
    **dict.fromkeys(("reduce", "reduceRight"), (0, 4)),
    **dict.fromkeys(("sort", "toSorted"), (0, 2)),
    **dict.fromkeys(("replace", "replaceAll"), (1, 3)),
    "Array.from": (1, 2),
}
"""Which of the values is a function, and how many values that gets at most."""

_ON_FRESH: Final = {"sort": "toSorted", "reverse": "toReversed"}
_INSTEAD: Final = {
    "copyWithin": "slice and concat make a new one",
    "fill": "map makes a new one",
    "forEach": "map, filter and reduce return something",
    "pop": "slice(0, -1) is the array without its last item, and at(-1) that item",
    "push": "[...array, item] is a new one",
    "reverse": "toReversed() makes a new one",
    "shift": "slice(1) is the array without its first item, and at(0) that item",
    "sort": "toSorted(…) makes a new one",
    "splice": "slice and concat make a new one",
    "unshift": "[item, ...array] is a new one",
}
_UNSUPPORTED: Final = {
    **dict.fromkeys(("match", "matchAll", "search", "test", "exec"), "regular expressions are not supported"),
    **dict.fromkeys(
        ("localeCompare", "toLocaleString", "toLocaleUpperCase", "toLocaleLowerCase", "toLocaleDateString"),
        "it depends on the language of the machine; compare with <, and write numbers with toFixed",
    ),
    **dict.fromkeys(("call", "apply", "bind"), "functions are called by their names"),
}
_FRESH_METHODS: Final = frozenset(
    [
        "concat",
        "filter",
        "flat",
        "flatMap",
        "map",
        "reverse",
        "slice",
        "sort",
        "split",
        "toReversed",
        "toSorted",
        "with",
    ]
)
_FRESH_FUNCTIONS: Final = frozenset(("Array.from", "Object.entries", "Object.keys", "Object.values"))


def _most(function: Callable[..., Any]) -> int:
    """Return how many values a method takes, beside the one that it is called on."""
    parameters = inspect.signature(function).parameters.values()
    if any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return ANY
    return len(parameters) - 1


_ARITY: Final = {
    name: 2 if name.startswith("reduce") else min(_most(each[name]) for each in METHODS.values() if name in each)
    for name in METHOD_NAMES
}


def builtin_call(context: Context, start: Node, member: Node | None, called: Node) -> ast.expr:
    """Return the call of one of JavaScript's own functions: `start(…)`, or `start.member(…)`."""
    if start.type != "identifier" or context.is_known(context.text(start)):
        raise context.error(f'"{context.shown(start)}" is no function that can be called', start)
    name = context.text(start) if member is None else f"{context.text(start)}.{context.text(member)}"
    if name == "Object.assign":
        return _assigned(context, called)
    known = FUNCTIONS.get(name)
    if known is None:
        near = context.near(name, FUNCTIONS)
        raise context.error(f'the function "{name[:80]}" is not known here{near}', member or start)
    arguments = _arguments(context, name, called, known[1])
    if not arguments and name in NEEDS_ONE:
        return ast.Constant(NEEDS_ONE[name])  # type: ignore[arg-type]
    if name in NEEDS_ONE:
        return folded(known[0], *arguments)
    return ast.Call(attribute(known[0]), arguments, [])


def method_call(context: Context, value: ast.expr, node: Node, called: Node) -> ast.expr:
    """Return the call of a method of a value."""
    if node.type != "member_expression":
        raise context.error("a method is called by its name: value.name(…)", node)
    member = field_of(node, "property")
    name = context.member_name(context.text(member), member)
    if name in _INSTEAD:
        if name not in _ON_FRESH or not _is_fresh(context, field_of(node, "object")):
            why = "returns nothing" if name == "forEach" else "changes its array, and an expression changes nothing"
            raise context.error(f"{name} {why}; {_INSTEAD[name]}", member)
        arguments = _arguments(context, name, called, _ARITY[_ON_FRESH[name]])
        return call("call", value, ast.Constant(_ON_FRESH[name]), *arguments)
    if name not in _ARITY:
        reason = _UNSUPPORTED.get(name)
        hint = f": {reason}" if reason else context.near(name, METHOD_NAMES)
        raise context.error(f'the method "{name[:80]}" is not supported{hint}', member)
    return call("call", value, ast.Constant(name), *_arguments(context, name, called, _ARITY[name]))


def _is_fresh(context: Context, node: Node) -> bool:
    """Return whether an array has just been made, so that nothing else holds it."""
    while node.type == "parenthesized_expression":
        node = children(node)[0]
    if node.type != "call_expression":
        return node.type == "array"
    made = field_of(node, "function")
    if made.type != "member_expression":
        return False
    if is_builtin(context, field_of(made, "object")):
        return context.text(made) in _FRESH_FUNCTIONS
    return context.text(field_of(made, "property")) in _FRESH_METHODS


def _arguments(context: Context, name: str, called: Node, most: int) -> list[ast.expr]:
    given = children(field_of(called, "arguments"))
    if len(given) > most:
        takes = "no values" if most == 0 else "one value" if most == 1 else f"at most {most} values"
        raise context.error(f"{name} takes {takes}", given[most])
    place, gets = _TAKE_FUNCTIONS.get(name, (-1, 0))
    result: list[ast.expr] = []
    for index, each in enumerate(given):
        if each.type == "spread_element":
            if most < ANY:
                raise context.error(f"{name} takes its values one by one, without ...", each)
            result.append(ast.Starred(call("iterate", context.expr(children(each)[0])), ast.Load()))
        elif index == place:
            result.append(_function(context, each, gets))
        else:
            result.append(context.expr(each))
    return result


def _function(context: Context, node: Node, gets: int) -> ast.expr:
    """Return an argument that may be a function: `item => item.id`, or the name of one."""
    if node.type == "arrow_function":
        return arrow_function(context, node, gets)
    start = field_of(node, "object") if node.type == "member_expression" else node
    name = context.text(node)
    if is_builtin(context, start) and name in FUNCTIONS:
        return attribute(FUNCTIONS[name][0])
    return context.expr(node)


def _assigned(context: Context, called: Node) -> ast.expr:
    given = children(field_of(called, "arguments"))
    if not given or given[0].type != "object":
        raise context.error("Object.assign changes its first value; write Object.assign({}, …) or {...value}", called)
    if any(each.type == "spread_element" for each in given):
        raise context.error("Object.assign takes its values one by one, without ...", called)
    first = context.expr(given[0])
    if not isinstance(first, ast.Dict):
        raise TypeError("an object literal is a dict")
    others = [call("spread", context.expr(each)) for each in given[1:]]
    return ast.Dict([*first.keys, *[None for _ in others]], [*first.values, *others])


def date_call(context: Context, start: Node, node: Node, called: Node | None) -> ast.expr:
    """Return the time that `new Date().toISOString()` or `new Date().getTime()` gives: that of the workflow's clock."""
    member = node.child_by_field_name("property")
    name = context.text(member) if member else ""
    made = context.text(field_of(start, "constructor"))
    given = start.child_by_field_name("arguments")
    functions = {"toISOString": "now_text", "toJSON": "now_text", "getTime": "now", "valueOf": "now"}
    if made != "Date" or context.is_known("Date") or called is None or name not in functions:
        return context.expr(start)
    if given is not None and children(given):
        raise context.error("new Date takes no value here; new Date().toISOString() gives the time", start)
    _arguments(context, name, called, 0)
    return call(functions[name])
