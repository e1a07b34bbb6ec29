"""Tracebacks, as their lines in code of projects alone."""

import re
import traceback
from types import TracebackType

from workerhost.code.importer import PROJECT_FILE

MOST_LINES, MOST_CAUSES = 20, 5
"""Lines of a trace that are shown, the last ones, and errors in a chain of causes."""

MOST_FRAMES, LONGEST_TRACE = 200, 64 * 1024
"""How many calls, the innermost ones, and how many characters of a traceback's end are looked through for them."""

_PROJECT_LINE = re.compile(rf'File "{PROJECT_FILE}", line (?P<line>\d+)')

_FILE = re.compile(PROJECT_FILE)


def is_project_file(path: str) -> bool:
    """Tell whether a file, as tracebacks name it, is a module of a build."""
    return _FILE.fullmatch(path) is not None


def project_lines(trace: str) -> list[str]:
    """Return the lines of a traceback that are in code of a project, as `module, line 3, in run: the code`."""
    lines = trace[-LONGEST_TRACE:].splitlines()
    found = []
    for line, code in zip(lines, [*lines, ""][1:], strict=True):
        if place := _PROJECT_LINE.search(line):
            where = line[place.end() :].strip(" ,\n")
            module = place["path"].replace("/", ".")
            is_code = not code.lstrip().startswith("File ")
            found.append(f"{module}, line {place['line']}, {where}" + (f": {code.strip()}" if is_code else ""))
    return found


def trace_of(error: BaseException) -> list[str]:
    """Return the project's own lines at which an error and its causes arose, outermost first; never raises."""
    found: list[str] = []
    cause: BaseException | None = error
    try:
        for _ in range(MOST_CAUSES):
            if cause is None:
                break
            if found:
                found.append(f"caused by {error_text(cause)}")
            if isinstance(cause, BaseExceptionGroup):
                found += [f"with {error_text(each)}" for each in cause.exceptions[:MOST_CAUSES]]
            found += project_lines("".join(traceback.format_tb(_innermost(cause.__traceback__))))[-MOST_LINES:]
            cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    except Exception as failed:  # code of the project may be asked
        found.append(f"the rest cannot be shown: {type(failed).__name__}")
    return found


def _innermost(trace: TracebackType | None) -> TracebackType | None:
    outer, depth = trace, 0
    while outer is not None:
        outer, depth = outer.tb_next, depth + 1
    for _ in range(depth - MOST_FRAMES):
        trace = trace.tb_next if trace else None
    return trace


def error_text(error: BaseException) -> str:
    """Return the type of an error and what it says, whatever its own code does then."""
    name = type(error).__name__
    try:
        text = str(error)
    except BaseException:
        text = "its text cannot be read"
    return f"{name}: {text}" if text else name
