"""The processes of one project: forked when there is work, ended when there has been none for a while."""

import contextlib
import functools
import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from temporalio.converter import DataConverter

from workerhost.code.build import Build
from workerhost.code.checker import WARM_UP_SECONDS
from workerhost.code.project_process.messages import Kind
from workerhost.code.project_process.setup import Setup, pickled
from workerhost.code.sealing.seal import Limits
from workerhost.code.warm_process import WarmProcess
from workerhost.runtime.capture.project_log import ProjectLog, TakeLine
from workerhost.runtime.egress.addresses import Network
from workerhost.runtime.egress.policy import NetworkPolicy
from workerhost.runtime.egress.proxy import EgressProxy
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.processes.deaths import Deaths
from workerhost.runtime.processes.forking import fork
from workerhost.runtime.processes.permissions import Permissions
from workerhost.runtime.processes.project_process import ProjectProcess
from workerhost.runtime.processes.questions import NotAskedError, Question
from workerhost.runtime.processes.slot import LOAD_SECONDS, READY_SECONDS, Slot
from workerhost.runtime.temporal.run_owners import OwnedRun
from workerhost.service_log.repeated_failures import RepeatedFailures
from workerhost.words import BuildId, RunId

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ProcessesContext:
    """What the processes of all projects of a host share."""

    warm_process: WarmProcess
    proxy: EgressProxy
    """Their way to the network."""
    own_services: frozenset[tuple[str, int]]
    """Hosts and ports that no project may reach: the service's own Temporal and database."""
    open_networks: tuple[Network, ...]
    """What is not public and may be reached all the same."""
    host_addresses: Mapping[str, str]
    """Where hosts are, in place of what the name server says, as `read_host_addresses` returns it."""
    passthrough: tuple[str, ...]
    """Packages that Temporal's sandbox takes from a process."""
    runs_of: Callable[[Collection[str]], Mapping[str, OwnedRun]]
    """Returns the latest runs by workflow id, without ids that nobody has; blocks."""
    idle_seconds: float
    """Without work, after which a process is ended."""
    observer: Observer
    """Learns how the processes fare."""
    take_line: TakeLine
    """Takes the lines of the projects' logs; does not block."""


