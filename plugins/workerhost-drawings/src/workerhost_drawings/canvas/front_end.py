"""Reads canvas graphs."""

from workerhost.drawing import CompileContext
from workerhost_drawings.problems import Findings, Read


def read_canvas(source: object, context: CompileContext, findings: Findings) -> Read | None:
    """Return the program of a canvas graph."""
    raise NotImplementedError
