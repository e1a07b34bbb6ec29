"""Texts of others, so that they neither begin a line nor speak to a terminal."""


def on_one_line(text: str) -> str:
    """Return a text of somebody else's so that it neither begins a line nor speaks to the terminal.

    Control characters, terminal escapes, marks that turn the direction of writing, and bytes that are no UTF-8 are
    written as Python would write them in a literal.
    """
    return text if text.isprintable() else "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def shortened(text: str, most: int) -> str:
    """Return the text, at most so many characters of it; what is left out is counted."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more characters)"
