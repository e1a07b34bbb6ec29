"""Expressions of the intermediate form as expressions of Python."""

import ast
from collections.abc import Mapping
from functools import singledispatchmethod

from workerhost_drawings.emitting.helpers import HELPERS
from workerhost_drawings.emitting.naming import Names
from workerhost_drawings.emitting.syntax import TooDeepError, call, constant, free_names, literal, name
from workerhost_drawings.flow.expressions import (
    Expression,
    Helper,
    JavaScript,
    Jq,
    ListOf,
    Local,
    ObjectOf,
    Template,
    Value,
)
from workerhost_drawings.javascript.expressions import ExpressionError, Scope, compile_expression, compile_template
from workerhost_drawings.jq.expressions import compile_jq
from workerhost_drawings.problems import Findings

_BOOLEAN_CALLS = frozenset({"js.truthy", "jq.truthy"})


class Expressions:
    """Compiles the expressions of one program, each once, and notes what is wrong with them.

    Args:
        names: of the module.
        scope: the locals that the names of JavaScript stand for.
        findings: of the compilation.
    """

    def __init__(self, names: Names, scope: Mapping[str, str], findings: Findings) -> None:
        self._names = names
        self._scope = Scope({each: names.local(local) for each, local in scope.items()})
        self._findings = findings
        self._node: str | None = None
        self._made: dict[int, tuple[Expression, ast.expr]] = {}

    def value(self, expression: Expression, node: str | None) -> ast.expr:
        """Return what an expression of a node is in Python; `None` where it is wrong, which is noted."""
        _, made = self._made.get(id(expression), (None, None))
        if made is None:
            self._node = node
            made = self._compile(expression)
            self._made[id(expression)] = (expression, made)  # which keeps its id from being given to another
        return made

    def reads(self, expression: Expression | None, node: str | None) -> frozenset[str]:
        """Return the locals that an expression reads."""
        if expression is None:
            return frozenset()
        owners = self._names.owners
        found = free_names(self.value(expression, node))
        return frozenset(owners[each.id] for each in found if each.id in owners)

    def plain(self, expression: Expression, node: str | None) -> ast.expr:
        """Return the value of an expression as JSON, fit to leave the workflow."""
        if is_plain(expression):
            return self.value(expression, node)
        if isinstance(expression, ObjectOf):
            self._node = node
            return call("js.plain", self._dict(expression))
        return call("js.plain", self.value(expression, node))

    def test(self, expression: Expression, node: str | None) -> ast.expr:
        """Return whether an expression is truthy, in the meaning of its language."""
        made = self.value(expression, node)
        return made if _is_boolean(made) else call(f"{_language(expression)}.truthy", made)

    def _compile(self, expression: Expression) -> ast.expr:
        try:
            return self._of(expression)
        except ExpressionError as error:
            path = getattr(expression, "path", None)
            self._findings.problem(f"column {error.column}: {error}", self._node, path)
        except TooDeepError as error:
            self._findings.problem(str(error), self._node)
        return constant(None)

    @singledispatchmethod
    def _of(self, expression: Expression) -> ast.expr:
        raise AssertionError(f"no code is made of {expression.kind}")

    @_of.register
    def _value(self, expression: Value) -> ast.expr:
        return literal(expression.value)

    @_of.register
    def _local(self, expression: Local) -> ast.expr:
        return name(self._names.local(expression.name))

    @_of.register
    def _javascript(self, expression: JavaScript) -> ast.expr:
        return compile_expression(expression.code, self._scope)

    @_of.register
    def _template(self, expression: Template) -> ast.expr:
        return compile_template(expression.text, self._scope)

    @_of.register
    def _jq(self, expression: Jq) -> ast.expr:
        names = {each: name(self._names.local(local)) for each, local in expression.names.items()}
        return compile_jq(expression.code, name(self._names.local(expression.data)), names)

    @_of.register
    def _object(self, expression: ObjectOf) -> ast.expr:
        made = self._dict(expression)
        if all(_is_defined(each) for each in expression.fields.values()):
            return made
        return call("objects.defined", made)

    def _dict(self, expression: ObjectOf) -> ast.expr:
        """Return an object in which members may be undefined."""
        keys: list[ast.expr | None] = [constant(each) for each in expression.fields]
        return ast.Dict(keys, [self._compile(each) for each in expression.fields.values()])

    @_of.register
    def _list(self, expression: ListOf) -> ast.expr:
        return ast.List([self._compile(each) for each in expression.items], ast.Load())

    @_of.register
    def _helper(self, expression: Helper) -> ast.expr:
        fewest, most = HELPERS.get(expression.function, (-1, -1))
        if fewest <= len(expression.arguments) <= most:
            return call(expression.function, *(self._compile(each) for each in expression.arguments))
        if fewest < 0:
            known = ", ".join(HELPERS)
            reason = f"there is no helper {expression.function}; there are {known}"
        else:
            reason = f"the helper {expression.function} takes {fewest} to {most} arguments"
        self._findings.problem(reason, self._node)
        return constant(None)


def is_plain(expression: Expression) -> bool:
    """Tell whether the value of an expression is JSON as it stands, with nothing undefined in it."""
    if isinstance(expression, ObjectOf):
        return all(is_plain(each) for each in expression.fields.values())
    if isinstance(expression, ListOf):
        return all(is_plain(each) for each in expression.items)
    return isinstance(expression, Value | Jq)


def is_object(expression: Expression) -> bool:
    """Tell whether the value of an expression is an object for certain."""
    return isinstance(expression, ObjectOf) or (isinstance(expression, Value) and isinstance(expression.value, dict))


def _is_defined(expression: Expression) -> bool:
    return isinstance(expression, Value | Jq | ObjectOf | ListOf)


def _language(expression: Expression) -> str:
    return "jq" if isinstance(expression, Jq) else "js"


def _is_boolean(made: ast.expr) -> bool:
    """Tell whether Python's own meaning of a test is right, since it is True or False for certain."""
    if isinstance(made, ast.Constant):
        return isinstance(made.value, bool)
    if isinstance(made, ast.UnaryOp):
        return isinstance(made.op, ast.Not)
    if isinstance(made, ast.BoolOp):
        return all(_is_boolean(each) for each in made.values)
    if isinstance(made, ast.Call):
        return ast.unparse(made.func) in _BOOLEAN_CALLS
    return isinstance(made, ast.Compare) and all(isinstance(each, ast.Is | ast.IsNot) for each in made.ops)
