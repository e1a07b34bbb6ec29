"""Reading words of `workerhost.words` from columns."""

from enum import StrEnum
from typing import TypeVar

W = TypeVar("W", bound=StrEnum)


def stored_word(text: str, otherwise: W) -> W:
    """Return the word in a column, or `otherwise` where that is a word which is not known here.

    Products write some columns, and hosts of a later version may know more words: one row must not stop a host from
    reading the others.
    """
    try:
        return type(otherwise)(text)
    except ValueError:
        return otherwise
