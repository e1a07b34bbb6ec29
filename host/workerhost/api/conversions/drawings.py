"""Drawings, and what compilers make of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from workerhost.answers import CompileResult, DrawingInfo, DrawingProblemInfo, NodeLineInfo, TriggerInfo
from workerhost.api.conversions.executions import given
from workerhost.drawing import Compilation, CompiledDrawing, DrawingProblem, NodeLine, Trigger
from workerhost.runtime.triggers.setting_up import TriggerWarning


def compile_result(made: Compilation) -> CompileResult:
    """Return what a compiler made of a drawing, as the API shows it."""
    return CompileResult(
        compiler=made.compiler,
        workflow_code=made.workflow_code,
        **given(activities_code=made.activities_code, modules=dict(made.modules) or None),
        map=tuple(map(_node_line_info, made.map)),
        problems=tuple(map(problem_info, made.problems)),
        warnings=tuple(map(problem_info, made.warnings)),
        triggers=tuple(map(_trigger_info, made.triggers)),
    )


def drawing_fields(drawing: CompiledDrawing | None) -> dict[str, Any]:
    """Return what is shown of a version beside its code where it was drawn; nothing where it was not."""
    if drawing is None:
        return {}
    return {
        "source": DrawingInfo(format=drawing.drawing.format, document=drawing.drawing.document),
        "compiler": drawing.compiler,
        "map": tuple(map(_node_line_info, drawing.map)),
        "warnings": tuple(map(problem_info, drawing.warnings)),
        "triggers": tuple(map(_trigger_info, drawing.triggers)),
    }


def problem_info(problem: DrawingProblem, workflow: str | None = None) -> DrawingProblemInfo:
    """Return a problem or a warning as the API shows it, with the workflow where one is given."""
    return DrawingProblemInfo(
        **given(workflow=workflow), reason=problem.reason, **given(node=problem.node, path=problem.path)
    )


def trigger_warnings(found: Sequence[TriggerWarning]) -> Iterator[DrawingProblemInfo]:
    """Yield what of the triggers of drawings is not as it should be yet, as the API shows it."""
    for workflow, problem in found:
        yield problem_info(problem, workflow)


def _node_line_info(line: NodeLine) -> NodeLineInfo:
    return NodeLineInfo(node=line.node, line=line.line, **given(label=line.label or None, type=line.type or None))


def _trigger_info(trigger: Trigger) -> TriggerInfo:
    return TriggerInfo(kind=trigger.kind, name=trigger.name, definition=dict(trigger.shown), **given(node=trigger.node))
