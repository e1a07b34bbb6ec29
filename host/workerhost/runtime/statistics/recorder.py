"""Counts how activities and runs end, in memory."""

import threading
from dataclasses import asdict, dataclass
from datetime import datetime

from workerhost.observed import ActivityEnd, Outcome, RunEnd
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.statistics.tallies import MOST_NAMES, MOST_TALLIES, Tallies
from workerhost.runtime.statistics.tally import EndTally
from workerhost.store import ActivityFigures, WorkerTotals, WorkflowFigures
from workerhost.words import HostId

MOST_PROJECTS = 20_000
"""Projects whose totals a host keeps, at most."""

_FAILED = (Outcome.FAILED, Outcome.TIMED_OUT)


@dataclass(slots=True)
class _Totals:
    last_at: datetime
    runs: int = 0
    failed_runs: int = 0
    activities: int = 0
    failed_activities: int = 0


@dataclass(frozen=True)
class ChangedFigures:
    """What has changed since it was last taken, and the tallies that it was read from."""

    activities: list[ActivityFigures]
    workflows: list[WorkflowFigures]
    totals: list[WorkerTotals]
    tallies: list[EndTally]

    def __bool__(self) -> bool:
        """Tell whether anything has changed."""
        return bool(self.tallies or self.totals)


class StatisticsRecorder(Observer):
    """Counts by project, activity or workflow type and build, and hour of this host's clock.

    Safe to use from any thread. Counting an end takes some microseconds; no call waits for more than that.

    Args:
        most_names: of a project and hour that are told apart.
        most_tallies: that are kept at once.
    """

    def __init__(self, most_names: int = MOST_NAMES, most_tallies: int = MOST_TALLIES) -> None:
        self._lock = threading.Lock()
        self._tallies = Tallies(most_names, most_tallies)
        self._totals: dict[str, _Totals] = {}
        self._changed_totals: set[str] = set()
        self._closed_totals: dict[str, _Totals] = {}

    def activity_ended(self, end: ActivityEnd) -> None:
        """Count an attempt of an activity."""
        with self._lock:
            tally = self._tallies.find(end.project_id, end.activity, None, end.ended_at)
            if tally is not None:
                tally.count(end.outcome, end.seconds, end.attempt, end.ended_at)
            totals = self._totals_of(end.project_id, end.ended_at)
            if totals is not None:
                totals.activities += 1
                totals.failed_activities += end.outcome in _FAILED

    def run_ended(self, end: RunEnd) -> None:
        """Count a run."""
        with self._lock:
            tally = self._tallies.find(end.project_id, end.workflow_type, end.build_id, end.ended_at)
            if tally is not None:
                tally.count(end.outcome, end.seconds, end.attempt, end.ended_at)
                tally.history_bytes += end.history_bytes
            totals = self._totals_of(end.project_id, end.ended_at)
            if totals is not None:
                totals.runs += 1
                totals.failed_runs += end.outcome in _FAILED

    def worker_stopped(self, project_id: str) -> None:
        """Begin anew with the project: another one of the same id may come, to which these counts do not belong."""
        with self._lock:
            self._tallies.close(project_id)
            totals = self._totals.pop(project_id, None)
            if totals is not None and project_id in self._changed_totals:
                self._changed_totals.discard(project_id)
                self._closed_totals[project_id] = totals

    def take_changed(self, host_id: HostId) -> ChangedFigures:
        """Return the rows that have changed since this was called before, as they are now.

        Args:
            host_id: who writes them.
        """
        with self._lock:
            tallies = self._tallies.take_changed()
            totals = self._closed_totals | {each: self._totals[each] for each in self._changed_totals}
            self._closed_totals, self._changed_totals = {}, set()
        changed = ChangedFigures([], [], [], tallies)
        for tally in tallies:
            with self._lock:  # for one at a time, so that no activity waits for all
                tally.is_changed = False
                if tally.key.build_id is None:
                    changed.activities.append(tally.activity_figures(host_id))
                else:
                    changed.workflows.append(tally.workflow_figures(host_id))
        for project_id, each in totals.items():
            with self._lock:
                changed.totals.append(WorkerTotals(project_id=project_id, host_id=host_id, **asdict(each)))
        return changed

    def put_back(self, changed: ChangedFigures) -> None:
        """Have figures that could not be written be taken again."""
        with self._lock:
            self._tallies.put_back(changed.tallies)
            # Those of a project that has stopped meanwhile are not worth another try.
            self._changed_totals.update(self._totals.keys() & {totals.project_id for totals in changed.totals})

    def drop_written(self, now: datetime) -> None:
        """Forget what was counted in hours that are over, and is written."""
        with self._lock:
            self._tallies.drop_written(now)

    def give_up(self, than: datetime) -> int:
        """Forget what was counted in hours that were over by then, written or not.

        Returns:
            How many rows were not written, and never will be.
        """
        with self._lock:
            return self._tallies.drop_older(than)

    @property
    def uncounted(self) -> int:
        """How many ends were not counted, since there were too many projects and names at once."""
        return self._tallies.given_up

    def _totals_of(self, project_id: str, ended_at: datetime) -> _Totals | None:
        totals = self._totals.get(project_id)
        if totals is None:
            if len(self._totals) >= MOST_PROJECTS:
                return None
            totals = self._totals[project_id] = _Totals(ended_at)
        totals.last_at = ended_at
        self._changed_totals.add(project_id)
        return totals
