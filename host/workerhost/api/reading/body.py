"""Bodies through pydantic."""

from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app, request
from pydantic import ValidationError

from workerhost.api.reading.text import read_json
from workerhost.errors import BodyTooLargeError, InvalidRequestError, WorkerhostError
from workerhost.forms.fields import Form
from workerhost.forms.validation import problem_sentence
from workerhost.runtime.service import Service


class NotJsonError(WorkerhostError):
    """The body is not sent as JSON."""

    status = 415
    code = "not_json"


class Body(Form):
    """A request body."""


MAX_RAW_BYTES = 1024 * 1024
"""Largest body of a call that takes any."""


@dataclass(frozen=True)
class RawBody:
    """A request body of any media type, as it was sent."""

    data: bytes


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


def read_raw_body() -> RawBody:
    """Return the request's body as it was sent.

    Raises:
        BodyTooLargeError: it has more than `MAX_RAW_BYTES`.
    """
    data = request.get_data(cache=True)
    if len(data) > MAX_RAW_BYTES:
        raise BodyTooLargeError(MAX_RAW_BYTES)
    return RawBody(data)


def _validate(model: type[B], values: dict[str, Any]) -> B:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidRequestError(problem_sentence(error, unknown="is not a known field")) from error
