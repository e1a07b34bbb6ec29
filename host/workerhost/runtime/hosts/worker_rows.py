"""What a host writes about its workers, and what it could not write yet."""

import contextlib
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from workerhost.errors import StoreUnavailableError, WorkerFailedError, WorkerhostError
from workerhost.model import Deployment
from workerhost.runtime.workers.project_worker import ProjectWorker
from workerhost.runtime.workers.worker_state import WorkerState
from workerhost.service_log.repeated_failures import RepeatedFailures
from workerhost.store import HostRecord, Store, WorkerRecord
from workerhost.words import WorkerStatus

log = logging.getLogger(__name__)


@dataclass
class _Row:
    """What is known here of the row of one worker."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    deployment: Deployment | None = None
    """The deployment that the row names."""
    intended: WorkerState | None = None
    """What the row is to say: the state that was given last. The worker itself is in that state a moment later."""

    def intend(self, state: WorkerState) -> bool:
        """Take over a state, unless a later one or one closer to the end was given; tell whether it was taken."""
        if self.intended is not None and _order(state) < _order(self.intended):
            return False
        self.intended = state
        return True


_END = {WorkerStatus.STOPPING: 1, WorkerStatus.STOPPED: 2}


def _order(state: WorkerState) -> tuple[int, int]:
    end = _END.get(state.status, 0)
    return end, 0 if end else state.number  # that it stops, the host says as well, which counts no states


class WorkerRows:
    """The rows of one host's workers. Safe to use from any thread.

    Args:
        store: where they are.
        host: whose workers they are.
    """

    def __init__(self, store: Store, host: HostRecord) -> None:
        self._store = store
        self._host = host
        self._unsaved: set[ProjectWorker] = set()
        """Workers whose row does not say what it is to say."""
        self._known: WeakKeyDictionary[ProjectWorker, _Row] = WeakKeyDictionary()
        self._failures = RepeatedFailures(log)
        self._making = threading.Lock()
        self._changed = threading.Condition()
        self._changes = 0

    @property
    def changes(self) -> int:
        """How often a worker of this host changed its state."""
        return self._changes

    def wait_for_change(self, since: int, timeout: float) -> None:
        """Wait until `changes` is another number than `since`, at most `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._changes != since, timeout)

    def save(self, worker: ProjectWorker, state: WorkerState) -> None:
        """Write what the worker is about to be; what cannot be written now is written by `flush`. Never raises.

        A worker that ends goes on to its end: whatever else it says later is not written.
        """
        with self._row(worker) as row:
            if row.intend(state):
                self._write(worker, row)
        self._note_change()

    def save_again(self, worker: ProjectWorker) -> None:
        """Write once more what the worker's row is to say, where another host may have changed it. Never raises."""
        with self._row(worker) as row:
            row.intended = row.intended or worker.state
            self._write(worker, row)
        self._note_change()

    def named_deployment(self, worker: ProjectWorker) -> Deployment | None:
        """Return the deployment that the worker's row names, or None where it names none."""
        known = self._known.get(worker)
        return known.deployment if known else None

    def is_up_to_date(self, worker: ProjectWorker) -> bool:
        """Tell whether the worker's row names the deployment that the worker follows, or is about to."""
        return self.named_deployment(worker) == _announced(worker)

    def save_deployment(self, worker: ProjectWorker) -> None:
        """Write which deployment the worker follows.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        with self._row(worker) as row:
            deployment = worker.builds.deployment.known
            if deployment is not None:
                self._store.workers.set_deployment(worker.id, deployment)
                row.deployment = deployment
        self._note_change()

    def note_written(self, worker: ProjectWorker, deployment: Deployment) -> None:
        """Learn that the worker's row was written with its lease, and which deployment it names."""
        with self._row(worker) as row:
            row.deployment = deployment

    def save_stopping(self, workers: Iterable[ProjectWorker]) -> None:
        """Write of several workers at once that they are about to stop. Never raises.

        What cannot be written now is written by `flush`.
        """
        state, ending = WorkerState(WorkerStatus.STOPPING), []
        for worker in workers:
            with self._row(worker) as row:
                if row.intend(state):
                    ending.append(worker)
        try:
            self._store.workers.save(self.record(worker, state) for worker in ending)
        except StoreUnavailableError as error:
            self._failures.note("rows", f"that workers stop is written later: {error}")
            self._unsaved.update(ending)
        self._note_change()

    def touch(self) -> None:
        """Write the time to the rows, for operators who look at these.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        self._store.workers.beat(self._host.id)

    def flush(self) -> None:
        """Write what could not be written before, until that fails again: each try may take seconds."""
        for worker in list(self._unsaved):
            self.save_again(worker)
            if worker in self._unsaved:
                return

    def record(self, worker: ProjectWorker, state: WorkerState, replica: int | None = None) -> WorkerRecord:
        """Return the worker as a row, with the replica that it is to lease, if any."""
        deployment = _announced(worker)
        details: dict[str, str | int] = {}
        if state.error is not None:
            kind = state.error if isinstance(state.error, WorkerhostError) else WorkerFailedError
            details = {"error": str(state.error), "errorCode": kind.code, "errorStatus": kind.status}
        return WorkerRecord(
            worker_id=worker.id,
            project_id=worker.project.id,
            task_queue=worker.project.task_queue,
            status=state.status,
            host_id=self._host.id,
            machine=self._host.machine,
            process_id=os.getpid(),
            started_at=worker.started_at,
            stopped_at=worker.stopped_at,
            generation=worker.project.generation,
            build_id=deployment.current,
            deployment_revision=deployment.revision,
            replica=replica,
            details=details,
        )

    def _write(self, worker: ProjectWorker, row: "_Row") -> None:
        """Write what the row is to say; whoever calls this holds the row."""
        assert row.intended is not None  # noqa: S101  for mypy
        deployment = _announced(worker)
        try:
            self._store.workers.save([self.record(worker, row.intended)])
        except StoreUnavailableError as error:
            status = row.intended.status
            sentence = f"what workers do is written later: {error}"
            self._failures.note("rows", sentence, project=worker.project.id, status=status)
            self._unsaved.add(worker)
        else:
            row.deployment = deployment
            self._unsaved.discard(worker)
            self._failures.over("rows", "what workers do is written again")

    @contextlib.contextmanager
    def _row(self, worker: ProjectWorker) -> Iterator["_Row"]:
        """Hold what is known of a worker's row while it is written, so that no older state overwrites a newer one."""
        with self._making:
            row = self._known.setdefault(worker, _Row())
        with row.lock:
            yield row

    def _note_change(self) -> None:
        with self._changed:
            self._changes += 1
            self._changed.notify_all()


def _announced(worker: ProjectWorker) -> Deployment:
    """Return the deployment that the worker's row may name: that one, or a later one, is what its new runs follow.

    A worker that has looked none up yet does that before it polls. Until then the row names what was deployed when
    the worker was made, so that it need not be written once more where that is deployed still.
    """
    return worker.builds.deployment.known or worker.project.deployment
