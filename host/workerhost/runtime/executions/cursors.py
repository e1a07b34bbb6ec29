"""Where a page of something ends, as text that a client hands back."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any, TypeVar

from workerhost.errors import InvalidRequestError

T = TypeVar("T")


def encode(position: list[Any]) -> str:
    """Return a position as text."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def decode(cursor: str, read: Callable[[Any], T]) -> T:
    """Return the position that a cursor holds.

    Args:
        cursor: from a client.
        read: makes the position of what `encode` was given; may raise `ValueError` or `TypeError`.

    Raises:
        InvalidRequestError: the cursor is not one that this service made.
    """
    try:
        return read(json.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True)))
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InvalidRequestError("cursor is not valid; take it from the answer before") from error
