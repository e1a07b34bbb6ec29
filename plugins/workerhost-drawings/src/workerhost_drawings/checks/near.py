"""Names that are near to one."""

from collections.abc import Iterable
from difflib import get_close_matches


def near(name: str, names: Iterable[str]) -> str:
    """Return the end of a sentence that says what names are near to one; nothing where none is."""
    found = get_close_matches(name[:200], list(names), n=3, cutoff=0.5)
    return f" Near to it: {', '.join(found)}." if found else ""
