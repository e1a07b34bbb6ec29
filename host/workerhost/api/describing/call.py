"""Declaring a call: the types of its function's arguments say what it takes, and its decorator what it answers."""

import functools
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.alias_generators import to_camel

from workerhost.answers import Answer
from workerhost.api.reading.body import Body, RawBody, read_body, read_raw_body
from workerhost.api.reading.headers import Headers, read_headers
from workerhost.api.reading.query import Query, read_query
from workerhost.errors import InvalidRequestError
from workerhost.forms.validation import problem_sentence

ATTRIBUTE = "description"
"""Of a view function: its `Description`."""

Answers = Mapping[int, type[Answer] | str]
"""What a call answers by HTTP status: JSON of that model, or text of that media type."""


class Path(BaseModel):
    """The parameters in a path: those of its fields in a subclass, with names in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="forbid")


@dataclass(frozen=True)
class Description:
    """What a call takes and answers."""

    path: type[Path]
    query: type[Query]
    headers: type[Headers]
    body: type[Body | RawBody] | None
    answers: Answers
    name: str | None = None
    """Of the operation, where it is not made of method and path."""
    stream: str | None = None
    """The media type of what it answers with 200 instead, where it is asked to go on."""

    @property
    def parameters(self) -> tuple[type[Path], type[Query], type[Headers]]:
        """The models of all that it takes beside a body."""
        return self.path, self.query, self.headers

    @property
    def needs_body(self) -> bool:
        """Whether there must be a body; one without required keys may be left out."""
        if self.body is None or issubclass(self.body, RawBody):
            return False
        return any(field.is_required() for field in self.body.model_fields.values())

    def read(self, path: Mapping[str, str]) -> dict[str, Any]:
        """Return the arguments for the function, of the request that is being answered.

        Args:
            path: the parameters in the path, by the names of the arguments.

        Raises:
            InvalidRequestError: something does not fit; the sentence names it.
            NotJsonError: the body is not sent as JSON.
            BodyTooLargeError: the body is larger than a call takes that takes any.
        """
        arguments = self._read_path(path)
        query = read_query(self.query)
        if self.query is not Query:
            arguments["query"] = query
        if self.headers is not Headers:
            arguments["headers"] = read_headers(self.headers)
        if self.body is not None and issubclass(self.body, RawBody):
            arguments["body"] = read_raw_body()
        elif self.body is not None:
            arguments["body"] = read_body(self.body, optional=not self.needs_body)
        return arguments

    def _read_path(self, path: Mapping[str, str]) -> dict[str, Any]:
        try:
            return dict(self.path.model_validate({to_camel(name): value for name, value in path.items()}))
        except ValidationError as error:
            raise InvalidRequestError(problem_sentence(error, unknown="is not in this path")) from error


def described(
    answers: type[Answer] | str | Answers, *, name: str | None = None, stream: str | None = None
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Return a decorator for functions that answer a call. It stands next to the route.

    The function's argument `query` is a `Query`, `headers` are `Headers`, `body` is a `Body` or a `RawBody`, and any
    other a parameter in the path, whose type may say what it must be. The decorator reads them, and refuses with 400
    what does not fit; a call without `query` takes no parameters.

    Args:
        answers: of each status, or of 200 alone, the model that is answered as JSON, or the media type of a text.
        name: what clients call it, in camelCase, beginning with a verb, and no other call's; None for one that is made
            of method and path, such as `listExecutions` or `cancelExecution`.
        stream: the media type of what is answered with 200 instead, where the call is asked to go on.
    """
    by_status = answers if isinstance(answers, Mapping) else {200: answers}

    def decorate(view: Callable[..., Response]) -> Callable[..., Response]:
        description = _describe(view, by_status, name, stream)

        @functools.wraps(view)
        def read_first(**path: str) -> Response:
            return view(**description.read(path))

        setattr(read_first, ATTRIBUTE, description)
        return read_first

    return decorate


def _describe(view: Callable[..., Response], answers: Answers, name: str | None, stream: str | None) -> Description:
    hints = typing.get_type_hints(view, include_extras=True)
    hints.pop("return", None)
    query, headers, body = hints.pop("query", Query), hints.pop("headers", Headers), hints.pop("body", None)
    fields: dict[str, Any] = {name: (hint, ...) for name, hint in hints.items()}
    return Description(create_model("Path", __base__=Path, **fields), query, headers, body, answers, name, stream)
