"""Text that comes in, checked before anything is done with it: it is UTF-8, and no half of a surrogate pair is in it.

What can be text and still has no place in a name or a path, as a NUL character, which PostgreSQL cannot store, is
refused where the kind of text is known: in the address here, in a body by the types of its fields.
"""

import codecs
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

import pydantic_core
from flask import Flask, request

from workerhost.errors import InvalidRequestError
from workerhost.forms.fields import check_no_nul

SURROGATES = ("\ud800", "\udfff")
"""The first and the last code point that is no character, but half of a pair in UTF-16."""

_PERHAPS_ENDLESS = re.compile(rb"[0-9][eE]\+?[0-9]{3}|[0-9]{309}")
"""What a number has in it that is larger than a double can be; some others have it, too."""


def install(app: Flask) -> None:
    """Have every request refused whose address is no text."""
    app.before_request(_check_address)


def read_json(data: bytes) -> Any:
    """Return the value that a body holds.

    Raises:
        InvalidRequestError: it is no JSON in UTF-8, or holds half of a surrogate pair, or a number that no double is.
    """
    text = data.removeprefix(codecs.BOM_UTF8)
    try:
        value = pydantic_core.from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidRequestError(_why_no_json(text)) from error
    if _PERHAPS_ENDLESS.search(text):
        # 1e400 is read as an infinity, which could not be written as JSON again.
        place = next(_places(value, _is_endless, ""), None)
        if place is not None:
            raise InvalidRequestError(f"{place or 'the body'} holds a number that is too large")
    return value


def _check_address() -> None:
    path = request.environ["PATH_INFO"].encode("latin-1")
    query = unquote_to_bytes(request.environ.get("QUERY_STRING", "").encode("latin-1"))
    for what, part in (("path", path), ("query", query)):
        try:
            check_no_nul(part.decode())
        except UnicodeDecodeError as error:
            raise InvalidRequestError(f"the {what} is no UTF-8") from error
        except ValueError as error:
            raise InvalidRequestError(f"the {what} {error}") from error


def _why_no_json(text: bytes) -> str:
    """Return the reason as a sentence; the reader that is used here says less, and reads a little more."""
    try:
        value = json.loads(text.decode(), parse_constant=_refuse_constant)
        place = next(_places(value, _has_half, ""), None)
    except RecursionError:
        place = None
    except _ConstantError as error:
        return f"the body holds {error}, which is no number in JSON"
    except (json.JSONDecodeError, UnicodeDecodeError):
        return "the body is not valid JSON"
    except ValueError:  # Python reads no longer ones
        return "the body holds a number of more than 4300 digits"
    if place is None:
        return "the body is nested too deeply"
    return f"{place or 'the body'} holds half of a surrogate pair, which is no text"


class _ConstantError(ValueError):
    """A body holds `NaN` or an infinity, as Python writes them."""


def _refuse_constant(name: str) -> None:
    raise _ConstantError(name)


def _has_half(value: Any) -> bool:
    return isinstance(value, str) and any(SURROGATES[0] <= character <= SURROGATES[1] for character in value)


def _is_endless(value: Any) -> bool:
    return isinstance(value, float) and math.isinf(value)


def _places(value: Any, is_wanted: Callable[[Any], bool], place: str) -> Iterator[str]:
    """Yield the place of each wanted text or number in `value`, as `args.0.name`; a key has that of its object."""
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            if is_wanted(key):
                yield place
            yield from _places(each, is_wanted, f"{place}.{key}" if place else str(key))
    elif is_wanted(value):
        yield place
