"""`validateData`: one value against a few rules, with the messages of the contract."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import re2  # type: ignore[import-untyped]  # it has neither annotations nor stubs
from pydantic import ConfigDict, Field, JsonValue
from temporalio import activity
from temporalio.exceptions import ApplicationError

from workerhost_samples.camel_case import CamelCaseModel

JsonType = Literal["string", "number", "boolean", "object", "array"]
Length = Annotated[int, Field(ge=0)]

_PATTERN_MEMORY = 2 * 1024 * 1024
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|.)", re.DOTALL)


class ValidationRules(CamelCaseModel):
    """What to hold a value against; a rule of another name is an error, not a rule that always passes."""

    model_config = ConfigDict(extra="forbid")

    required: bool = False
    type: JsonType | None = None
    min_length: Length | None = None
    max_length: Length | None = None
    pattern: str | None = None


class ValidateInput(CamelCaseModel):
    """A value and its rules; null is the same as no value."""

    data: JsonValue = None
    rules: ValidationRules


class ValidationResult(CamelCaseModel):
    """Whether the value keeps the rules, and a sentence for each one that it breaks."""

    valid: bool
    errors: list[str]


@activity.defn(name="validateData")
def validate_data(request: ValidateInput) -> ValidationResult:
    """Check a value against rules: required, type, length and an RE2 pattern."""
    pattern = None if request.rules.pattern is None else _compile(request.rules.pattern)
    errors = list(_broken_rules(request.data, request.rules, pattern))
    return ValidationResult(valid=not errors, errors=errors)


def _broken_rules(data: JsonValue, rules: ValidationRules, pattern: Any) -> Iterator[str]:
    if data is None:
        if rules.required:
            yield "Data is required but not provided"
        return
    if rules.type is not None and (actual := _type_of(data)) != rules.type:
        yield f"Expected type {rules.type} but got {actual}"
    if isinstance(data, str | list):
        yield from _broken_lengths(_length(data), rules)
    if isinstance(data, str) and pattern is not None and not pattern.search(data.encode("utf-8", "replace")):
        yield f"Data does not match pattern: {rules.pattern}"


def _broken_lengths(length: int, rules: ValidationRules) -> Iterator[str]:
    if rules.min_length is not None and length < rules.min_length:
        yield f"Length {length} is less than minimum {rules.min_length}"
    if rules.max_length is not None and length > rules.max_length:
        yield f"Length {length} exceeds maximum {rules.max_length}"


def _length(data: str | list[Any]) -> int:
    """Return what JavaScript calls `length`: of a text the UTF-16 units, of an array the items."""
    return len(data.encode("utf-16-le", "surrogatepass")) // 2 if isinstance(data, str) else len(data)


def _type_of(data: JsonValue) -> JsonType:
    match data:
        case bool():
            return "boolean"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "number"


def _compile(pattern: str) -> Any:
    """Compile `pattern`; re2 itself keeps the last 128 compiled ones."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _PATTERN_MEMORY
    try:
        return re2.compile(_ESCAPE.sub(_unicode_escape, pattern), options)
    except re2.error as error:
        message = f"rules.pattern is not a valid RE2 pattern: {_reason(error)}"
        raise ApplicationError(message, type="InvalidPattern", non_retryable=True) from None


def _unicode_escape(escape: re.Match[str]) -> str:
    r"""Write JavaScript's `\u00e9` as RE2's `\x{00e9}`; leave every other escape as it is."""
    return rf"\x{{{escape[1]}}}" if escape[1] else escape[0]


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
