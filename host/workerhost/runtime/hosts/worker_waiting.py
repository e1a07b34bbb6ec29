"""Waiting for what a project's workers do, on whichever host they run."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from workerhost.runtime.hosts.deployment_notice import leave_notice
from workerhost.runtime.hosts.host import Host
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.store import Store, WorkerRecord
from workerhost.words import DesiredState, HostId, WorkerStatus

T = TypeVar("T")

LOOK_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 0.5
"""How often a call that waits looks at what other hosts have written; what happens on its own host wakes it. The longer
it has waited, the less often it looks: many calls that wait for long must not keep the process busy."""

PAUSE_SHARE = 0.2
"""How long a pause is at most, as a share of the time that the call has waited by then."""

OVERTAKEN_SECONDS = 0.2
"""From when on a call that waits looks whether what it waits for is still wanted; most never wait as long."""


class WorkerWaiting:
    """Waits by looking at the rows of workers. Safe to use from any thread; every call may block.

    Args:
        store: where the rows are.
        host: of this process; what its own workers do ends a pause between two looks.
        temporal: where hosts that were given up find word of a deployment.
    """

    def __init__(self, store: Store, host: Host, temporal: TemporalConnection) -> None:
        self._store = store
        self._temporal = temporal
        self._host = host

    def wait(
        self,
        project_id: str,
        answer: Callable[[list[WorkerRecord]], T | None],
        timeout: float,
        *,
        wanted: DesiredState | None = None,
        since: int | None = None,
    ) -> tuple[T | None, list[WorkerRecord]]:
        """Wait until `answer` has one, given the project's workers; return it, or None, and the workers.

        Args:
            project_id: whose workers they are.
            answer: None for not yet.
            timeout: seconds.
            wanted: the state that this call brings about; it ends where another one has wanted the other meanwhile.
            since: the host's count of changes before which there can be no answer, so that the first look waits for
                the next change; None looks at once.

        Raises:
            NotFoundError: the project was deleted meanwhile.
        """
        began = time.monotonic()
        if since is not None:
            self._host.rows.wait_for_change(since, min(LOOK_SECONDS, timeout))
        while True:
            changes = self._host.rows.changes
            workers = self._store.workers.alive(project_id)
            found = answer(workers)
            waited = time.monotonic() - began
            if found is not None or waited >= timeout:
                return found, workers
            if wanted is not None and waited > OVERTAKEN_SECONDS and self._wants_otherwise(project_id, wanted):
                return None, workers
            self._host.rows.wait_for_change(changes, min(_pause(waited), timeout - waited))

    def confirm(self, project_id: str, revision: int, timeout: float) -> bool:
        """Have all hosts follow the project's deployment, and wait until they do; tell whether all do.

        Args:
            project_id: whose deployment that is.
            revision: of the deployment; a later one will do as well.
            timeout: seconds.
        """
        self._host.adopt(project_id)
        agreed, _ = self.wait(project_id, lambda workers: agree(workers, revision) or None, timeout)
        return agreed is not None

    def tell_given_up(self, project_id: str, revision: int) -> tuple[HostId, ...]:
        """Leave word for hosts that were taken for dead and have not followed a deployment, and return these.

        Args:
            project_id: whose deployment it is.
            revision: of the deployment.
        """
        given_up = self._store.workers.given_up(project_id, revision)
        if given_up:
            leave_notice(self._temporal, project_id, revision)
        return tuple(given_up)

    def _wants_otherwise(self, project_id: str, state: DesiredState) -> bool:
        return self._store.projects.get(project_id).desired_state != state


def _pause(waited: float) -> float:
    longest = min(max(LOOK_SECONDS, PAUSE_SHARE * waited), LONGEST_PAUSE_SECONDS)
    return longest * random.uniform(0.5, 1)  # noqa: S311  calls that began together need not look together


def agree(workers: list[WorkerRecord], revision: int) -> bool:
    """Tell whether new runs follow the deployment of that revision, whichever worker they come to.

    A worker that has taken no deployment yet looks what is deployed after it wrote its row and before it polls; one
    that has failed looks again before its next try, and one that stops asks the database for each new run.
    """
    return all(
        each.build_id is None or each.deployment_revision >= revision
        for each in workers
        if each.status in (WorkerStatus.STARTING, WorkerStatus.RUNNING)
    )
