"""Texts of project code that are too long for an answer, a history or a log."""


def cut(text: str, most: int) -> str:
    """Return `text`, or its beginning with a note that it was cut where it has more than `most` characters."""
    return text if len(text) <= most else f"{text[:most]} … (cut after {most} of {len(text)} characters)"
