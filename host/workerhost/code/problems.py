"""Why a build cannot run, told from an exception of its code: module, line and reason."""

import re
import traceback

from workerhost.code.build import PACKAGE, Build
from workerhost.code.cutting import cut
from workerhost.code.importer import FINDER
from workerhost.model import Problem

LONGEST_REASON = 2000
"""Characters of a reason; a module may raise a text of any length."""

_FILE_IN_PARENTHESES = re.compile(r" \((?:/[^()]*|unknown location)\)")
"""Where Python's import errors name a file of this machine, which is nobody else's business."""

_MISSING = re.compile(r"(?:No module named '|cannot import name '(?P<name>\w+)' from ')(?P<module>\w+(?:\.\w+)*)'")


def problem_from(error: BaseException, build: Build, module: str | None = None, line: int | None = None) -> Problem:
    """Describe an exception by the last place in the build's own sources that it passed.

    Args:
        error: raised while the build was imported, or looked at.
        build: where to look for the place.
        module: what to name when no line of the build is in the traceback.
        line: of that module, if it is known.
    """
    places = {FINDER.filename(full_name): name for full_name, name in build.module_names().items()}
    if isinstance(error, SyntaxError) and error.filename in places:
        return Problem(cut(f"SyntaxError: {error.msg}", LONGEST_REASON), places[error.filename], error.lineno)
    reason = cut(_reason(error, build), LONGEST_REASON)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename in places:
            return Problem(reason, places[frame.filename], frame.lineno)
    return Problem(reason, module, line)


def _reason(error: BaseException, build: Build) -> str:
    if isinstance(error, SystemExit):
        return "the module ends the interpreter when it is imported (SystemExit)"
    name = type(error).__name__
    try:
        text = " ".join(str(error)[: 2 * LONGEST_REASON].split()) or ""
    except BaseException:
        return f"{name}, whose text cannot be read"
    text = _FILE_IN_PARENTHESES.sub("", text.replace(f"{build.package}.", "").replace(f"{PACKAGE}.", ""))
    return f"{name}: {text}{_left_out(text, build)}" if text else name


def _left_out(text: str, build: Build) -> str:
    """Return what is to be added where a module is missing that stands beside a workflow's own, in its folder."""
    found = _MISSING.match(text)
    if found is None:
        return ""
    parts = [*found["module"].split("."), *([found["name"]] if found["name"] else [])]
    folders = {name.partition(".")[0] for name in build.modules}
    if parts[0] not in folders or ".".join(parts[:2]) in build.modules:
        return ""
    if len(parts) == 1:
        return (
            "; the modules of a workflow are workflow.py and activities.py alone, and import each other with a dot, as "
            "in `from .activities import charge`"
        )
    return (
        f"; {parts[0]}/{parts[1]}.py is no part of the build, which has workflow.py and activities.py of each workflow "
        "alone: move what is needed into one of these"
    )
