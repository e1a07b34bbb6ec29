"""What all parts of the intermediate form share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Name = Annotated[str, Field(min_length=1, max_length=1000)]
"""A name in the drawing's own words; the emitter makes a Python name of it where it needs one."""

Milliseconds = Annotated[int, Field(ge=0, le=10 * 366 * 24 * 3600 * 1000)]


class Form(BaseModel):
    """A part of the intermediate form: immutable, with keys in camelCase, and no others."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)
