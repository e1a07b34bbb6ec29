"""A place for one process of a project: which process is there, what it has loaded, which runs are with it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from workerhost.code.build import Build
from workerhost.code.checker import WARM_UP_SECONDS
from workerhost.code.project_process.messages import Kind
from workerhost.code.project_process.setup import pickled
from workerhost.runtime.processes.deaths import Deaths
from workerhost.runtime.processes.project_process import ProjectProcess
from workerhost.runtime.processes.questions import NotAskedError, Question
from workerhost.words import BuildId, RunId

READY_SECONDS = 1.5
"""How long a workflow task waits for a process: less than the 2 s at which the SDK sees a deadlock."""

LOAD_SECONDS = 30.0
"""How long the import of a build may take in a process: more than in its check, as there may be much else to do."""


class NotReadyYetError(Exception):
    """There is no process yet; whoever wants one asks again."""


@dataclass(frozen=True)
class _Loading:
    """A build that a process loads, or has loaded."""

    question: Question
    until: float
    """When it must have."""


class Slot:
    """A place for one process at a time. Safe to use from any thread.

    Args:
        fork: makes a process.
        deaths: say whether there may be one.
    """

    def __init__(self, fork: Callable[[], ProjectProcess], deaths: Deaths) -> None:
        self.process: ProjectProcess | None = None
        self.runs: dict[RunId, ProjectProcess] = {}
        self._fork = fork
        self._deaths = deaths
        self._lock = threading.Lock()
        self._known: dict[BuildId, _Loading] = {}

    @property
    def open_questions(self) -> int:
        """How much the process works on."""
        return self.process.open_questions if self.process else 0

    def ready(self, timeout: float) -> ProjectProcess:
        """Return the process, forked if there is none, as soon as it takes questions."""
        with self._lock:
            if self.process is None or self.process.is_ended:
                if delay := self._deaths.delay():
                    raise NotReadyYetError(f"{self._deaths.trouble()} ({delay:.0f} s)")
                self._known = {}
                self.process = self._fork()
            process = self.process
        try:
            process.ready.result(timeout)
        except TimeoutError:
            if timeout >= WARM_UP_SECONDS:
                process.end("it was not ready in time", is_fault=False)
            raise NotReadyYetError("the project's process is being started; the task will be tried again") from None
        return process

    def load(self, process: ProjectProcess, build: Build, timeout: float) -> None:
        """Have the process load a build, once, and wait for that; kill it where the code's import does not end.

        Raises:
            NotReadyYetError: it still does.
            NoAnswerError: the build does not load there.
            ProcessEndedError: the process died of it.
        """
        with self._lock:
            if process is not self.process:
                raise NotReadyYetError("the project's process has ended; the task will be tried again")
            known = self._known.get(build.id)
            if known is None:
                known = self._known[build.id] = _Loading(Question("an import"), time.monotonic() + LOAD_SECONDS)
                try:
                    process.ask(known.question, Kind.BUILD, pickled(build))
                except NotAskedError:
                    raise NotReadyYetError("the project's process ends; the task will be tried again") from None
        try:
            known.question.answer.result(timeout)
        except TimeoutError:
            if time.monotonic() >= known.until:
                process.end(f"its import did not end within {LOAD_SECONDS:g} s")
            raise NotReadyYetError("the project's code is still being imported; the task will be tried again") from None

    def at_once(self, build: Build | None) -> ProjectProcess | None:
        """Return the process if it is there and takes questions, and has loaded the build; never blocks."""
        process = self.process
        if process is None or process.is_ended or not process.ready.done():
            return None
        if build is not None:
            known = self._known.get(build.id)
            if known is None or not known.question.answer.done() or known.question.answer.exception() is not None:
                return None
        return process if process is self.process else None

    def forget(self, build_id: BuildId) -> None:
        """Have the process let a build go."""
        with self._lock:
            if self.process is not None and build_id in self._known:
                del self._known[build_id]
                self.process.tell(Kind.FORGET, 0, build_id.encode())

    def runs_of(self, process: ProjectProcess) -> list[RunId]:
        """Return the runs that are in the process."""
        return [run_id for run_id, each in list(self.runs.items()) if each is process]

    def end_idle(self, seconds: float, evict: Callable[[RunId], None]) -> None:
        """End the process if it had nothing to do for so long; it waits for its cached runs to leave."""
        with self._lock:
            process = self.process
            if process is None or process.open_questions or time.monotonic() - process.used_at < seconds:
                return
            runs = self.runs_of(process)
            if not runs:
                self.process = None
                process.end()
        for run_id in runs:
            evict(run_id)
