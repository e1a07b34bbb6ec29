"""Documents of Open Workflow for tests."""

import textwrap
from collections.abc import Mapping

from workerhost.drawing import CompileContext, KnownActivity
from workerhost_drawings.flow.program import Program
from workerhost_drawings.open_workflow.front_end import read_open_workflow
from workerhost_drawings.problems import Findings

HEAD = """\
document:
  dsl: '1.0.3'
  namespace: tests
  name: drawn
  version: '1.0.0'
"""


def document(tasks: str, more: str = "") -> str:
    """Return the text of a document with these tasks, and with more at its top."""
    return f"{HEAD}{textwrap.dedent(more).strip()}\ndo:\n{textwrap.indent(textwrap.dedent(tasks).strip(), '  ')}\n"


def context(activities: Mapping[str, KnownActivity] | None = None, types: tuple[str, ...] = ()) -> CompileContext:
    """Return a project that knows these activities and workflow types."""
    return CompileContext("shop", "drawn", activities=activities or {}, workflow_types=types)


def program(text: object, known: CompileContext | None = None) -> Program:
    """Return the program of a document without problems."""
    findings = Findings()
    read = read_open_workflow(text, known or context(), findings)
    assert not findings.problems, findings.problems
    assert read is not None
    return read.program


def problems(text: object, known: CompileContext | None = None) -> list[tuple[str | None, str]]:
    """Return the places and the sentences of what is wrong with a document."""
    findings = Findings()
    assert read_open_workflow(text, known or context(), findings) is None
    return [(each.path, each.reason) for each in findings.problems]


def warnings(text: object, known: CompileContext | None = None) -> list[tuple[str | None, str]]:
    """Return the places and the sentences of what may not be meant in a document without problems."""
    findings = Findings()
    assert read_open_workflow(text, known or context(), findings) is not None, findings.problems
    return [(each.path, each.reason) for each in findings.warnings]
