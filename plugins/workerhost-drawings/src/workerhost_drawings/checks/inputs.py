"""Holds the input of an activity against its schema, as far as it is known before a run."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError
from jsonschema.validators import Draft202012Validator, extend

LONGEST_REASON = 300
MOST_REASONS = 20

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]

_OF_THE_WHOLE = ("oneOf", "not", "if", "uniqueItems", "contains", "const", "enum", "dependentSchemas")
"""Keywords that cannot be held against an object with something unknown in it."""


class _Unknown:
    """What an expression will give."""

    def __repr__(self) -> str:
        return "an expression"


_UNKNOWN = _Unknown()


def check_input(value: Any, schema: Mapping[str, Any], activity: str) -> Iterator[tuple[str, str]]:
    """Yield the path and a sentence for each part of an input that cannot fit; an expression fits everything.

    Args:
        value: as it is drawn, with expressions in its texts.
        schema: of the activity's one argument. One that is of no use says nothing.
        activity: its name.
    """
    try:
        errors = list(_Lenient(schema).iter_errors(_plain(value)))
    except Exception:  # a schema of anyone's may be wrong in any way
        return
    for error in errors[:MOST_REASONS]:
        yield from _reasons(error, activity)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return _UNKNOWN if "${" in value else value
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(_holds_unknown(each) for each in (value.values() if isinstance(value, dict) else value))
    return value is _UNKNOWN


def _lenient(name: str, check: Keyword) -> Keyword:
    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError] | None:
        if instance is _UNKNOWN or (name in _OF_THE_WHOLE and _holds_unknown(instance)):
            return None
        return check(validator, value, instance, schema)

    return checked


_Lenient: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {name: _lenient(name, check) for name, check in Draft202012Validator.VALIDATORS.items()}
)


def _reasons(error: Any, activity: str) -> Iterator[tuple[str, str]]:
    place = [str(each) for each in error.absolute_path]
    if error.validator == "required":
        for each in error.validator_value:
            if isinstance(error.instance, dict) and each not in error.instance:
                yield _path(place, each), f"The activity {activity} needs the field {each}."
    elif error.validator == "additionalProperties" and error.validator_value is False:
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        for each in error.instance:
            if each not in known:
                taken = f" It takes {', '.join(sorted(known))}." if known else ""
                yield _path(place, each), f"The activity {activity} takes no field {each[:200]}.{taken}"
    else:
        field = ".".join(place) or "the input"
        yield _path(place), f"{field} does not fit the activity {activity}: {error.message[:LONGEST_REASON]}."


def _path(place: list[str], field: str | None = None) -> str:
    return ".".join(("config", *place, *(() if field is None else (field[:200],))))
