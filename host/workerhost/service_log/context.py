"""What stands in every line of a process, or of whatever is done in a request."""

from collections.abc import Mapping

_PROCESS: dict[str, object] = {}


def describe_process(**fields: object) -> None:
    """Have these fields stand in every line of this process from now on. Call it before others write lines."""
    _PROCESS.update(fields)


def process_fields() -> Mapping[str, object]:
    """Return the fields of every line of this process."""
    return _PROCESS
