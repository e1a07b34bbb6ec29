"""Holds the input of an activity against its schema, as far as it is known before a run."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError
from jsonschema.validators import Draft202012Validator, extend
from referencing import Registry

LONGEST_REASON = 300
MOST_REASONS = 20
MOST_CHECKS = 20_000
"""Keywords that are looked at for one input; what is not looked at by then is not."""
MOST_UNIQUE = 1000
"""Items of a list that are compared with each other."""

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]

_OF_THE_WHOLE = ("oneOf", "not", "if", "uniqueItems", "contains", "const", "enum", "dependentSchemas")
"""Keywords that cannot be held against an object with something unknown in it."""

_LEFT_OUT = ("pattern", "patternProperties", "unevaluatedProperties", "unevaluatedItems")
"""Keywords that are left to the run: a pattern of anyone's may take hours, and holds up whoever compiles."""

_OF_OTHERS = ("oneOf", "not", "if", "contains")
"""Keywords that say nothing for certain where some keywords within them are left out."""


class _Checks:
    """How many keywords may still be looked at. It travels as the format checker, as formats are not checked here."""

    def __init__(self, schema: object) -> None:
        self.left = MOST_CHECKS
        self.leaves_out = _has_key(schema, _LEFT_OUT)


def _has_key(value: object, keys: tuple[str, ...]) -> bool:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            if any(key in each for key in keys):
                return True
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return False


class _TooManyChecksError(Exception):
    """The schema asks for more than is worth it."""


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
    for error in misfits(_plain(value), schema):
        yield from _reasons(error, activity)


def misfits(value: Any, schema: Mapping[str, Any]) -> list[ValidationError]:
    """Return what of a value does not fit a schema of anyone's, in bounded time; nothing is fetched for it.

    Args:
        value: JSON.
        schema: of the project's own code, perhaps. One that is of no use says nothing, and patterns are left out.
    """
    found: list[ValidationError] = []
    try:
        for error in _Lenient(schema, registry=Registry(), format_checker=_Checks(schema)).iter_errors(value):
            found.append(error)
            if len(found) == MOST_REASONS:
                break
    except Exception:  # a schema of anyone's may be wrong in any way
        return []
    return found


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
        validator.format_checker.left -= 1
        if validator.format_checker.left < 0:
            raise _TooManyChecksError
        if name == "uniqueItems" and isinstance(instance, list) and len(instance) > MOST_UNIQUE:
            return None
        if name in _OF_OTHERS and validator.format_checker.leaves_out:
            return None
        if name == "additionalProperties" and "patternProperties" in schema:
            return None
        if instance is _UNKNOWN or (name in _OF_THE_WHOLE and _holds_unknown(instance)):
            return None
        return check(validator, value, instance, schema)

    return checked


_Lenient: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        name: _lenient(name, (lambda *_: None) if name in (*_LEFT_OUT, "format") else check)
        for name, check in Draft202012Validator.VALIDATORS.items()
    },
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
