"""What all answers have in common: how they are read and written, and what becomes of words that are not known."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    PrivateAttr,
    model_validator,
)
from pydantic.alias_generators import to_camel

W = TypeVar("W")


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(_iso, return_type=str)]
"""A point in time; written as `2026-01-31T12:00:00.000Z`."""

OrText = Annotated[W | str, Field(union_mode="left_to_right")]
"""A word of `workerhost.words`, or the plain text where the service is newer and has a word that is not known here.

`OrText[WorkerStatus]` is a `WorkerStatus` wherever it can be. Its members are strings, so that a comparison with a
string works for both.
"""


class Answer(BaseModel):
    """An answer of the control API, or a part of one: frozen, with keys in camelCase on the wire.

    Keys that are not known are ignored when an answer is read, so that a client works with a newer service.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)

    _raw: Mapping[str, Any] = PrivateAttr(default_factory=dict)

    @property
    def raw(self) -> Mapping[str, Any]:
        """The answer as the service sent it, with keys that this version does not know."""
        return self._raw

    def to_json(self) -> dict[str, Any]:
        """Return the answer as it goes over the wire.

        Keys come in the order of the fields. A field that was set to None is null; one that was not set is left out.
        """
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    @model_validator(mode="wrap")
    @classmethod
    def _keep_raw(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(values)
        if isinstance(values, Mapping):
            made._raw = values  # noqa: SLF001  of this class
        return made


class CommandResult(Answer):
    """What a command did, as a sentence."""

    success: bool = True
    message: str


class ErrorInfo(Answer):
    """Why a call was refused. What else is known of the error stands beside these keys."""

    model_config = ConfigDict(extra="allow")

    success: bool = False
    error: str
    """A sentence for people."""
    code: str
    """A stable name for programs."""
