"""Reads a program that was sent in the intermediate form."""

from pydantic import ValidationError

from workerhost.drawing import CompileContext
from workerhost_drawings.documents.reading import UnreadableError, check_value, read_text
from workerhost_drawings.flow.checking import check_program
from workerhost_drawings.flow.program import Program
from workerhost_drawings.problems import Findings, Read


def read_program(source: object, context: CompileContext, findings: Findings) -> Read | None:
    """Return the program, an object or a text in YAML or JSON, under the name of its workflow.

    None where it has not the form, and the findings say why.
    """
    try:
        value = read_text(source) if isinstance(source, str) else source
        check_value(value)
        program = Program.model_validate(value)
    except UnreadableError as error:
        findings.problem(str(error))
        return None
    except ValidationError as error:
        for each in error.errors():
            findings.problem(each["msg"], path="/" + "/".join(str(part) for part in each["loc"]))
        return None
    except RecursionError:
        findings.problem("the program is nested too deep")
        return None
    check_program(program, context.activities, findings)
    return None if findings.problems else Read(program.model_copy(update={"name": context.workflow}))
