"""Which function each variable belongs to, and what ends the run from within functions."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from workerhost_drawings.emitting.syntax import assign, call, free_names, inner_functions, name

Function = ast.AsyncFunctionDef


@dataclass(eq=False)
class _Scope:
    """A function and the variables that stand in it, those of functions within it left out."""

    function: Function
    path: tuple["_Scope", ...]
    """The functions around it, the outermost first, and itself."""
    stores: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)


def settle_variables(run: Function, variables: Collection[str], unset: Collection[str]) -> None:
    """Say in each function which variables belong to one around it, and give those a value that may be read without.

    Args:
        run: the outermost function; changed in place.
        variables: that stand for locals of the program, in a fixed order.
        unset: those that may be read before anything was put into them.
    """
    scopes = list(_scopes(run, ()))
    parameters = {each.arg for each in run.args.args}
    given: dict[int, list[str]] = {}
    foreign: dict[int, list[str]] = {}
    for variable in variables:
        using = [each for each in scopes if variable in each.stores or variable in each.uses]
        if not using:
            continue
        owner = scopes[0] if variable in unset or variable in parameters else _around_all(using)
        is_given = owner is scopes[0] and variable in parameters
        if not is_given and (variable in unset or variable not in owner.stores):
            given.setdefault(id(owner), []).append(variable)
        for each in using:
            if each is not owner and variable in each.stores:
                foreign.setdefault(id(each), []).append(variable)
    for each in scopes:
        first: list[ast.stmt] = [ast.Nonlocal(foreign[id(each)])] if id(each) in foreign else []
        first += [assign(variable, name("js.undefined")) for variable in given.get(id(each), ())]
        each.function.body[:0] = first


def settle_ends(run: Function, ends: Collection[int], bodies: Collection[int]) -> bool:
    """Make the ends of the run that stand in functions of inner flows raise what ends it; tell whether there are any.

    Args:
        run: the outermost function; changed in place.
        ends: identities of the `return` statements that end the run.
        bodies: identities of the functions of inner flows.
    """
    changer = _Ender(ends, bodies)
    run.body = [changer.visit(each) for each in run.body]
    return changer.is_needed


class _Ender(ast.NodeTransformer):
    def __init__(self, ends: Collection[int], bodies: Collection[int]) -> None:
        self._ends = ends
        self._bodies = bodies
        self._depth = 0
        self.is_needed = False

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        is_body = id(node) in self._bodies
        self._depth += is_body
        self.generic_visit(node)
        self._depth -= is_body
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        if id(node) not in self._ends or not self._depth:
            return node
        self.is_needed = True
        return ast.Raise(call("Ended", *([node.value] if node.value else [])), None)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        return node


def _scopes(function: Function, around: tuple[_Scope, ...]) -> Iterator[_Scope]:
    scope = _Scope(function, ())
    scope.path = (*around, scope)
    for each in function.body:
        for found in free_names(each):
            (scope.uses if isinstance(found.ctx, ast.Load) else scope.stores).add(found.id)
    yield scope
    for each in function.body:
        for inner in inner_functions(each):
            yield from _scopes(inner, scope.path)


def _around_all(using: list[_Scope]) -> _Scope:
    """Return the innermost function that all of them stand in, or are."""
    shared = using[0].path
    for each in using[1:]:
        length = 0
        while length < min(len(shared), len(each.path)) and shared[length] is each.path[length]:
            length += 1
        shared = shared[:length]
    return shared[-1]
