"""What a variable may be called, and what it may hold."""

import json
from typing import Any

from workerhost.errors import InvalidRequestError

LONGEST_VARIABLE_NAME, MOST_VARIABLE_BYTES = 200, 256 * 1024
"""Characters of a name, and bytes of a value as JSON, at most."""


def check_variable_name(name: str) -> None:
    """Refuse a name that no variable can have.

    Raises:
        InvalidRequestError: it is empty, too long, or not printable.
    """
    if not 1 <= len(name) <= LONGEST_VARIABLE_NAME:
        raise InvalidRequestError(f"the name of a variable has 1 to {LONGEST_VARIABLE_NAME} characters")
    if any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 or _is_half(character) for character in name):
        raise InvalidRequestError("the name of a variable must not hold control characters")


def size_of_variable(value: Any) -> int:
    """Return the bytes of a value as JSON.

    Raises:
        InvalidRequestError: it is no JSON, or too large, or nested too deeply.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (ValueError, TypeError) as error:
        raise InvalidRequestError(f"the value of a variable must be JSON: {error}") from error
    except RecursionError as error:
        raise InvalidRequestError("the value of a variable is nested too deeply") from error
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_VARIABLE_BYTES:
        raise InvalidRequestError(
            f"the value of a variable has {MOST_VARIABLE_BYTES // 1024} KiB at most as JSON, and this one has "
            f"{size} bytes"
        )
    return size


def _is_half(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"
