"""The way of a drawing: its front end makes a program in the intermediate form, and the emitter makes code of it."""

from collections.abc import Callable, Mapping

from workerhost.drawing import Compilation, CompileContext, Trigger
from workerhost_drawings.canvas.front_end import read_canvas
from workerhost_drawings.emitting.module import emit
from workerhost_drawings.flow.reading import read_program
from workerhost_drawings.open_workflow.front_end import read_open_workflow
from workerhost_drawings.problems import Findings, Read

FRONT_ENDS: Mapping[str, Callable[[object, CompileContext, Findings], Read | None]] = {
    "canvas": read_canvas,
    "open-workflow": read_open_workflow,
    "flow": read_program,
}
"""What reads each format; None for a drawing of which nothing can be made, and the findings say why."""


def compile_drawing(format: str, source: object, context: CompileContext, compiler: str) -> Compilation:
    """Return the code of a drawing, or what is wrong with it.

    Args:
        format: one of `FRONT_ENDS`.
        source: the drawing as it was sent.
        context: what is known of the project.
        compiler: name and version of this compiler, which stands in the code.
    """
    findings = Findings()
    read = FRONT_ENDS[format](source, context, findings)
    emitted = emit(read, format, compiler, findings) if read is not None else None
    if findings.problems or read is None or emitted is None:
        return Compilation(compiler, problems=findings.problems, warnings=findings.warnings)
    return Compilation(
        compiler,
        workflow_code=emitted.code,
        map=emitted.map,
        warnings=findings.warnings,
        triggers=[Trigger(each.kind, each.name, each.definition, each.node) for each in read.program.triggers],
    )
