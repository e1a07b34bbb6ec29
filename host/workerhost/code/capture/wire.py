"""The form of lines on the pipe from a project's process to its host: a mark, and a JSON array, on one line."""

import json
from functools import lru_cache
from typing import Any

from workerhost.code.capture.origin import Origin
from workerhost.code.capture.said import Said
from workerhost.words import BuildId

MARK = b"\x1e"
"""What each of these lines begins with. Others were written to the descriptor by other means."""

LONGEST_LINE = 256 * 1024
"""Bytes: more than a message and fields of the sizes that are kept can have. What is longer is no line of ours."""

PARTS, NAMES = 7, 7

LONGEST_KNOWN, MOST_KNOWN = 1000, 256
"""Bytes of lines whose origins are remembered, and how many: the next line is likely of the same."""

_encode = json.JSONEncoder(check_circular=False, allow_nan=False, separators=(",", ":")).encode
_decode = json.JSONDecoder(parse_constant=str).decode


def encoded(said: Said) -> bytes:
    """Return a line as it is sent."""
    place = said.origin
    names = place and (
        place.workflow_id,
        place.run_id,
        place.workflow_type,
        place.build_id,
        place.activity,
        place.attempt,
        place.node,
    )
    parts = (said.at, said.level, said.message, said.logger, names, said.fields, said.missing)
    return MARK + _encode(parts).encode("ascii") + b"\n"


def decoded(line: bytes) -> Said | None:
    """Return what was sent, with types that hold and nothing else checked; None where it is no such line.

    Args:
        line: without its mark and its end.
    """
    try:
        parts = _decode(line.decode("ascii"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(parts, list) or len(parts) != PARTS:
        return None
    at, level, message, logger, names, fields, missing = parts
    if not isinstance(message, str):
        return None
    return Said(
        at if isinstance(at, float) else 0.0,
        level if type(level) is int else 0,
        message,
        logger if isinstance(logger, str) else None,
        _origin(names, len(line)) if isinstance(names, list) and len(names) == NAMES else None,
        fields if isinstance(fields, dict) else {},
        missing if type(missing) is int else 0,
    )


def _origin(names: list[Any], size: int) -> Origin:
    if size <= LONGEST_KNOWN:
        try:
            return _known_origin(*names)
        except TypeError:  # one of them is a list
            pass
    return _new_origin(*names)


def _new_origin(*names: Any) -> Origin:
    workflow_id, run_id, workflow_type, build_id, activity, attempt, node = names
    build = _text(build_id)
    return Origin(
        _text(workflow_id),
        _text(run_id),
        _text(workflow_type),
        BuildId(build) if build else None,
        _text(activity),
        attempt if type(attempt) is int else None,
        _text(node),
    )


_known_origin = lru_cache(MOST_KNOWN, typed=True)(_new_origin)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
