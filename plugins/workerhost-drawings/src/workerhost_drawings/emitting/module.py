"""The module of a program."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from workerhost.drawing import NodeLine
from workerhost_drawings.emitting.formatting import FormattingError, formatted
from workerhost_drawings.emitting.imports import import_block
from workerhost_drawings.emitting.messages import message_methods
from workerhost_drawings.emitting.naming import class_name
from workerhost_drawings.emitting.notes import Notes, one_line
from workerhost_drawings.emitting.running import run_method
from workerhost_drawings.emitting.syntax import TooDeepError, call, constant, name, with_lines
from workerhost_drawings.flow.program import Program
from workerhost_drawings.problems import Findings, Read


@dataclass(frozen=True)
class Emitted:
    """The code of a program, and where its nodes stand in it."""

    code: str
    map: Sequence[NodeLine]


def emit(read: Read, format: str, compiler: str, findings: Findings) -> Emitted | None:
    """Return the module of a program; None where it has problems, which are added to the findings.

    Args:
        read: what the front end made of the drawing.
        format: of the drawing; it stands in the first line.
        compiler: name and version of the compiler, which stand there too.
        findings: of the compilation.
    """
    notes = Notes()
    article = "an" if format[:1] in tuple("aeiou") else "a"
    first = (
        f"# Compiled from {article} {one_line(format)} drawing by {one_line(compiler)}. Change the drawing, not this."
    )
    try:
        made = _class(read.program, notes, findings)
        if findings.problems or made is None:
            return None
        lines = notes.placed(formatted("\n\n".join([first, *import_block([made]), _text(made)])).splitlines())
    except (FormattingError, TooDeepError) as error:
        findings.problem(str(error))
        return None
    except RecursionError:
        findings.problem("the drawing is nested too deep; a part of it would do better as a child")
        return None
    code = "\n".join(lines.text) + "\n"
    if fault := _fault(code):
        findings.problem(fault)
        return None
    return Emitted(
        code, [NodeLine(each.node, each.line, each.label, read.types.get(each.node, "")) for each in lines.nodes]
    )


def _class(program: Program, notes: Notes, findings: Findings) -> ast.ClassDef | None:
    run = run_method(program, notes, findings)
    if run is None:
        return None
    about = [notes.remark(program.description)] if one_line(program.description) else []
    return ast.ClassDef(
        class_name(program.name),
        [name("Drawn")],
        [],
        [*about, *message_methods(program, findings), run],
        [call("workflow.defn", name=constant(program.name))],
    )


def _text(made: ast.AST) -> str:
    return ast.unparse(with_lines(made))


def _fault(code: str) -> str | None:
    """Say what Python itself has against the code: it has limits of its own for nesting."""
    try:
        compile(code, "<drawing>", "exec", dont_inherit=True)
    except (SyntaxError, RecursionError, MemoryError) as error:
        said = error.msg if isinstance(error, SyntaxError) else "it is nested too deep"
        return f"Python does not take the code of the drawing: {said}; with less nesting it would do"
    return None
