"""The calls of the asynchronous client about variables."""

from collections.abc import AsyncIterator
from typing import Any

from workerhost.answers import CommandResult, VariableInfo, VariablePage
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import variables as calls


class AsyncVariableCalls(AsyncConnection):
    """Variables, which the workflows of a project share."""

    async def variable_page(
        self,
        project_id: str,
        limit: int = 50,
        cursor: str | None = None,
        *,
        scope: str | None = None,
        prefix: str | None = None,
    ) -> VariablePage:
        """Return some variables of the project, by scope and name.

        Args:
            project_id: the project.
            limit: how many at most.
            cursor: that of the page before; None for the first page.
            scope: `project` or `service`; None for both.
            prefix: how their names begin.
        """
        return await self.send(calls.variables(project_id, scope, prefix, limit, cursor))

    async def variables(
        self, project_id: str, *, scope: str | None = None, prefix: str | None = None, page_size: int = 50
    ) -> AsyncIterator[VariableInfo]:
        """Yield all variables of the project by scope and name, `page_size` with each call at most."""
        async for page in self._pages(lambda cursor: calls.variables(project_id, scope, prefix, page_size, cursor)):
            for variable in page.variables:
                yield variable

    async def variable(self, project_id: str, scope: str, name: str) -> VariableInfo:
        """Return one variable."""
        return await self.send(calls.variable(project_id, scope, name))

    async def put_variable(
        self, project_id: str, scope: str, name: str, value: Any, *, if_version: int | None = None
    ) -> VariableInfo:
        """Give a variable a value, and return it.

        Args:
            project_id: the project.
            scope: `project` or `service`.
            name: of the variable, which is made where it is not there.
            value: any JSON value.
            if_version: the version that it must have, 0 for one that must not be there; None for whatever it has.
        """
        return await self.send(calls.put_variable(project_id, scope, name, value, if_version))

    async def delete_variable(
        self, project_id: str, scope: str, name: str, *, if_version: int | None = None
    ) -> CommandResult:
        """Delete a variable, where it has the version `if_version`, or whatever version it has."""
        return await self.send(calls.delete_variable(project_id, scope, name, if_version))
