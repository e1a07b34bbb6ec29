"""The variables of projects: listed, read, changed and deleted from outside."""

from collections.abc import Sequence
from typing import Any

from workerhost.runtime.executions import cursors
from workerhost.store import Store, Variable
from workerhost.store.variables import variable_changed
from workerhost.words import VariableScope

LIST = "variables"
"""What cursors call pages of variables."""


class ProjectVariables:
    """The variables of projects. Safe to use from any thread; every call may block.

    Every call raises `NotFoundError` where there is no such project, or no such variable.

    Args:
        store: where they are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(
        self, project_id: str, scope: VariableScope | None, prefix: str, limit: int, cursor: str | None
    ) -> tuple[Sequence[Variable], str | None]:
        """Return some variables by scope and name, and where the next page begins.

        Args:
            project_id: whose they are.
            scope: of those that are looked for; None for all.
            prefix: how their names begin.
            limit: how many at most; fewer are returned where values are large.
            cursor: that of the page before; None for the first page.

        Raises:
            InvalidRequestError: the cursor is none of this list.
        """
        place = [LIST, project_id, scope or "", prefix]
        after = cursors.decode(cursor, place, _position) if cursor else None
        found, more = self._store.variables.page(project_id, scope, prefix, limit, after)
        return found, cursors.encode(place, [found[-1].scope, found[-1].name]) if more else None

    def get(self, project_id: str, scope: VariableScope, name: str) -> Variable:
        """Return one variable."""
        return self._store.variables.get(project_id, scope, name)

    def put(
        self, project_id: str, scope: VariableScope, name: str, value: Any, if_version: int | None = None
    ) -> Variable:
        """Give a variable a value, and return it.

        Args:
            project_id: whose it is.
            scope: of the variable.
            name: of the variable, which is made where it is not there.
            value: any JSON value.
            if_version: which it must have, 0 for one that must not be there; None for whatever it has.

        Raises:
            InvalidRequestError: the value is none that can be kept.
            ConflictError: it has another version, or the project has as many variables as it may.
        """
        made = self._store.variables.change(project_id, scope, name, value, if_version=if_version)
        if not made.changed:
            raise variable_changed(scope, name, made.version)
        return self._store.variables.get(project_id, scope, name)

    def delete(self, project_id: str, scope: VariableScope, name: str, if_version: int | None = None) -> None:
        """Delete a variable.

        Raises:
            ConflictError: it has another version than the expected one.
        """
        self._store.variables.delete(project_id, scope, name, if_version)


def _position(position: object) -> tuple[str, str]:
    match position:
        case [str(scope), str(name)]:
            return scope, name
    raise ValueError(position)
