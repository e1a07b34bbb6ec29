"""Making lines fit: long texts are cut, and what a database cannot store is replaced."""

from collections.abc import Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

from pydantic_core import to_json

from workerhost.code.capture.fields import plain_text
from workerhost.observed import LogLine
from workerhost.store.project_logs.values import NewLine

MESSAGE_BYTES = 16 * 1024
"""The longest message; a longer one is cut, and says so."""

NAME_BYTES = 1000
"""The longest id or name that a line has, as many as Temporal takes. An index of PostgreSQL refuses a row of more than
2,704 bytes: https://www.postgresql.org/docs/current/btree.html"""

FIELDS_BYTES = 16 * 1024
"""What the code may add to a line; where it is more, it is left out, and the line says so."""

OVERHEAD_BYTES = 150
"""About what a line takes beside its texts."""

LARGEST_ATTEMPT = 2**31 - 1
"""The largest number that the database has for one."""

CUT = " … cut: the message has {} KiB"
LEFT_OUT = '{"leftOut":"the fields are larger than 16 KiB, or are not JSON"}'

_NAMES = ("workflow_id", "run_id", "workflow_type", "build_id", "activity", "node", "logger")

_names = attrgetter(*_NAMES)


def prepared(line: LogLine) -> NewLine:
    """Return a line as it is written. Takes microseconds, and a little more for a line that does not fit.

    Control characters stay as they are, but for NUL: whoever shows a line on a console makes them visible.
    """
    message = _message(line.message)
    changed: dict[str, Any] = {} if message == line.message else {"message": message}
    size = OVERHEAD_BYTES + len(message)
    names = "".join(filter(None, _names(line)))
    size += len(names)
    if len(names) > NAME_BYTES or not names.isascii() or "\0" in names:
        changed |= _storable_names(line)
    if line.attempt is not None and not 0 <= line.attempt <= LARGEST_ATTEMPT:
        changed["attempt"] = None
    fields = _fields(line.fields) if line.fields else None
    if fields is not None:
        size += len(fields)
    return NewLine(replace(line, **changed) if changed else line, fields, size)


def _storable_names(line: LogLine) -> dict[str, Any]:
    """Return those names that cannot be stored as they are, as they can be."""
    found = {}
    for name, value in zip(_NAMES, _names(line), strict=True):
        if value is not None and (storable := _name(value)) != value:
            found[name] = storable
    return found


def _message(message: str) -> str:
    if len(message) <= MESSAGE_BYTES // 4:  # a character has four bytes at most
        return plain_text(message)
    encoded = message.encode("utf-8", "replace")
    if len(encoded) <= MESSAGE_BYTES:
        return plain_text(message)
    beginning = encoded[:MESSAGE_BYTES].decode("utf-8", "ignore")
    return plain_text(beginning) + CUT.format(len(encoded) // 1024)


def _name(name: str) -> str:
    storable = plain_text(name[:NAME_BYTES])
    if storable.isascii() or len(storable) <= NAME_BYTES // 4:
        return storable
    return storable.encode()[:NAME_BYTES].decode("utf-8", "ignore")


def _fields(fields: Mapping[str, object]) -> str:
    try:
        written = to_json(dict(fields), inf_nan_mode="null", serialize_unknown=True)
        return written.decode() if len(written) <= FIELDS_BYTES else LEFT_OUT
    except Exception:  # whatever objects of a project's code do when they are looked at
        return LEFT_OUT
