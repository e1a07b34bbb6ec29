"""Names, members, and chains of them: `input.order?.items[0].name.trim()`."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tree_sitter import Node

from workerhost_drawings.javascript.builtins import CONSTANTS, GLOBALS, constant_of, is_builtin, name_as_value
from workerhost_drawings.javascript.calls import builtin_call, date_call, method_call
from workerhost_drawings.javascript.context import Context, Handler, field_of
from workerhost_drawings.javascript.python import call, function

_LINKS: Final = ("member_expression", "subscript_expression", "call_expression")


@dataclass(frozen=True)
class _Link:
    """One part of a chain: a member that is read, or a method that is called."""

    node: Node
    optional: bool
    called: Node | None = None
    """The node of the call."""


def _identifier(context: Context, node: Node) -> ast.expr:
    name = context.text(node)
    if name in context.local:
        return context.local[name]
    if name in context.scope.names:
        return ast.Name(context.scope.names[name], ast.Load())
    if name in CONSTANTS:
        return constant_of(name)
    if name in GLOBALS:
        raise context.error(name_as_value(name), node)
    known = {**dict.fromkeys(GLOBALS), **dict.fromkeys(context.scope.names), **dict.fromkeys(context.local)}
    raise context.error(f'the name "{context.shown(node)}" is not known here{context.near(name, known)}', node)


def _is_optional(node: Node) -> bool:
    return any(child.type in ("optional_chain", "?.") for child in node.children)


def _chain(context: Context, node: Node) -> tuple[Node, list[_Link]]:
    """Return what a chain begins with, and its links."""
    links: list[_Link] = []
    called: Node | None = None
    while node.type in _LINKS:
        if node.type == "call_expression":
            if called is not None:
                raise context.error("the result of a call is no function that can be called", node)
            called = node
            if _is_optional(node) or field_of(node, "arguments").type != "arguments":
                raise context.error("a function is called with round brackets alone: name(…)", node)
            node = field_of(node, "function")
            continue
        links.append(_Link(node, _is_optional(node), called))
        called = None
        node = field_of(node, "object")
    if called is not None:
        links.append(_Link(node, optional=False, called=called))
    return node, links[::-1]


def _chained(context: Context, node: Node) -> ast.expr:
    start, links = _chain(context, node)
    value, links = _begun(context, start, links)
    segment: list[_Link] = []
    for link in links:
        if link.optional and segment:
            value = _segment(context, value, segment)
            segment = []
        segment.append(link)
    return _segment(context, value, segment) if segment else value


def _begun(context: Context, start: Node, links: list[_Link]) -> tuple[ast.expr, list[_Link]]:
    """Return the value that a chain begins with, and the links that are left: `Math.max(…)` takes one away."""
    first = links[0]
    if first.called and first.node.type not in _LINKS:
        return builtin_call(context, start, None, first.called), links[1:]
    if is_builtin(context, start):
        name = context.text(start)
        if first.node.type != "member_expression":
            raise context.error(f"members of {name} are written {name}.name", first.node)
        member = field_of(first.node, "property")
        if first.called:
            return builtin_call(context, start, member, first.called), links[1:]
        constant = CONSTANTS.get(f"{name}.{context.text(member)}")
        if constant is None:
            raise context.error(f'"{context.shown(first.node)}" is not supported as a value', first.node)
        return constant_of(f"{name}.{context.text(member)}"), links[1:]
    if start.type == "new_expression":
        return date_call(context, start, first.node, first.called), links[1:]
    return context.expr(start), links


def _segment(context: Context, value: ast.expr, links: list[_Link]) -> ast.expr:
    """Return what links make of a value, of which the first alone may be optional."""
    if not links[0].optional:
        return _linked(context, value, links)
    if not any(link.called for link in links):
        return call("maybe", value, *[_key(context, link.node) for link in links])
    name = context.python_name("it", [])
    with context.parameters({}, [name]):
        body = _linked(context, ast.Name(name, ast.Load()), links)
    return call("optional", value, function([name], body))


def _linked(context: Context, value: ast.expr, links: list[_Link]) -> ast.expr:
    keys: list[ast.expr] = []
    for link in links:
        if link.called is None:
            keys.append(_key(context, link.node))
            continue
        value = call("get", value, *keys) if keys else value
        keys = []
        value = method_call(context, value, link.node, link.called)
    return call("get", value, *keys) if keys else value


def _key(context: Context, node: Node) -> ast.expr:
    """Return the key that a member is read by; it is only ever looked up in JSON."""
    if node.type == "member_expression":
        member = field_of(node, "property")
        if member.type != "property_identifier":
            raise context.error(f'"{context.shown(member)}" is a private name, which data does not have', member)
        return ast.Constant(context.member_name(context.text(member), member))
    index = field_of(node, "index")
    key = context.expr(index)
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        context.member_name(key.value.replace("\\", "/"), index)
    return key


def _refuse_new(context: Context, node: Node) -> ast.expr:
    made = context.shown(field_of(node, "constructor"))
    hint = "; new Date().toISOString() gives the time" if made == "Date" else ""
    raise context.error(f'"new {made}" is not supported here{hint}', node)


MEMBERS: Final[Mapping[str, Handler]] = {
    "identifier": _identifier,
    "shorthand_property_identifier": _identifier,
    "new_expression": _refuse_new,
    **dict.fromkeys(_LINKS, _chained),
}
"""What compiles each of them."""
