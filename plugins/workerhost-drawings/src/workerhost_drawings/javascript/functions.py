"""Functions that are handed to methods: `(item, index) => item.id`."""

import ast

from tree_sitter import Node

from workerhost_drawings.javascript.context import Context, children, field_of
from workerhost_drawings.javascript.literals import key_name
from workerhost_drawings.javascript.python import call, function


def arrow_function(context: Context, node: Node, gets: int) -> ast.expr:
    """Return the lambda of an arrow function that gets so many values at most."""
    if any(child.type == "async" for child in node.children):
        raise context.error("async functions are not supported in expressions", node)
    one = node.child_by_field_name("parameter")
    parameters = [one] if one else children(field_of(node, "parameters"))
    if len(parameters) > gets:
        raise context.error(f"this function gets at most {gets} values", parameters[gets])
    python: list[str] = []
    names: dict[str, ast.expr] = {}
    for each in parameters:
        wished = context.text(each) if each.type == "identifier" else "entry"
        python.append(context.python_name(wished, python))
        _bind(context, each, ast.Name(python[-1], ast.Load()), names)
    with context.parameters(names, python):
        body = context.expr(_returned(context, field_of(node, "body")))
    return function(python, body)


def _returned(context: Context, body: Node) -> Node:
    """Return what a function returns: its body, or what stands behind `return` in it."""
    if body.type != "statement_block":
        return body
    statements = children(body)
    found = children(statements[0]) if len(statements) == 1 and statements[0].type == "return_statement" else []
    if not found:
        raise context.error("a function in { } holds one return and nothing else; write item => value", body)
    return found[0]


def _bind(context: Context, node: Node, value: ast.expr, names: dict[str, ast.expr]) -> None:
    """Let the names of a parameter stand for a value, or for members of it."""
    if node.type in ("identifier", "shorthand_property_identifier_pattern"):
        names[context.text(node)] = value
    elif node.type == "array_pattern":
        if any(child.type == "," and not _named_before(child) for child in node.children):
            raise context.error("each item of the array needs a name here", node)
        for index, each in enumerate(children(node)):
            _bind(context, each, _part(value, ast.Constant(index)), names)
    elif node.type == "object_pattern":
        for each in children(node):
            _bind_member(context, each, value, names)
    else:
        raise context.error(f'"{context.shown(node)}" is not supported as a parameter; a name is', node)


def _bind_member(context: Context, node: Node, value: ast.expr, names: dict[str, ast.expr]) -> None:
    if node.type == "shorthand_property_identifier_pattern":
        key = context.text(node)
        _bind(context, node, _part(value, ast.Constant(context.member_name(key, node))), names)
    elif node.type == "pair_pattern":
        name = key_name(context, field_of(node, "key"))
        member = ast.Constant(context.member_name(name, node))
        _bind(context, field_of(node, "value"), _part(value, member), names)
    elif node.type == "rest_pattern" and children(node)[0].type == "identifier":
        parent = node.parent
        keys = [] if parent is None else [_taken_key(context, each) for each in children(parent) if each != node]
        names[context.text(children(node)[0])] = call("without", value, *keys)
    else:
        raise context.error(f'"{context.shown(node)}" is not supported as a parameter; a name is', node)


def _taken_key(context: Context, node: Node) -> ast.expr:
    key = node.child_by_field_name("key")
    return ast.Constant(context.text(node) if key is None else key_name(context, key))


def _part(value: ast.expr, key: ast.expr) -> ast.expr:
    """Return a member of a value, or of a member of one."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "get":
        return call("get", *value.args, key)
    return call("get", value, key)


def _named_before(comma: Node) -> bool:
    before = comma.prev_sibling
    return before is not None and before.type not in ("[", ",")
