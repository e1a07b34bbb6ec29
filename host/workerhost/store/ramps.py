"""Queries about how the runs of builds end during a ramp."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workerhost.store.database import Database
from workerhost.store.models import RampOutcomeRow
from workerhost.words import BuildId, HostId


@dataclass(frozen=True)
class OutcomeCounts:
    """How many runs have ended, and how many of those failed."""

    ended: int = 0
    failed: int = 0

    @property
    def failure_rate(self) -> float:
        """The share of runs that failed, 0 to 1."""
        return self.failed / self.ended if self.ended else 0.0


class RampStore:
    """Outcomes by build. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, project_id: str, ramp: int, host_id: HostId, outcomes: Mapping[BuildId, OutcomeCounts]) -> None:
        """Write what a host has seen of a ramp since the ramp began; the counts replace those that it wrote before."""

        def save(session: Session) -> None:
            for build, outcome in outcomes.items():
                session.merge(
                    RampOutcomeRow(
                        project_id=project_id,
                        ramp=ramp,
                        build=build,
                        host_id=host_id,
                        ended=outcome.ended,
                        failed=outcome.failed,
                    )
                )

        self._database.write(save)

    def outcomes(self, project_id: str, ramp: int) -> dict[BuildId, OutcomeCounts]:
        """Return what all hosts have seen of a ramp, by build."""
        sums = func.sum(RampOutcomeRow.ended), func.sum(RampOutcomeRow.failed)
        query = (
            select(RampOutcomeRow.build, *sums)
            .where(RampOutcomeRow.project_id == project_id, RampOutcomeRow.ramp == ramp)
            .group_by(RampOutcomeRow.build)
        )
        with self._database.reading() as session:
            return {build: OutcomeCounts(int(ended), int(failed)) for build, ended, failed in session.execute(query)}
