"""What plugins answer, checked before the host uses it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from workerhost.drawing import Compilation, DrawingProblem, DrawnWorkflow, NodeLine, Trigger
from workerhost.model import ProjectCode, WorkflowCode
from workerhost.plugins.reports import HookMisuseError

T = TypeVar("T")

Reader = Callable[[str, Any], T]
"""Takes the name of a hook and a plugin's answer, and returns the answer as the host uses it.

It raises `HookMisuseError` where the answer is of another kind.
"""


def unused(_hook: str, _answer: Any) -> None:
    """Accept any answer of a hook whose answer means nothing."""


def sequence_of(kind: type[T]) -> Reader[list[T]]:
    """Return a reader of any iterable of `kind`; None counts as an empty one."""
    expected = f"a list of {kind.__name__}"

    def read(hook: str, answer: Any) -> list[T]:
        if answer is None:
            return []
        if isinstance(answer, str | bytes | Mapping) or not isinstance(answer, Iterable):
            raise HookMisuseError(f"{hook} returned {_kind(answer)}; {expected} is expected")
        items = list(answer)
        for item in items:
            if not isinstance(item, kind):
                raise HookMisuseError(f"{hook} returned {_kind(item)} among others; {expected} is expected")
        return items

    return read


def project_code(hook: str, answer: Any) -> ProjectCode | None:
    """Read the answer of a code loader; None means that it does not know the project."""
    if answer is None:
        return None
    if not isinstance(answer, ProjectCode):
        raise HookMisuseError(f"{hook} returned {_kind(answer)}; a ProjectCode or None is expected")
    workflows: Any = answer.workflows
    if not isinstance(workflows, tuple | list) or not all(isinstance(each, WorkflowCode) for each in workflows):
        raise HookMisuseError(f"{hook} returned a ProjectCode whose workflows are not a tuple of WorkflowCode")
    if not _holds(answer.drawings, DrawnWorkflow):
        raise HookMisuseError(f"{hook} returned a ProjectCode whose drawings are not a tuple of DrawnWorkflow")
    return answer


def compilation(hook: str, answer: Any) -> Compilation | None:
    """Read the answer of a compiler; None means that it does not know the format."""
    if answer is None:
        return None
    if not isinstance(answer, Compilation):
        raise HookMisuseError(f"{hook} returned {_kind(answer)}; a Compilation or None is expected")
    parts = {"map": NodeLine, "problems": DrawingProblem, "warnings": DrawingProblem, "triggers": Trigger}
    for name, kind in parts.items():
        if not _holds(getattr(answer, name), kind):
            raise HookMisuseError(f"{hook} returned a Compilation whose {name} is not a list of {kind.__name__}")
    if not answer.problems and not answer.workflow_code:
        raise HookMisuseError(f"{hook} returned a Compilation with neither code nor problems")
    texts = [answer.compiler, answer.workflow_code, answer.activities_code or "", *answer.modules.values()]
    if not all(isinstance(each, str) for each in texts):
        raise HookMisuseError(f"{hook} returned a Compilation whose code is no text")
    return answer


def _holds(values: Any, kind: type) -> bool:
    return isinstance(values, tuple | list) and all(isinstance(each, kind) for each in values)


def _kind(value: Any) -> str:
    return f"an object of type {type(value).__name__}"
