"""Which executions are meant: the same fields in queries and in bodies."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel

from workerhost.api.reading.body import Body
from workerhost.api.reading.fields import AnyBuildId
from workerhost.api.reading.query import Moment, Query
from workerhost.forms.fields import Name
from workerhost.runtime.executions.listing.filter import ExecutionFilter
from workerhost.words import ExecutionStatus


class FilterFields(BaseModel):
    """What executions are told apart by; what is left out admits all."""

    model_config = ConfigDict(alias_generator=to_camel)

    workflow_type: Name | None = None
    build_id: AnyBuildId | None = None
    """The build that they run on, or ran on last."""
    workflow_id_prefix: Annotated[str, StringConstraints(max_length=1000)] | None = None
    """How their workflow ids begin."""
    started_after: Moment | None = None
    """They began at that time or after it."""
    started_before: Moment | None = None
    """They began before that time."""
    closed_after: Moment | None = None
    """They ended at that time or after it."""
    closed_before: Moment | None = None
    """They ended before that time."""

    def admitting(self, statuses: Sequence[ExecutionStatus]) -> ExecutionFilter:
        """Return this for the runtime, with the statuses that are admitted; none for all."""
        return ExecutionFilter(
            statuses=statuses,
            workflow_type=self.workflow_type,
            build_id=self.build_id,
            workflow_id_prefix=self.workflow_id_prefix,
            started_after=self.started_after,
            started_before=self.started_before,
            closed_after=self.closed_after,
            closed_before=self.closed_before,
        )


class FilterQuery(FilterFields, Query):
    """Which executions are meant; what is left out admits all."""

    status: tuple[ExecutionStatus, ...] = ()
    """How far they have come; may stand there several times."""

    def wanted(self) -> ExecutionFilter:
        """Return this for the runtime."""
        return self.admitting(self.status)


class FilterBody(FilterFields, Body):
    """Which executions are meant; what is left out admits all."""

    status: ExecutionStatus | list[ExecutionStatus] = []
    """How far they have come: one or several."""

    def wanted(self) -> ExecutionFilter:
        """Return this for the runtime."""
        return self.admitting(self.status if isinstance(self.status, list) else [self.status])
