"""Calendars as they are sent: times by their parts."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel

from workerhost.forms.fields import NO_CONTROL_CHARACTERS, Form
from workerhost.runtime.schedules.fields import FIELDS, read_value

LONGEST_VALUE = 100
"""Characters of a text, and values of a list."""

_RANGE = {
    "type": "object",
    "properties": {
        name: {"type": "integer", "minimum": least} for name, least in (("start", 0), ("end", 0), ("step", 1))
    },
    "required": ["start"],
    "additionalProperties": False,
}
_ONE = [
    {"type": "integer", "minimum": 0, "maximum": 2100},
    {"type": "string", "minLength": 1, "maxLength": 100},
    _RANGE,
]


def _check(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str | list) and len(value) > LONGEST_VALUE:
        raise ValueError(f"must not be longer than {LONGEST_VALUE}")
    read_value(value, FIELDS[to_camel(info.field_name or "")])
    return value


CalendarValue = Annotated[
    Any,
    AfterValidator(_check),
    Field(default_factory=lambda: None),  # None as a default would be one that the schema does not have
    WithJsonSchema({"anyOf": [*_ONE, {"type": "array", "minItems": 1, "maxItems": 100, "items": {"anyOf": _ONE}}]}),
]
"""A number, a text as in cron, a range with `start`, `end` and `step`, or a list of these."""


class CalendarBody(Form):
    """Times by their parts: all that fit each of them."""

    second: CalendarValue
    """0 to 59; 0 where it is left out."""
    minute: CalendarValue
    """0 to 59; 0 where it is left out."""
    hour: CalendarValue
    """0 to 23; 0 where it is left out."""
    day_of_month: CalendarValue
    """1 to 31; every day where it is left out."""
    month: CalendarValue
    """1 to 12; every month where it is left out."""
    year: CalendarValue
    """2000 to 2100; every year where it is left out."""
    day_of_week: CalendarValue
    """0, Sunday, to 6, or 7 for Sunday; every day where it is left out."""
    comment: Annotated[str, StringConstraints(max_length=200), NO_CONTROL_CHARACTERS] | None = None

    @model_validator(mode="after")
    def _names_a_part(self) -> Self:
        if not self.model_fields_set - {"comment"}:
            raise ValueError(f"must name at least one of {', '.join(FIELDS)}")
        return self
