"""Checks code that is not published against the runs that are there: which of them would replay on it."""

from collections import defaultdict
from dataclasses import dataclass, field

from workerhost.drawing import DrawnWorkflow
from workerhost.model import WorkflowCode
from workerhost.runtime.deployments.publisher import Publisher
from workerhost.runtime.executions.replay import Divergence, HistoryReplay
from workerhost.runtime.executions.visibility import Run, Visibility
from workerhost.words import BuildId, ExecutionStatus

RECENT_RUNS = 20
"""How many runs of each workflow type that have ended are tried where the call does not say."""

MOST_OPEN_RUNS = 1000
"""How many open runs are tried at most, so that a call ends."""


@dataclass
class Tally:
    """How many runs were replayed, and how many of them fit the code."""

    checked: int = 0
    replayed: int = 0


@dataclass
class ReplayFindings:
    """What a check has found."""

    build_id: BuildId
    open_runs: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    """By workflow type."""
    recent_runs: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    diverged: list[tuple[Run, Divergence]] = field(default_factory=list)

    def note(self, run: Run, divergence: Divergence | None) -> None:
        """Count a run that was replayed."""
        tally = (self.open_runs if run.status == ExecutionStatus.RUNNING else self.recent_runs)[run.workflow_type]
        tally.checked += 1
        if divergence is None:
            tally.replayed += 1
        else:
            self.diverged.append((run, divergence))


class ReplayChecker:
    """Checks unpublished code against runs. Safe to use from any thread; a call blocks while it replays.

    Args:
        publisher: makes the build that would be published.
        visibility: finds the runs.
        replay: replays them.
    """

    def __init__(self, publisher: Publisher, visibility: Visibility, replay: HistoryReplay) -> None:
        self._publisher = publisher
        self._visibility = visibility
        self._replay = replay

    def check(self, project_id: str, workflow: WorkflowCode | DrawnWorkflow, sample: int) -> ReplayFindings:
        """Replay the project's open runs, and of each workflow type the `sample` that ended last, on unpublished code.

        Raises:
            NotFoundError: there is no such project.
            BuildRefusedError: the project does not load with the code.
            DrawingRefusedError: the drawing has problems.
            UnknownFormatError: nobody compiles drawings of that format.
            TemporalUnavailableError: Temporal does not answer.
        """
        project, summary = self._publisher.candidate(project_id, workflow)
        runs = self._visibility.all_open_runs(project, MOST_OPEN_RUNS)
        types = {*summary.workflow_types, *(run.workflow_type for run in runs)}
        for workflow_type in sorted(types):
            runs += self._visibility.recent_runs(project, workflow_type, sample)
        found = ReplayFindings(summary.id)
        self._replay.prove(project, summary, runs, found.note)
        return found
