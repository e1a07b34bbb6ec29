"""Why values do not fit a model, as a sentence that names the field."""

from pydantic import ValidationError


def problem_sentence(error: ValidationError, *, unknown: str) -> str:
    """Return one problem as a sentence: a name that is not known, which may be a slip of another one, or the first.

    Args:
        error: what pydantic found.
        unknown: what is said of a name that the model does not have, after that name.
    """
    problems = error.errors()
    problem = next((each for each in problems if each["type"] == "extra_forbidden"), problems[0])
    field = ".".join(str(part) for part in problem["loc"]) or "the body"
    if problem["type"] == "missing":
        return f"{field} is required"
    if problem["type"] == "extra_forbidden":
        return f"{field} {unknown}"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "value_error":
        return f"{field} {message}"
    return f"{field} is required" if problem["input"] in ("", None) else f"{field}: {message}"
