"""Reads a program that was sent in the intermediate form."""

from pydantic import ValidationError

from workerhost.drawing import CompileContext
from workerhost_drawings.flow.checking import check_program
from workerhost_drawings.flow.program import Program
from workerhost_drawings.problems import Findings, Read


def read_program(source: object, context: CompileContext, findings: Findings) -> Read | None:
    """Return the program, under the name of its workflow; None where it has not the form, and the findings say why."""
    try:
        program = Program.model_validate(source)
    except ValidationError as error:
        for each in error.errors():
            findings.problem(each["msg"], path="/" + "/".join(str(part) for part in each["loc"]))
        return None
    except RecursionError:
        findings.problem("the program is nested too deep")
        return None
    check_program(program, findings)
    return None if findings.problems else Read(program.model_copy(update={"name": context.workflow}))
