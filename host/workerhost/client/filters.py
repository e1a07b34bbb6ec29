"""What the calls about many executions are narrowed by."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from pydantic.alias_generators import to_camel

from workerhost.words import ExecutionStatus


class Filters(TypedDict, total=False):
    """Which executions are meant; what is left out admits all."""

    status: Sequence[ExecutionStatus]
    """How far they have come."""
    workflow_type: str
    build_id: str
    """The build that they run on, or ran on last."""
    workflow_id_prefix: str
    """How their workflow ids begin."""
    started_after: datetime
    """They began at that time or after it; it must have a time zone, as all that follow."""
    started_before: datetime
    closed_after: datetime
    closed_before: datetime


def as_query(filters: Filters) -> dict[str, Any]:
    """Return the parameters of a call."""
    return {to_camel(name): _text(value) for name, value in filters.items()}


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
