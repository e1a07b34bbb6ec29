"""Has the schedules and webhooks of drawn workflows be those of the versions that are active."""

import logging
import time
from collections.abc import Sequence

from workerhost.drawing import DrawingProblem
from workerhost.errors import NotFoundError, WorkerhostError
from workerhost.runtime.schedules.operations import Schedules
from workerhost.runtime.triggers.setting_up import TriggerSetup, TriggerWarning
from workerhost.runtime.webhooks.known import KnownWebhooks
from workerhost.store import Store

log = logging.getLogger(__name__)

HOLD_SECONDS, LOOK_SECONDS = 10.0, 0.05
"""How long a publish waits for another caller that sets up triggers of the project, and how often it looks."""

MOST_PROJECTS = 20
"""That one run of the job looks after."""


class TriggerFollower:
    """Sets up, changes and takes down triggers. Safe to use from any thread; every call may block.

    Of all callers on all hosts, one works on the triggers of a project at a time. What fails is left to the job, which
    finds all projects whose triggers are not those of their deployment.

    Args:
        store: where the triggers of active versions are, and which are set up.
        schedules: those of projects.
        known: webhooks that this host has seen lately.
    """

    def __init__(self, store: Store, schedules: Schedules, known: KnownWebhooks) -> None:
        self._store = store
        self._schedules = schedules
        self._known = known
        self._said: dict[str, Sequence[TriggerWarning]] = {}

    def follow(self, project_id: str, *, waits: bool = True) -> Sequence[TriggerWarning]:
        """Have the triggers of a project be those of its active versions; return what could not be done yet.

        Args:
            project_id: of the project.
            waits: whether to wait a while for another caller that does the same.
        """
        try:
            if waits and not self._has_any(project_id):
                return ()  # the job notes that, which spares the publish a write
            revision = self._hold(project_id, HOLD_SECONDS if waits else 0)
            if revision is None:
                return _warning("other calls set up triggers of the project at the moment")
            is_done = False
            try:
                warnings = TriggerSetup(self._store, self._schedules, self._known, project_id).run()
                is_done = not warnings
            finally:
                self._store.triggers.let_go(project_id, revision if is_done else None)
        except NotFoundError:
            return ()  # the project was deleted, and its triggers with it
        except WorkerhostError as error:
            return _warning(str(error))
        return warnings

    def follow_left(self) -> None:
        """Do what is left to be done, for some projects.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        for project_id in self._store.triggers.left(MOST_PROJECTS):
            warnings = self.follow(project_id, waits=False)
            if warnings and self._said.get(project_id) != warnings:
                for workflow, problem in warnings:
                    log.warning("project %s, workflow %s: %s", project_id, workflow, problem.reason)
            self._said.pop(project_id, None)
            if warnings:
                self._said[project_id] = warnings

    def _has_any(self, project_id: str) -> bool:
        return bool(self._store.workflows.active_triggers(project_id) or self._store.triggers.owned(project_id))

    def _hold(self, project_id: str, seconds: float) -> int | None:
        deadline = time.monotonic() + seconds
        while (revision := self._store.triggers.hold(project_id)) is None and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        return revision


def _warning(reason: str) -> Sequence[TriggerWarning]:
    return [(None, DrawingProblem(f"the triggers of the project are not set up yet, and will be: {reason}"))]
