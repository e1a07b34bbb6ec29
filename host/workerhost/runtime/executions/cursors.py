"""Where a page of something ends, as text that a client hands back."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from workerhost.errors import InvalidRequestError

T = TypeVar("T")


def encode(place: Sequence[str], position: Sequence[Any]) -> str:
    """Return a position as text.

    Args:
        place: which list it is one of, and whose; `decode` takes it for no other.
        position: what `decode` hands to its reader, as JSON can hold it.
    """
    return base64.urlsafe_b64encode(json.dumps([list(place), list(position)]).encode()).decode()


def decode(cursor: str, place: Sequence[str], read: Callable[[Any], T]) -> T:
    """Return the position that a cursor holds.

    Args:
        cursor: from a client.
        place: which list is asked for, and whose.
        read: makes the position of what `encode` was given; may raise `ValueError` or `TypeError`.

    Raises:
        InvalidRequestError: the cursor is not one that this service made, or it is one of another list.
    """
    try:
        found, position = json.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
        if found != list(place):
            raise InvalidRequestError(
                "cursor is not valid here: it is one of another list or another project; take it from the answer before"
            )
        return read(position)
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InvalidRequestError("cursor is not valid; take it from the answer before") from error
