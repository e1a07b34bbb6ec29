"""Bodies through pydantic, and the ids in paths."""

import re
import unicodedata
from typing import Annotated, Any, TypeVar

from flask import current_app, request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from workerhost.api.reading.text import read_json
from workerhost.api.reading.validation import problem_sentence
from workerhost.errors import InvalidRequestError, WorkerhostError
from workerhost.model import is_valid_id
from workerhost.runtime.service import Service

ID_RULE = "must begin with a letter or digit and hold only letters, digits, - and _, at most 128 of them"


class NotJsonError(WorkerhostError):
    """The body is not sent as JSON."""

    status = 415
    code = "not_json"


class Body(BaseModel):
    """A request body; keys are camelCase, and a key that is not known is an error."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


def _valid_id(value: str) -> str:
    if not value:
        raise ValueError("is required")
    if not is_valid_id(value):
        raise ValueError(ID_RULE)
    return value


Id = Annotated[str, AfterValidator(_valid_id)]
"""An id of a project, a workflow or an execution."""


def _without_control_characters(value: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise ValueError("must not hold control characters")
    return value


NO_CONTROL_CHARACTERS = AfterValidator(_without_control_characters)
"""Part of the type of any text that is a name."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_CONTROL_CHARACTERS]
"""A name for people or for Temporal: any printable text."""


def _valid_task_queue(value: str) -> str:
    if re.search(r"""['"`\\]""", value):
        raise ValueError("must not hold quotes or backslashes, since Temporal could not list its executions")
    for prefix in RESERVED_QUEUES:
        if value.startswith(prefix):
            raise ValueError(f"must not begin with {prefix}, which Temporal keeps for itself")
    return value


RESERVED_QUEUES = ("/_sys/", "temporal-sys-", "__temporal_")
"""Beginnings of the queues that Temporal makes: parts of a queue, those of its own workers, and those of its SDKs."""

TaskQueue = Annotated[Name, AfterValidator(_valid_task_queue)]
"""The name of a task queue."""

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
    values = read_json(request.get_data())
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


def _validate(model: type[B], values: dict[str, Any]) -> B:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidRequestError(problem_sentence(error, unknown="is not a known field")) from error
