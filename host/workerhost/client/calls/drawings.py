"""Calls about drawings that are not published."""

from collections.abc import Mapping

from workerhost.answers import CompileResult
from workerhost.client.calls.call import CHECK_SECONDS, Call, project_path
from workerhost.client.calls.publishing import source_of
from workerhost.drawing import Drawing


def compile_drawing(
    project_id: str, drawing: Drawing, name: str | None, activities_code: str | None, modules: Mapping[str, str] | None
) -> Call[CompileResult]:
    """Compile a drawing, and store nothing."""
    body = {
        "source": source_of(drawing),
        "name": name,
        "activitiesCode": activities_code,
        "modules": dict(modules) if modules else None,
    }
    return Call("POST", project_path(project_id, "compile"), CompileResult, body, seconds=CHECK_SECONDS)
