"""Reading a request: bodies through pydantic, ids and numbers from paths and queries, each error a sentence."""

from typing import Annotated, Any, TypeVar

from flask import current_app, request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel
from werkzeug.exceptions import BadRequest

from workerhost.errors import InvalidRequestError, WorkerhostError
from workerhost.model import is_valid_id
from workerhost.runtime.service import Service

ID_RULE = "must begin with a letter or digit and hold only letters, digits, - and _, at most 128 of them"


LONGEST_WAIT = 300
"""Most seconds that a call may be asked to wait, since each call that waits holds a thread of the API."""


class NotJsonError(WorkerhostError):
    """The body is not sent as JSON."""

    status = 415
    code = "not_json"


class Body(BaseModel):
    """A request body; keys are camelCase, and a key that is not known is an error."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


def _valid_id(value: str) -> str:
    if not is_valid_id(value):
        raise ValueError(ID_RULE)
    return value


Id = Annotated[str, AfterValidator(_valid_id)]
"""An id of a project, a workflow or an execution."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A name for people or for Temporal: any printable text."""

TaskQueue = Annotated[Name, StringConstraints(pattern=r"""^[^'"`\\]+$""")]
"""The name of a task queue; Temporal can list executions only where it holds no quotes."""

Version = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$"), Field()]
"""A version of a workflow's code, as `1`, `1.2.0` or `2026-01-31.2`."""

B = TypeVar("B", bound=Body)


def service() -> Service:
    """Return the service behind the application."""
    found = current_app.extensions["workerhost"]
    assert isinstance(found, Service)  # noqa: S101  put there by create_app
    return found


def read_body(model: type[B], *, optional: bool = False) -> B:
    """Return the request's body as `model`.

    Args:
        model: what it must fit.
        optional: whether no body at all counts as an empty object.

    Raises:
        NotJsonError: it is not sent as JSON.
        InvalidRequestError: it is no JSON object or does not fit; the sentence names the field.
    """
    if optional and not request.get_data(cache=True):
        return _validate(model, {})
    if not request.is_json:
        raise NotJsonError("the body must be JSON, sent with the header Content-Type: application/json")
    try:
        values = request.get_json()
    except BadRequest as error:
        raise InvalidRequestError("the body is not valid JSON") from error
    except RecursionError as error:
        raise InvalidRequestError("the body is nested too deeply") from error
    if not isinstance(values, dict):
        raise InvalidRequestError("the body must be a JSON object")
    return _validate(model, values)


def check_id(name: str, value: str) -> str:
    """Return `value` if it is a valid id.

    Raises:
        InvalidRequestError: it is not; the sentence begins with `name`.
    """
    if not is_valid_id(value):
        raise InvalidRequestError(f"{name} {ID_RULE}")
    return value


def query_number(name: str, default: float, *, most: float) -> float:
    """Return a number from the query string.

    Raises:
        InvalidRequestError: it is none, or not between 0 and `most`.
    """
    text = request.args.get(name)
    if text is None:
        return default
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise InvalidRequestError(f"{name} must be a number between 0 and {most:g}")
    return number


def query_flag(name: str) -> bool:
    """Return whether the query string switches something on.

    Raises:
        InvalidRequestError: it is neither `true` nor `false`.
    """
    text = request.args.get(name, "false").lower()
    if text not in ("true", "false", "1", "0"):
        raise InvalidRequestError(f"{name} must be true or false")
    return text in ("true", "1")


def _validate(model: type[B], values: dict[str, Any]) -> B:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidRequestError(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    problem = error.errors()[0]
    field = ".".join(str(part) for part in problem["loc"]) or "the body"
    if problem["type"] == "missing" or problem["input"] in ("", None):
        return f"{field} is required"
    if problem["type"] == "extra_forbidden":
        return f"{field} is not a known field"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{field} {message}" if problem["type"] == "value_error" else f"{field}: {message}"