class ProjectProcesses:
    """Processes of a project, each with the runs and the builds that it knows. Safe to use from any thread.

    Args:
        setup: what holds for all of them.
        context: what those of all projects share.
        limits: what each may take.
        policy: what each may reach over the network; None for nothing.
        most: how many processes there may be.
        deaths: what is known of their ends.
        project_log: takes what they say.
    """

    def __init__(  # noqa: PLR0913, PLR0917  all of it belongs together
        self,
        setup: Setup,
        context: ProcessesContext,
        limits: Limits,
        policy: NetworkPolicy | None,
        most: int,
        deaths: Deaths,
        project_log: ProjectLog,
    ) -> None:
        self._failures = RepeatedFailures(log)
        self.deaths = deaths
        self.log = project_log
        self.evict: Callable[[RunId], None] = lambda _run_id: None
        """Has the project's workers forget a cached run; set by whoever has workers."""
        self.permissions: Permissions | None = None
        """Of the workflows; None where all is permitted, or nothing that they do is sent to Temporal."""
        self._setup = setup
        self._context = context
        self._limits = limits
        self._policy = policy
        self._slots = [Slot(self._fork, self.deaths) for _ in range(most)]
        self._former: list[Slot] = []
        """Of processes that were made otherwise than they would be now."""
        self._counting = threading.Lock()
        self._uses: Counter[BuildId] = Counter()
        self._unused: deque[BuildId] = deque()

    @property
    def project_id(self) -> str:
        """Whose processes they are."""
        return self._setup.project_id

    def configure(self, setup: Setup, limits: Limits, policy: NetworkPolicy | None, most: int) -> None:
        """Have processes that are forked from now on be made so; others end as soon as they have nothing to do."""
        setup = replace(setup, data_converter=self._setup.data_converter)
        if (setup, limits, policy, most) == (self._setup, self._limits, self._policy, len(self._slots)):
            return
        self._setup, self._limits, self._policy = setup, limits, policy
        self._former += self._slots
        self._slots = [Slot(self._fork, self.deaths) for _ in range(most)]

    def convert_with(self, converter: DataConverter) -> None:
        """Have processes that are forked from now on use the data converter of the project's worker."""
        self._setup = replace(self._setup, data_converter=converter)

    def prepare(self, build: Build) -> None:
        """Have all processes be there, with the build, before they are asked; blocks while they are started.

        Raises:
            NotReadyYetError: they are not there in time.
            NoAnswerError: the build does not load there.
            ProcessEndedError: one died at once.
        """
        for slot in self._slots:
            slot.load(slot.ready(WARM_UP_SECONDS), build, LOAD_SECONDS)

    def begin(self, run_id: RunId, build: Build, question: Question, *parts: bytes) -> ProjectProcess:
        """Have a process begin a run, which stays with it until `leave`; return the process.

        Blocks for little more than `READY_SECONDS`. The build must be in use.

        Raises:
            NotReadyYetError: there is no process yet, or it still loads the build.
            NoAnswerError: the build does not load there.
            ProcessEndedError: it died at once.
        """
        while True:
            slot = min(self._slots, key=lambda each: (len(each.runs), each.open_questions))
            process = slot.ready(READY_SECONDS)
            slot.load(process, build, READY_SECONDS)
            slot.runs[run_id] = process
            try:
                process.ask(question, Kind.BEGIN, build.id.encode(), *parts)
            except NotAskedError:
                self.leave(run_id, process)
            else:
                return process

    def leave(self, run_id: RunId, process: ProjectProcess) -> None:
        """Note that a run is no longer with its process."""
        for slot in self._all_slots():
            if slot.runs.get(run_id) is process:
                del slot.runs[run_id]

    def run_activity(self, source: Build | bytes, question: Question, task: bytes) -> tuple[ProjectProcess, int]:
        """Have a process run an activity; return the process and the number of the question.

        Blocks while the process is started.

        Args:
            source: whose activity it is, or the function of a plugin, pickled.
            question: is answered.
            task: what the activity is told.

        Raises:
            NotReadyYetError: there is no process yet.
            NoAnswerError: the build does not load there.
            ProcessEndedError: it died at once.
        """
        kind, named = _named(source)
        while True:
            slot = self._least_busy()
            process = slot.ready(WARM_UP_SECONDS)
            if isinstance(source, Build):
                slot.load(process, source, LOAD_SECONDS)
            with contextlib.suppress(NotAskedError):
                return process, process.ask(question, kind, named, task)

    def run_activity_at_once(
        self, source: Build | bytes, question: Question, task: bytes
    ) -> tuple[ProjectProcess, int] | None:
        """Have a process run an activity as `run_activity` does, without waiting; None where that is not possible."""
        kind, named = _named(source)
        process = self._least_busy().at_once(source if isinstance(source, Build) else None)
        with contextlib.suppress(NotAskedError):
            if process is not None and (number := process.ask_at_once(question, kind, named, task)) is not None:
                return process, number
        return None

    def _least_busy(self) -> Slot:
        return min(self._slots, key=lambda each: each.open_questions)

    def use(self, build: Build) -> Callable[[], None]:
        """Note that somebody uses a build; return what is to be called when nobody does any more, from anywhere."""
        with self._counting:
            self._uses[build.id] += 1
        # It does no more, since a garbage collection may call it at any time, and holds no more, since whoever keeps it
        # until then would keep a whole host.
        return functools.partial(self._unused.append, build.id)

    def note_shutdown(self) -> None:
        """Have the activities that run learn that their worker drains."""
        for process in self._living():
            process.tell(Kind.SHUTDOWN, 0)

    def end_stuck(self) -> None:
        """Kill the processes whose workflow code does not yield, and tell how long all have run on processors."""
        for process in self._living():
            process.end_if_stuck()
            self._tell_of_use(process)

    def end_idle(self, *, at_once: bool = False) -> None:
        """End processes without work, and have runs that wait leave the cache of others.

        Args:
            at_once: whether not to wait for the time that a process may be idle.
        """
        self._forget_unused()
        for slot in self._slots:
            slot.end_idle(0 if at_once else self._context.idle_seconds, self.evict)
        for slot in self._former:
            slot.end_idle(0, self.evict)
        self._former = [slot for slot in self._former if slot.process is not None and not slot.process.is_ended]

    def end(self) -> list[ProjectProcess]:
        """Kill all processes, and return them; does not wait."""
        living = self._living()
        for process in living:
            process.end()
        return living

    def _fork(self) -> ProjectProcess:
        """Fork a process.

        Raises:
            NotTransferableError: a plugin has added to the worker what cannot go into a process.
            HostStoppingError: the host lets no process out any more.
        """
        setup = pickled(self._setup)
        policy, proxy = self._policy, self._context.proxy
        way_out = (lambda path: proxy.open_for(self.project_id, path, policy)) if policy else None
        forked = fork(self._context.warm_process, self._limits, way_out)
        process = ProjectProcess(self.log, forked, self._setup.activity_seconds, self._note_end)
        process.tell(Kind.SETUP, 0, setup)
        self._context.observer.process_began(self.project_id)
        return process

    def _living(self) -> list[ProjectProcess]:
        slots = self._all_slots()
        return [each.process for each in slots if each.process is not None and not each.process.is_ended]

    def _all_slots(self) -> "list[Slot]":
        return [*self._slots, *self._former]

    def _forget_unused(self) -> None:
        """Have the processes let builds go that nobody uses."""
        with self._counting:
            while self._unused:
                build_id = self._unused.popleft()
                self._uses[build_id] -= 1
                if not self._uses[build_id]:
                    del self._uses[build_id]
                    for slot in self._all_slots():
                        slot.forget(build_id)

    def _note_end(self, process: ProjectProcess, works: list[str], why: str | None, is_fault: bool) -> None:  # noqa: FBT001
        """In the thread of a process that has ended: its runs are replayed in another one."""
        self._tell_of_use(process)
        if why is not None:
            self._context.observer.process_died(self.project_id, why)
            if is_fault:
                self.deaths.note(why, works)
            said = f"its process died: {why}" + (f" in {', '.join(works)}" if works else "")
            self._failures.note("process", f"project {self.project_id}: {said}", project=self.project_id)
            self.log.say(logging.ERROR, said)
        for slot in self._all_slots():
            for run_id in slot.runs_of(process):
                slot.runs.pop(run_id, None)
                self.evict(run_id)

    def _tell_of_use(self, process: ProjectProcess) -> None:
        if seconds := process.meter.part(process.processor_seconds()):
            self._context.observer.computed(self.project_id, seconds)


def _named(source: Build | bytes) -> tuple[Kind, bytes]:
    """Return how a process is told whose activity to run."""
    return (Kind.ACTIVITY, source.id.encode()) if isinstance(source, Build) else (Kind.PLUGIN_ACTIVITY, source)
