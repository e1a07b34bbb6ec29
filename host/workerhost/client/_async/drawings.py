"""The calls of the asynchronous client about drawings that are not published."""

from collections.abc import Mapping

from workerhost.answers import CompileResult
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import drawings as calls
from workerhost.drawing import Drawing


class AsyncDrawingCalls(AsyncConnection):
    """Drawings, before they are published."""

    async def compile(
        self,
        project_id: str,
        drawing: Drawing,
        *,
        name: str | None = None,
        activities_code: str | None = None,
        modules: Mapping[str, str] | None = None,
    ) -> CompileResult:
        """Return the code that a drawing becomes, or what is wrong with it; nothing is stored.

        Args:
            project_id: the project, whose activities the drawing may call.
            drawing: its format, and the value of a JSON document or a text.
            name: of the workflow that it is to become; `drawing` where none is given.
            activities_code: further activities that it may call, as Python source.
            modules: further modules of these, as source by name.
        """
        return await self.send(calls.compile_drawing(project_id, drawing, name, activities_code, modules))
