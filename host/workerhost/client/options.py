"""What calls about executions may be told: which ones are meant, and how one is to be started."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Required, TypedDict

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


class ExecuteOptions(TypedDict, total=False):
    """How an execution is to be started, beside its type and its arguments."""

    memo: Mapping[str, Any]
    """What is noted with it, by name."""
    search_attributes: Mapping[str, Any]
    """What it can be found by, by name; Temporal must have search attributes of these names."""
    execution_timeout_seconds: float
    """How long it may take, with all runs that follow each other."""
    start_delay_seconds: float
    if_exists: Literal["fail", "use", "terminate"]
    """What happens where an execution of that workflow id runs already."""
    priority: int
    """1, the most urgent, to 5."""
    fairness_key: str
    """Executions of one priority take turns by this key."""


class ExecutionToStart(ExecuteOptions, total=False):
    """One of many executions that are started together; its type is needed."""

    workflow_type: Required[str]
    args: Sequence[Any]
    workflow_id: str


class BatchOptions(TypedDict, total=False):
    """What is done with many executions, and with which ones."""

    filter: Filters
    """Which executions are meant; needed but for `start`. An empty one admits all of the project."""
    executions: Sequence[ExecutionToStart]
    """What is started."""
    name: str
    """The signal."""
    args: Sequence[Any]
    """Of the signal."""
    reason: str
    """Why executions are ended."""


def as_batch(options: BatchOptions) -> dict[str, Any]:
    """Return the keys of the body of a batch."""
    body: dict[str, Any] = dict(options)
    if "filter" in options:
        body["filter"] = as_query(options["filter"])
    if "executions" in options:
        body["executions"] = [as_body(each) for each in options["executions"]]
    return body


def as_body(options: ExecuteOptions) -> dict[str, Any]:
    """Return the keys of a call's body."""
    return {to_camel(name): value for name, value in options.items()}


def as_query(filters: Filters) -> dict[str, Any]:
    """Return the parameters of a call."""
    return {to_camel(name): _text(value) for name, value in filters.items()}


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
