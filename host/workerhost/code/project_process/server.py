"""What a project process does: execute its project's code, as its host asks."""

import os
import sys
import threading

from workerhost.code.project_process.activities import Activities
from workerhost.code.project_process.builds import ProcessBuilds
from workerhost.code.project_process.logs import configure
from workerhost.code.project_process.messages import HostConnection, Kind, Message
from workerhost.code.project_process.setup import Setup, unpickled
from workerhost.code.project_process.workflows import WorkflowRuns
from workerhost.words import BuildId

SWITCH_INTERVAL = 0.0005
"""Seconds a thread may keep the interpreter while others wait, so that workflow tasks need not wait for activities."""


def serve(connection: HostConnection) -> None:
    """Execute what the host asks for until it hangs up. Belongs to the main thread of a process made for it."""
    message = connection.receive()
    if message is None:
        return
    sys.setswitchinterval(SWITCH_INTERVAL)
    setup: Setup = unpickled(message.parts[0])
    configure(setup)
    server = _Server(connection, setup)
    connection.send(Kind.READY, 0)
    server.take_turns()


_IN_ORDER = (Kind.EVICT, Kind.FORGET, Kind.ACTIVITY, Kind.PLUGIN_ACTIVITY, Kind.CANCEL, Kind.SHUTDOWN)
"""What takes next to no time and must not be overtaken by what comes next."""


class _Server:
    """Has threads take turns in waiting for the next message: whoever gets one works on it.

    So that a message is worked on by the thread that has read it, and the next one need not wait for that.
    """

    def __init__(self, connection: HostConnection, setup: Setup) -> None:
        self._connection = connection
        self._builds = ProcessBuilds(setup.passthrough)
        self._runs = WorkflowRuns(self._builds)
        self._activities = Activities(setup, self._builds, connection.send)
        self._turn, self._counting = threading.Lock(), threading.Lock()
        self._waiting = 0
        self._spare_threads = setup.workflow_threads - 1

    def take_turns(self) -> None:
        """Work on messages until the host hangs up, which ends the process."""
        while True:
            with self._counting:
                self._waiting += 1
            with self._turn:
                message = self._next()
            with self._counting:
                self._waiting -= 1
                is_last = self._waiting == 0 and self._spare_threads > 0
                self._spare_threads -= is_last
            if is_last:
                threading.Thread(target=self.take_turns, name="workflow-task", daemon=True).start()
            self._work_on(message)

    def _next(self) -> Message:
        """Return the next message that may take its time."""
        while message := self._connection.receive():
            if message.kind not in _IN_ORDER:
                return message
            self._work_on(message)
        os._exit(0)  # whatever still runs here runs for nobody

    def _work_on(self, message: Message) -> None:
        try:
            answer = self._answer(message)
        except BaseException as error:
            self._connection.send(Kind.FAILED, message.number, _text(error).encode("utf-8", "replace"))
        else:
            if answer is not None:
                self._connection.send(Kind.DONE, message.number, answer)

    def _answer(self, message: Message) -> bytes | None:
        parts = message.parts
        match message.kind:
            case Kind.BEGIN:
                return self._runs.begin(BuildId(parts[0].decode()), parts[1], parts[2])
            case Kind.ACTIVATE:
                return self._runs.activate(parts[0])
            case Kind.EVICT:
                self._runs.evict(parts[0])
            case Kind.ACTIVITY:
                self._activities.start_task(message.number, BuildId(parts[0].decode()), parts[1])
            case Kind.PLUGIN_ACTIVITY:
                self._activities.start_task(message.number, parts[0], parts[1])
            case Kind.CANCEL:
                self._activities.cancel(parts[0])
            case Kind.BUILD:
                self._builds.load(unpickled(parts[0]))
                return b""
            case Kind.FORGET:
                self._builds.forget(BuildId(parts[0].decode()))
            case Kind.SHUTDOWN:
                self._activities.note_shutdown()
            case _:
                raise ValueError(message.kind)
        return None


def _text(error: BaseException) -> str:
    """Return what an error says; its code is the project's, and may fail at that."""
    try:
        return str(error) or type(error).__name__
    except BaseException:
        return f"{type(error).__name__}, whose text cannot be read"
