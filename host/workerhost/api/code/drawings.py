"""Drawings that are compiled and not published."""

from flask import Blueprint, Response

from workerhost.answers import CompileResult
from workerhost.api.conversions import compile_result
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, service
from workerhost.api.reading.fields import Id, Modules
from workerhost.api.reading.sources import DrawingBody
from workerhost.api.response import respond
from workerhost.api.waiting import waits
from workerhost.drawing import DrawnWorkflow

blueprint = Blueprint("drawings", __name__, url_prefix="/projects/<project_id>")


class CompileBody(Body):
    """A drawing, and the code that it may call."""

    source: DrawingBody
    activities_code: str | None = None
    """Activities that the drawing may call, beside those of the project and of plugins."""
    modules: Modules | None = None
    name: Id = "drawing"
    """The workflow that it is to become, whose workflow type has the same name."""


@blueprint.post("/compile")
@described(CompileResult, name="compileDrawing")
@waits
def compile_drawing(project_id: Id, body: CompileBody) -> Response:
    """Compile a drawing, and store nothing. What is wrong with it stands in the answer."""
    drawn = DrawnWorkflow(body.name, "unpublished", body.source.drawing(), body.activities_code, body.modules or {})
    return respond(compile_result(service().publisher.compile(project_id, drawn)))
