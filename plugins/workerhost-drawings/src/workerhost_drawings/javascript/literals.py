"""Literals: numbers, texts, templates, arrays, objects."""

import ast
import re
from collections.abc import Mapping
from typing import Final

from tree_sitter import Node

from workerhost_drawings.javascript.context import Context, Handler, children, field_of
from workerhost_drawings.javascript.python import attribute, call, folded
from workerhost_drawings.v1.js.numbers import number as as_number
from workerhost_drawings.v1.js.numbers import text as as_text
from workerhost_drawings.v1.js.values import joined

_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,8})\}|(\r\n|[\n\r\u2028\u2029])|(.))", re.DOTALL
)
_CHARACTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


def _decoded(context: Context, raw: str, node: Node) -> str:
    """Return what a text between quotes means."""

    def one(found: re.Match[str]) -> str:
        code = found[1] or found[2] or found[3]
        if code:
            if int(code, 16) > 0x10FFFF:
                raise context.error(f"{found[0]} is no character", node)
            return chr(int(code, 16))
        if found[4]:
            return ""
        following = raw[found.end() : found.end() + 1]
        octal = found[5] in "123456789" or (found[5] == "0" and following.isdigit())
        if found[5] in "xu" or octal:
            raise context.error(f'"{found[0]}" is no escape that is known here; \\u{{…}} is one', node)
        return _CHARACTERS.get(found[5], found[5])

    return joined(_ESCAPE.sub(one, raw)) if "\\" in raw else raw


def string_value(context: Context, node: Node) -> str:
    """Return the text that a literal in quotes means."""
    return _decoded(context, context.text(node)[1:-1], node)


def number_value(context: Context, node: Node) -> int | float:
    """Return the number that a literal means."""
    written = context.text(node)
    plain = written.replace("_", "")
    if plain.endswith("n") and plain[:-1].isdigit():
        raise context.error(f"{written} is a BigInt, which is not supported; numbers are written without n", node)
    if re.match(r"0[0-9]", plain):
        raise context.error(f"{written} begins with 0; octal numbers are written 0o17", node)
    return as_number(plain)


def _string(context: Context, node: Node) -> ast.expr:
    return ast.Constant(string_value(context, node))


def _number(context: Context, node: Node) -> ast.expr:
    value = number_value(context, node)
    return ast.Constant(value) if value != float("inf") else attribute("INFINITY")


def _template(context: Context, node: Node) -> ast.expr:
    parts: list[ast.expr] = []
    done = node.start_byte + 1
    for child in [*[each for each in node.children if each.type == "template_substitution"], None]:
        end = child.start_byte if child else node.end_byte - 1
        raw = context.source.between(done, end).replace("\r\n", "\n").replace("\r", "\n")
        if raw:
            parts.append(ast.Constant(_decoded(context, raw, node)))
        if child:
            parts.append(context.expr(children(child)[0]))
            done = child.end_byte
    return folded("concat", *parts)


def _array(context: Context, node: Node) -> ast.expr:
    before = "["
    for child in node.children:
        if child.type == "," and before in ("[", ","):
            raise context.error("an item of the array is missing here; undefined may stand for it", child)
        before = child.type if child.type != "comment" else before
    return ast.List([_item(context, child) for child in children(node)], ast.Load())


def _item(context: Context, node: Node) -> ast.expr:
    if node.type == "spread_element":
        return ast.Starred(call("iterate", context.expr(children(node)[0])), ast.Load())
    return context.expr(node)


def _object(context: Context, node: Node) -> ast.expr:
    keys: list[ast.expr | None] = []
    values: list[ast.expr] = []
    for child in children(node):
        key, value = _member(context, child)
        keys.append(key)
        values.append(value)
    return ast.Dict(keys, values)


def _member(context: Context, node: Node) -> tuple[ast.expr | None, ast.expr]:
    if node.type == "spread_element":
        return None, call("spread", context.expr(children(node)[0]))
    if node.type == "shorthand_property_identifier":
        return ast.Constant(context.text(node)), context.expr(node)
    if node.type != "pair":
        reason = f'"{context.shown(node)}" is not supported in an object; members are written name: value'
        raise context.error(reason, node)
    return _key(context, field_of(node, "key")), context.expr(field_of(node, "value"))


def _key(context: Context, node: Node) -> ast.expr:
    if node.type == "computed_property_name":
        return folded("text", context.expr(children(node)[0]))
    name = key_name(context, node)
    if name == "__proto__":
        raise context.error('the member "__proto__" cannot be set: it is no data', node)
    return ast.Constant(name)


def key_name(context: Context, node: Node) -> str:
    """Return the name that a key of an object literal or pattern means."""
    if node.type == "string":
        return string_value(context, node)
    if node.type == "number":
        return as_text(number_value(context, node))
    name = context.text(node)
    if node.type != "property_identifier" or "\\" in name:
        raise context.error(f'"{context.shown(node)}" is not supported as the name of a member', node)
    return name


def _constant(value: object) -> Handler:
    return lambda _context, _node: ast.Constant(value)  # type: ignore[arg-type]


LITERALS: Final[Mapping[str, Handler]] = {
    "string": _string,
    "number": _number,
    "template_string": _template,
    "array": _array,
    "object": _object,
    "true": _constant(True),  # noqa: FBT003
    "false": _constant(False),  # noqa: FBT003
    "null": _constant(None),
    "undefined": lambda _context, _node: attribute("undefined"),
    "parenthesized_expression": lambda context, node: context.expr(children(node)[0]),
}
"""What compiles each of them."""
