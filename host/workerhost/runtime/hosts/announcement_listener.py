"""Has this host follow deployments as soon as another one announces that they have changed."""

import logging
import threading

from workerhost.errors import WorkerhostError
from workerhost.runtime.hosts.host import Host
from workerhost.service_log.repeated_failures import RepeatedFailures
from workerhost.store import Store
from workerhost.store.announcements import announcements

log = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0
"""How long a connection that was lost is left alone; the host looks at the database by itself meanwhile."""


class AnnouncementListener:
    """Owns the thread `workerhost-listener`; `start` and `stop` belong to any other.

    Args:
        store: whose announcements are listened to.
        host: of this process.
    """

    def __init__(self, store: Store, host: Host) -> None:
        self._store = store
        self._host = host
        self._failures = RepeatedFailures(log)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="workerhost-listener", daemon=True)

    def start(self) -> None:
        """Start to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait for the thread; calling this again, or before `start`, does nothing."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                for project_id in announcements(self._store.database, self._stopping):
                    self._follow(project_id)
            except Exception as error:
                # Whatever the driver raises for a connection that is lost: the next one may work.
                sentence = f"changes are seen a little later for now: {error}"
                self._failures.note("listener", sentence, level=logging.INFO)
                self._stopping.wait(PAUSE_SECONDS)
            else:
                return  # told to stop, or this database announces nothing

    def _follow(self, project_id: str) -> None:
        try:
            self._host.adopt(project_id)
        except WorkerhostError as error:
            sentence = f"project {project_id} follows what is deployed a little later: {error}"
            self._failures.note(project_id, sentence, level=logging.INFO, project=project_id)
