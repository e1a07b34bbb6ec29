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

_MISSING = re.compile(r"No module named '(?P<module>\w+(?:\.\w+)*)'")


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
    plain = _FILE_IN_PARENTHESES.sub("", text.replace(f"{build.package}.", "").replace(f"{PACKAGE}.", ""))
    return f"{name}: {plain}{_without_dot(plain, text, build)}" if text else name


def _without_dot(text: str, original: str, build: Build) -> str:
    """Return what is to be added where a module of the build is imported as if it were installed."""
    found = _MISSING.match(text)
    if found is None or build.package in original:
        return ""
    name = found["module"].partition(".")[0]
    own = next((each for each in build.modules if name in each.split(".")), None)
    if own is None:
        return ""
    return (
        f"; {own} is a module of the project, whose modules import each other with a dot, as in `from .{name} import …`"
    )
