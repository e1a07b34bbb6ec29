"""Expressions of the intermediate form as expressions of Python."""

import ast
from collections.abc import Callable, Mapping
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
from workerhost_drawings.javascript.expressions import (
    ExpressionError,
    Scope,
    compile_condition,
    compile_expression,
    compile_template,
    is_boolean,
)
from workerhost_drawings.jq.expressions import compile_jq
from workerhost_drawings.problems import Findings


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
        # By identity; the expressions are kept, so that no other one gets the identity of one that is gone.
        self._made: dict[int, tuple[Expression, ast.expr]] = {}
        self._tests: dict[int, tuple[Expression, ast.expr]] = {}

    def value(self, expression: Expression, node: str | None) -> ast.expr:
        """Return what an expression of a node is in Python; `None` where it is wrong, which is noted."""
        self._node = node
        return self._compile(expression)

    def reads(self, expression: Expression | None, node: str | None, *, tests: bool = False) -> frozenset[str]:
        """Return the locals that an expression reads; `tests` tells whether it stands for a test."""
        if expression is None:
            return frozenset()
        owners = self._names.owners
        found = free_names(self.test(expression, node) if tests else self.value(expression, node))
        return frozenset(owners[each.id] for each in found if each.id in owners)

    def plain(self, expression: Expression, node: str | None) -> ast.expr:
        """Return the value of an expression as JSON, fit to leave the workflow."""
        self._node = node
        made = self._raw(expression)
        return made if is_plain(expression) else call("js.plain", made)

    def test(self, expression: Expression, node: str | None) -> ast.expr:
        """Return whether an expression is truthy, in the meaning of its language."""
        self._node = node
        _, made = self._tests.get(id(expression), (None, None))
        if made is None:
            made = self._test(expression)
            self._tests[id(expression)] = (expression, made)
        return made

    def _test(self, expression: Expression) -> ast.expr:
        if isinstance(expression, JavaScript):
            return self._guarded(expression, lambda: compile_condition(expression.code, self._scope))
        made = self._compile(expression)
        return made if is_boolean(made) else call(f"{_language(expression)}.truthy", made)

    def _raw(self, expression: Expression) -> ast.expr:
        """Return an expression in whose objects members may be undefined."""
        if isinstance(expression, ObjectOf):
            keys: list[ast.expr | None] = [constant(each) for each in expression.fields]
            return ast.Dict(keys, [self._raw(each) for each in expression.fields.values()])
        if isinstance(expression, ListOf):
            return ast.List([self._raw(each) for each in expression.items], ast.Load())
        return self._compile(expression)

    def _compile(self, expression: Expression) -> ast.expr:
        _, made = self._made.get(id(expression), (None, None))
        if made is None:
            made = self._guarded(expression, lambda: self._of(expression))
            self._made[id(expression)] = (expression, made)
        return made

    def _guarded(self, expression: Expression, compiling: Callable[[], ast.expr]) -> ast.expr:
        """Return what is compiled; where that fails, note why and return `None`."""
        try:
            return compiling()
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
        keys: list[ast.expr | None] = [constant(each) for each in expression.fields]
        made = ast.Dict(keys, [self._compile(each) for each in expression.fields.values()])
        if all(_is_defined(each) for each in expression.fields.values()):
            return made
        return call("objects.defined", made)

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
