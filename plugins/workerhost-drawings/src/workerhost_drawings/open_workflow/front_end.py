"""Reads Open Workflow documents."""

from workerhost.drawing import CompileContext
from workerhost_drawings.problems import Findings, Read


def read_open_workflow(source: object, context: CompileContext, findings: Findings) -> Read | None:
    """Return the program of an Open Workflow document."""
    raise NotImplementedError
