"""How often code of projects ran, how that ended, and how long it took."""

from workerhost.answers.base import Answer, Time


class _Figures(Answer):
    executions: int
    """All that ended, also those that were cancelled or continued as new."""
    successes: int
    failures: int
    timeouts: int
    cancellations: int
    retries: int
    """Those of the executions that were no first attempt."""
    average_ms: float | None = None
    """None where there were none, as with those that follow."""
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    last: Time | None = None
    """When the last one ended."""


class _OfValue(Answer):
    value: str
    """The hour as a time, the day as a date, or the name."""


class StatisticsGroup(_Figures, _OfValue):  # in this order, since the value is to be the first field
    """Those of one hour, day, activity, workflow type or build."""


class AttentionInfo(Answer):
    """Something that deserves a look."""

    what: str
    """The activity or the workflow type."""
    reason: str
    """Why it does."""
    project_id: str


class _OfCounted(Answer):
    counted: str
    """What the executions are: attempts of `activities`, or `runs`."""


class StatisticsReport(_Figures, _OfCounted):
    """How executions ended and how long they took, in all and by what was asked for."""

    percentiles_of: float
    """The share of the executions, 0 to 1, that the percentiles are of: where there are very many, the busiest."""
    groups: tuple[StatisticsGroup, ...]
    """Hours and days by time, others by executions, most first; none where the call names nothing to tell apart by."""
    attention: tuple[AttentionInfo, ...]
    """What deserves a look, of activities and of workflow types."""
