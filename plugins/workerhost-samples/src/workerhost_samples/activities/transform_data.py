"""`transformData`: one change to one value."""

from collections.abc import Callable
from typing import Any, Literal

from pydantic import JsonValue
from temporalio import activity
from temporalio.exceptions import ApplicationError

from workerhost_samples.camel_case import CamelCaseModel
from workerhost_samples.json_text import parse_json, stringify

Transformation = Literal["uppercase", "lowercase", "reverse", "json-parse", "json-stringify"]


class TransformInput(CamelCaseModel):
    """A value and what to do with it."""

    data: JsonValue
    transformation: Transformation


def _parse(text: str) -> Any:
    try:
        return parse_json(text)
    except ValueError as error:
        message = f"The data is not valid JSON: {error}"
        raise ApplicationError(message, type="InvalidJson", non_retryable=True) from None


_OF_STRINGS: dict[Transformation, Callable[[str], Any]] = {
    "uppercase": str.upper,
    "lowercase": str.lower,
    "reverse": lambda text: text[::-1],
    "json-parse": _parse,
}


@activity.defn(name="transformData")
def transform_data(request: TransformInput) -> Any:
    """Change a text to upper or lower case, reverse it, read it as JSON, or write any value as JSON."""
    if request.transformation == "json-stringify":
        return stringify(request.data)
    if not isinstance(request.data, str):
        return request.data
    return _OF_STRINGS[request.transformation](request.data)
