"""Reading the query string: a route names the model of its parameters, and takes no others."""

import re
from datetime import datetime
from typing import Annotated, Any, TypeVar, get_origin

from flask import request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic.alias_generators import to_camel

from workerhost.errors import InvalidRequestError
from workerhost.forms.validation import problem_sentence

LONGEST_WAIT = 300
"""Most seconds that a call may be asked to wait."""

PAGE, LONGEST_PAGE = 50, 1000
"""What a page holds where the call names no number, and at most."""


class Query(BaseModel):
    """The parameters of a route: none here, those of its fields in a subclass, with names in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class FreeQuery(Query):
    """The parameters of a route that takes any."""

    model_config = ConfigDict(extra="allow")

    @property
    def parameters(self) -> dict[str, str | list[str]]:
        """Their values by name; those of a name that stands there several times as a list."""
        return dict(self.model_extra or {})


Q = TypeVar("Q", bound=Query)


def number_up_to(most: float) -> BeforeValidator:
    """Return the reader of a parameter that is a number between 0 and `most`."""

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = -1
        if not 0 <= number <= most:
            raise ValueError(f"must be a number between 0 and {most:g}")
        return number

    return BeforeValidator(read)


def _read_flag(text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0"):
        raise ValueError("must be true or false")
    return text.lower() in ("true", "1")


def _read_moment(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) and _MOMENT.match(text) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ValueError("must be a time with its zone, as 2026-01-31T12:00:00Z")
    return found


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d")
"""How a time begins in RFC 3339; Python reads other forms of ISO 8601 as well."""

Moment = Annotated[datetime, BeforeValidator(_read_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
"""A point in time."""

WaitSeconds = Annotated[
    float, number_up_to(LONGEST_WAIT), Field(json_schema_extra={"minimum": 0, "maximum": LONGEST_WAIT})
]
"""How long a call may wait for what it asks for."""

Flag = Annotated[
    bool,
    BeforeValidator(_read_flag),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["0", "1"]}]}),
]
"""Something that is switched on or off."""


class PageQuery(Query):
    """Which page, and how long."""

    limit: Annotated[
        float, number_up_to(LONGEST_PAGE), Field(json_schema_extra={"minimum": 0, "maximum": LONGEST_PAGE})
    ] = PAGE
    """How much the page holds at most; as much as without a number where it is 0."""
    cursor: str | None = None
    """Where the page begins: `cursor` of the answer before; without it, the first one."""

    @property
    def number(self) -> int:
        """How much the page is to hold."""
        return int(self.limit) or PAGE


class UncheckedQuery(Query):
    """Whether what is sent is held against what the code takes."""

    unchecked: Flag = False
    """Whether names and arguments are sent as they are, whatever the code takes."""


class TimeoutQuery(Query):
    """How long to wait for what the call brings about; None for as long as the settings say."""

    timeout: WaitSeconds | None = None

    def seconds(self, otherwise: float) -> float:
        """Return the seconds that the call names, or `otherwise` where it names none."""
        return otherwise if self.timeout is None else self.timeout


def read_query(model: type[Q]) -> Q:
    """Return the request's query string as `model`.

    Raises:
        InvalidRequestError: a parameter is unknown, stands there twice or does not fit; the sentence names it.
    """
    lists = {field.alias for field in model.model_fields.values() if get_origin(field.annotation) is tuple}
    is_free = issubclass(model, FreeQuery)
    given: dict[str, Any] = {}
    for name, values in request.args.lists():
        if is_free:
            given[name] = values if len(values) > 1 else values[0]
            continue
        if len(values) > 1 and name not in lists:
            raise InvalidRequestError(f"{name} stands in the query more than once")
        given[name] = values if name in lists else values[0]
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise InvalidRequestError(problem_sentence(error, unknown=_unknown(model))) from error


def _unknown(model: type[Query]) -> str:
    known = [field.alias or name for name, field in model.model_fields.items()]
    taken = " and ".join(known) if len(known) < 3 else ", ".join(known)
    return f"is not a known parameter; this call takes {taken or 'none'}"
