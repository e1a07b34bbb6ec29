"""What calls may be told of executions and schedules: which ones are meant, how one is to be started, and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Required, TypedDict

from pydantic.alias_generators import to_camel

from workerhost.observed import LogLevel
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


class LogFilters(TypedDict, total=False):
    """Which lines of a log are meant; what is left out admits all."""

    run_id: str
    workflow_id: str
    activity: str
    """The name of the activity."""
    node: str
    """The node of the drawing."""
    level: LogLevel | str
    """The least severe one: `debug`, `info`, `warning` or `error`."""
    after: datetime
    """They were made at that time or after it; it must have a time zone."""
    before: datetime
    text: str
    """Their message holds it, in upper or lower case."""


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
    unchecked: bool
    """Whether the arguments are sent as they are, whatever the workflow type takes."""


class ScheduleOptions(TypedDict, total=False):
    """When and how a schedule starts runs; at least one of `cron`, `interval_seconds` and `calendar` says when."""

    args: Sequence[Any]
    """Of each run."""
    cron: Sequence[str]
    """As `0 9 * * mon-fri`: minute, hour, day of the month, month, day of the week."""
    interval_seconds: int
    calendar: Sequence[Mapping[str, Any]]
    """Times by their parts, as `{"hour": 9, "dayOfWeek": "mon-fri"}`."""
    time_zone: str
    """Name of that of `cron` and `calendar`; UTC without it."""
    overlap: Literal["skip", "bufferOne", "bufferAll", "cancelOther", "terminateOther", "allowAll"]
    """What happens at a time at which the run before still runs."""
    jitter_seconds: float
    """Each start is late by a part of this, by chance."""
    catch_up_seconds: float
    """How late it may start what Temporal has missed because it was away."""
    paused: bool
    note: str
    unchecked: bool
    """Whether the arguments are taken as they are, whatever the code takes."""


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
    """Why executions are ended or reset."""
    to: Literal["first", "last"] | Mapping[str, str]
    """Where runs are taken back to by `reset`: `first` or `last`, or `{"step": "<id>"}`."""
    build: str
    """On which build they go on: its id, or `current`. The one that each is on where it is left out."""
    unchecked: bool
    """Whether the arguments of what is started are sent as they are, whatever the workflow types take."""


def as_batch(options: BatchOptions) -> dict[str, Any]:
    """Return the keys of the body of a batch."""
    body: dict[str, Any] = {name: value for name, value in options.items() if name != "unchecked"}
    if "filter" in options:
        body["filter"] = as_query(options["filter"])
    if "executions" in options:
        body["executions"] = [as_body(each) for each in options["executions"]]
    return body


def as_body(options: ExecuteOptions | ScheduleOptions) -> dict[str, Any]:
    """Return the keys of a call's body."""
    return {to_camel(name): value for name, value in options.items() if name != "unchecked"}


def as_flag(value: bool | None) -> str | None:  # noqa: FBT001  it is what is converted
    """Return a parameter that is switched on, or None to leave it out."""
    return "true" if value else None


def as_query(filters: Filters | LogFilters) -> dict[str, Any]:
    """Return the parameters of a call."""
    return {to_camel(name): _text(value) for name, value in filters.items()}


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
