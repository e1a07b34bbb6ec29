"""Which executions of a project are meant, in words of Temporal's visibility store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workerhost.model import Project
from workerhost.runtime.builds.runner import MARKER
from workerhost.runtime.executions.visibility import literal, of_project
from workerhost.store.moves import MovedRun
from workerhost.words import BuildId, ExecutionStatus


@dataclass(frozen=True)
class ExecutionFilter:
    """Which executions of a project are meant; what is not set admits all."""

    statuses: Sequence[ExecutionStatus] = ()
    workflow_type: str | None = None
    build_id: BuildId | None = None
    """That they run on now, or ran on last."""
    workflow_id_prefix: str | None = None
    started_after: datetime | None = None
    """At this time or after it."""
    started_before: datetime | None = None
    closed_after: datetime | None = None
    """At this time or after it."""
    closed_before: datetime | None = None

    def query(self, project: Project, moved: Sequence[MovedRun] = ()) -> str:
        """Return the query for these executions.

        Args:
            project: whose they are.
            moved: the runs of the project that are on other builds than their histories name.

        Raises:
            InvalidRequestError: a text holds what the query language cannot write.
        """
        parts = [of_project(project)]
        if self.statuses:
            names = ", ".join(literal(_name(status)) for status in sorted(set(self.statuses)))
            parts.append(f"ExecutionStatus IN ({names})")
        if self.workflow_type is not None:
            parts.append(f"WorkflowType = {literal(self.workflow_type)}")
        if self.build_id is not None:
            parts += _on_build(self.build_id, moved)
        if self.workflow_id_prefix:
            parts.append(f"WorkflowId STARTS_WITH {literal(self.workflow_id_prefix)}")
        times = (
            ("StartTime >=", self.started_after),
            ("StartTime <", self.started_before),
            ("CloseTime >=", self.closed_after),
            ("CloseTime <", self.closed_before),
        )
        parts += [f"{what} '{moment.isoformat()}'" for what, moment in times if moment is not None]
        return " AND ".join(parts)


def _name(status: ExecutionStatus) -> str:
    """Return what queries call a status: `ContinuedAsNew` where Temporal says `CONTINUED_AS_NEW` elsewhere."""
    return status.title().replace("_", "")


def _on_build(build_id: BuildId, moved: Sequence[MovedRun]) -> list[str]:
    here = [literal(run.run_id) for run in moved if run.to_build == build_id]
    gone = [literal(run.run_id) for run in moved if run.from_build == build_id and run.to_build != build_id]
    named = f"TemporalChangeVersion = {literal(MARKER + build_id)}"
    parts = [f"({named} OR RunId IN ({', '.join(here)}))" if here else named]
    return [*parts, f"RunId NOT IN ({', '.join(gone)})"] if gone else parts
