"""Reading headers: a route names the model of those that it reads, and passes over all others."""

from typing import TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError

from workerhost.errors import InvalidRequestError
from workerhost.forms.validation import problem_sentence


def _header_name(field: str) -> str:
    """Return `Stripe-Signature` for `stripe_signature`."""
    return "-".join(part.capitalize() for part in field.split("_"))


class Headers(BaseModel):
    """The headers that a route reads: none here, those of its fields in a subclass, whose `_` are `-` in their names.

    They are found in any case. Whatever else a request has among its headers is no concern of the route.
    """

    model_config = ConfigDict(alias_generator=_header_name, extra="ignore", frozen=True)


class FreeHeaders(Headers):
    """The headers of a route that may read any; those that it names are the ones that have a meaning of their own."""

    @property
    def sent(self) -> list[tuple[str, str]]:
        """The names and values of all headers of the present request."""
        return list(request.headers.items())


H = TypeVar("H", bound=Headers)


def read_headers(model: type[H]) -> H:
    """Return the request's headers as `model`.

    Raises:
        InvalidRequestError: one does not fit; the sentence names it.
    """
    names = [field.alias or name for name, field in model.model_fields.items()]
    found = {name: value for name in names if (value := request.headers.get(name)) is not None}
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise InvalidRequestError(problem_sentence(error, unknown="is not a known header")) from error
