"""The module of a program."""

from collections.abc import Sequence
from dataclasses import dataclass

from workerhost.drawing import NodeLine
from workerhost_drawings.problems import Findings, Read


@dataclass(frozen=True)
class Emitted:
    """The code of a program, and where its nodes stand in it."""

    code: str
    map: Sequence[NodeLine]


def emit(read: Read, format: str, compiler: str, findings: Findings) -> Emitted | None:
    """Return the module of a program; None where it has problems, which are added to the findings."""
    raise NotImplementedError
