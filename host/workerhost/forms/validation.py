"""Why values do not fit a model, as a sentence that names the field."""

import re
from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from workerhost.code.cutting import cut

LONGEST_PART = 100
"""Characters of a name that are shown of a field that does not fit."""

_FORM = re.compile(r"[a-z-]+\[.*\]", re.DOTALL)
"""What pydantic calls one of several forms of a value, as `literal['first','last']`; it is no name of a field."""

_OF_KEY = "[key]"
"""What pydantic writes behind a key of an object that does not fit itself."""


def problem_sentence(error: ValidationError, *, unknown: str) -> str:
    """Return one problem as a sentence: a name that is not known, which may be a slip of another one, or the first.

    Args:
        error: what pydantic found.
        unknown: what is said of a name that the model does not have, after that name.
    """
    problems = error.errors()
    problem = next((each for each in problems if each["type"] == "extra_forbidden"), problems[0])
    return _sentence(problem, unknown)


def problem_sentences(error: ValidationError, *, unknown: str) -> list[str]:
    """Return all problems, each as a sentence; the arguments are those of `problem_sentence`."""
    return [_sentence(each, unknown) for each in error.errors()]


def _sentence(problem: ErrorDetails, unknown: str) -> str:
    *outer, last = problem["loc"] or ("",)
    if last == _OF_KEY:
        key = outer.pop()
        message = problem["msg"].removeprefix("Value error, ")
        return f"{_field(outer)} has the key {cut(str(key), LONGEST_PART)!r}, which does not fit: {message}"
    field = _field(problem["loc"])
    if problem["type"] == "missing":
        return f"{field} is required"
    if problem["type"] == "extra_forbidden":
        return f"{field} {unknown}"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "value_error":
        return f"{field} {message}"
    return f"{field} is required" if problem["input"] in ("", None) else f"{field}: {message}"


def _field(place: Sequence[int | str]) -> str:
    """Return the name of a field by its place in the body."""
    parts = [str(part) for part in place if not (isinstance(part, str) and _FORM.fullmatch(part))]
    return ".".join(cut(part, LONGEST_PART) for part in parts) or "the body"
