"""Types of fields that calls and drawings have; each says in the OpenAPI document what it takes."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

ID_RULE = "must begin with a letter or digit and hold only letters, digits, - and _, at most 128 of them"

CONTROL = r"\u0000-\u001f\u007f-\u009f"
"""The control characters of Unicode, for a regular expression."""


class Form(BaseModel):
    """Something that is sent; keys are camelCase, and a key that is not known is an error."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


def _without_control_characters(value: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise ValueError("must not hold control characters")
    return value


NO_CONTROL_CHARACTERS = AfterValidator(_without_control_characters)
"""Part of the type of any text that is a name."""

Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    NO_CONTROL_CHARACTERS,
    Field(json_schema_extra={"pattern": f"^[^{CONTROL}]*$"}),
]
"""A name for people or for Temporal: any printable text."""


def check_no_nul(text: str) -> str:
    """Return `text` where it has no NUL character.

    Raises:
        ValueError: it has one.
    """
    if "\0" in text:
        raise ValueError("must not hold NUL characters")
    return text


Reason = Annotated[
    str,
    StringConstraints(max_length=10_000),
    AfterValidator(check_no_nul),
    Field(json_schema_extra={"pattern": r"^[^\u0000]*$"}),
]
"""Why something is done, in any words."""
