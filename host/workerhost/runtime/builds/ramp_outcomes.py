"""Counts how runs end during a ramp, by build, as this process sees it."""

import threading
from collections import defaultdict

from workerhost.model import ActiveRamp
from workerhost.store.ramps import OutcomeCounts
from workerhost.words import BuildId, RunId

MOST_STUCK = 10_000
"""Runs whose tasks fail that are told apart at most, so that a broken build cannot fill the memory."""


class RampOutcomes:
    """Outcomes of one project's runs. Used from the threads of workflow tasks, and read by the job of ramps.

    A run that completes, is cancelled or continues as new has not failed. One whose workflow tasks fail counts as
    failed for as long as they do: such a run never ends, and often it has not even a build in its history.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ramp: ActiveRamp | None = None
        self._ended: defaultdict[BuildId, int] = defaultdict(int)
        self._failed: defaultdict[BuildId, int] = defaultdict(int)
        self._stuck: dict[RunId, BuildId] = {}

    @property
    def ramp(self) -> ActiveRamp | None:
        """The ramp that is counted for, if one is under way."""
        return self._ramp

    def follow(self, ramp: ActiveRamp | None) -> None:
        """Count for that ramp from now on; another one than before begins at nothing."""
        with self._lock:
            if ramp is None or self._ramp is None or ramp.since != self._ramp.since:
                self._ended.clear()
                self._failed.clear()
                self._stuck.clear()
            self._ramp = ramp

    def note_end(self, build: BuildId, run_id: RunId, *, failed: bool) -> None:
        """Count a run that has ended."""
        with self._lock:
            if self._ramp is not None:
                self._stuck.pop(run_id, None)
                self._ended[build] += 1
                self._failed[build] += failed

    def note_task(self, build: BuildId, run_id: RunId, *, failed: bool) -> None:
        """Learn how a workflow task of a run went that has not ended with it."""
        with self._lock:
            if failed and self._ramp is not None and len(self._stuck) < MOST_STUCK:
                self._stuck[run_id] = build
            elif not failed:
                self._stuck.pop(run_id, None)

    def by_build(self) -> dict[BuildId, OutcomeCounts]:
        """Return what was counted since the ramp began."""
        with self._lock:
            stuck: defaultdict[BuildId, int] = defaultdict(int)
            for build in self._stuck.values():
                stuck[build] += 1
            builds = {*self._ended, *stuck}
            return {
                build: OutcomeCounts(self._ended[build] + stuck[build], self._failed[build] + stuck[build])
                for build in builds
            }
