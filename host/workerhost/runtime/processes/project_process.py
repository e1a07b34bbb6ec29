"""One project process, as its host sees it."""

import contextlib
import logging
import math
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future

from workerhost.code.project_process.messages import Decoder, Kind, Message, NonsenseError, encode
from workerhost.runtime.processes.forking import Forked
from workerhost.runtime.processes.log_pipe import LogPipe
from workerhost.runtime.processes.message_sender import MessageSender
from workerhost.runtime.processes.paced_reader import PacedReader
from workerhost.runtime.processes.processor_clock import ProcessorMeter, processor_seconds
from workerhost.runtime.processes.questions import (
    NoAnswerError,
    NotAskedError,
    OverspentError,
    ProcessEndedError,
    Question,
)

log = logging.getLogger(__name__)

READ_BYTES = 256 * 1024

_CREDENTIALS = struct.Struct("@iII")
"""Of the sender of a message, as the kernel writes them: `struct ucred` in unix(7)."""

OUTPUT_BYTES, LINE_BYTES = 256 * 1024, 200
"""Bytes of output that are taken in a second, and for how many each line counts beside its own; who has more waits."""

MESSAGES, MESSAGE_BYTES = 20_000, 4096
"""Messages that are taken in a second, and as how many bytes each counts: a process that has more waits."""

ACTIVATION_SECONDS = 10.0
"""How long an activation may take before its process is killed. The SDK fails the task after 2 s; a machine that is
busy gets some time more, since a process that is killed takes the project's other work with it."""

LOOK_SECONDS, SPINNING_SHARE = 2.0, 0.5
"""After that long a process is killed that has used this share of a processor all the time, and has no activities that
may have used it: it does not merely wait."""

LARGEST_HEARTBEAT = 4 * 1024**2
"""Bytes; what Temporal takes in one message."""


class ProjectProcess:
    """Asks a process and waits for its answers. Owns a thread that reads; all methods may be called from any thread.

    Args:
        project_id: whose process it is.
        forked: the way to it.
        activity_seconds: on a processor that an activity may use.
        on_end: called once, in the thread that reads, with what it worked on, why it ended where nobody told it to, and
            whether that is the project's own fault.
    """

    def __init__(
        self,
        project_id: str,
        forked: Forked,
        activity_seconds: float,
        on_end: Callable[["ProjectProcess", list[str], str | None, bool], None],
    ) -> None:
        self.project_id = project_id
        self.ready: Future[None] = Future()
        self.used_at = time.monotonic()
        self._forked = forked
        self._activity_seconds = activity_seconds
        self._used, self._looked_at = 0.0, 0
        self.meter = ProcessorMeter()
        self._on_end = on_end
        self._lock = threading.Lock()
        self._sender = MessageSender(forked.connection, lambda: self.end("it did not read what it was sent"))
        self._questions: dict[int, Question] = {}
        self._number = 0
        self._is_ended = False
        self._is_told_to_end = False
        self._why: str | None = None
        self._is_fault = True
        self.process_id: int | None = None
        """Of the process as this machine sees it, which has process ids of its own; None before it said something."""
        self._output = LogPipe(project_id)
        self._thread = threading.Thread(target=self._run, name=f"process-{project_id}", daemon=True)
        self._thread.start()

    @property
    def is_ended(self) -> bool:
        """Whether it takes no more questions."""
        return self._is_ended or self._is_told_to_end

    def processor_seconds(self) -> float:
        """Return how long it has run on a processor; 0 where that is not known."""
        return processor_seconds(self.process_id) if self.process_id is not None else 0.0

    @property
    def open_questions(self) -> int:
        """How many questions it has not answered."""
        return len(self._questions)

    def ask(self, question: Question, kind: Kind, *parts: bytes) -> int:
        """Ask something; the answer comes into the question's future. Blocks while the process does not read.

        Returns the number of the question, for `tell`.

        Args:
            question: is answered.
            kind: of the message.
            parts: of the message.

        Raises:
            NotAskedError: the process ends.
        """
        number = self._note(question)
        self.tell(kind, number, *parts)
        return number

    def _note(self, question: Question) -> int:
        with self._lock:
            if self.is_ended:
                raise NotAskedError
            self._number += 1
            number = self._number
            self._questions[number] = question
        self.used_at, question.used = question.began, self.processor_seconds()
        return number

    def ask_at_once(self, question: Question, kind: Kind, *parts: bytes) -> int | None:
        """Ask something as `ask` does, without waiting; return None where that is not possible.

        Raises:
            NotAskedError: the process ends.
        """
        number = self._note(question)
        if self._sender.send_at_once(encode(kind, number, *parts)):
            return number
        with self._lock:
            return None if self._questions.pop(number, None) is not None else number  # it has ended meanwhile

    def tell(self, kind: Kind, number: int, *parts: bytes) -> None:
        """Send what has no answer. Blocks while the process does not read; one that has ended is told nothing."""
        self._sender.send(encode(kind, number, *parts))

    def end_if_stuck(self) -> None:
        """Have the process killed if an activation takes too long, or an activity too much of the processor.

        To be called every few seconds, by one thread at a time.
        """
        now, used = time.monotonic(), self.processor_seconds()
        self._charge(used)
        for each in list(self._questions.values()):
            waited = now - each.began
            if not each.is_activation or waited < LOOK_SECONDS:
                continue
            is_spinning = used - each.used > SPINNING_SHARE * waited and not any(
                one.is_activity for one in list(self._questions.values())
            )
            if is_spinning or waited > ACTIVATION_SECONDS:
                self.end(f"it did not yield within {waited:.0f} s")

    def _charge(self, used: float) -> None:
        """Charge an activity that runs alone with what the process has used since the last look.

        Where there was anything else to do since then, only the process knows what it was used for, and it may lie.
        """
        spent, self._used = used - self._used, used
        is_same, self._looked_at = self._number == self._looked_at, self._number
        questions = list(self._questions.items())
        if not is_same or len(questions) != 1 or not questions[0][1].is_activity:
            return
        number, activity = questions[0]
        activity.spent += spent
        if activity.spent > self._activity_seconds:
            why = f"{activity.what} has used the processor for more than {self._activity_seconds:g} s"
            self.end(why, is_fault=False, final=number)

    def end(self, why: str | None = None, *, is_fault: bool = True, final: int | None = None) -> None:
        """Have the process killed; calling this again does nothing.

        Args:
            why: for what is told to whoever waits for answers; None where nobody should.
            is_fault: whether it counts for how often the project's processes die.
            final: the number of the question that is not to be asked again.
        """
        with self._lock:
            if self.is_ended:
                return
            self._is_told_to_end, self._why, self._is_fault = True, why, is_fault
            if final is not None and final in self._questions:
                self._questions[final].is_final = True
        with contextlib.suppress(OSError):
            self._forked.connection.shutdown(socket.SHUT_RDWR)

    def join(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for the end; tell whether it has come."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        nonsense: str | None = None
        with _logged(self.project_id), contextlib.suppress(OSError):
            try:
                self._read()
            except NonsenseError as error:
                nonsense = f"it sent {error}"
        self._finish(nonsense)

    def _read(self) -> None:
        """Read until the process has hung up."""
        decoder, output = Decoder(), self._forked.output
        reader = PacedReader({self._forked.connection.fileno(): MESSAGES, output: OUTPUT_BYTES})
        while True:
            for descriptor in reader.wait():
                if descriptor == output:
                    data = os.read(output, 65536)
                    # Nothing: its code has closed it.
                    reader.take(output, len(data) + LINE_BYTES * data.count(b"\n") or math.inf)
                    self._output.feed(data)
                elif data := self._receive(self._forked.connection):
                    messages = decoder.feed(data)
                    reader.take(descriptor, len(messages) + len(data) / MESSAGE_BYTES)
                    for message in messages:
                        self._take(message)
                else:
                    return

    def _receive(self, connection: socket.socket) -> bytes:
        if self.process_id is not None:
            return connection.recv(READ_BYTES)
        data, ancillary, _, _ = connection.recvmsg(READ_BYTES, socket.CMSG_SPACE(_CREDENTIALS.size))
        for level, kind, credentials in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                self.process_id = _CREDENTIALS.unpack(credentials)[0]
        return data

    def _take(self, message: Message) -> None:
        if message.kind == Kind.READY and not self.ready.done():
            self.ready.set_result(None)
            return
        with self._lock:
            question = self._questions.get(message.number)
            if message.kind in (Kind.DONE, Kind.FAILED) and len(message.parts) == 1:
                self._questions.pop(message.number, None)
        if question is None or len(message.parts) != 1:
            raise NonsenseError("an answer to what it was not asked")
        self.used_at = time.monotonic()
        match message.kind:
            case Kind.DONE:
                question.answer.set_result(message.parts[0])
            case Kind.FAILED:
                question.answer.set_exception(NoAnswerError(message.parts[0].decode("utf-8", "replace")))
            case Kind.HEARTBEAT if question.on_heartbeat and len(message.parts[0]) <= LARGEST_HEARTBEAT:
                question.on_heartbeat(message.parts[0])
            case _:
                raise NonsenseError(f"what only a host sends ({message.kind.name})")

    def _finish(self, nonsense: str | None) -> None:
        with self._lock:
            self._is_ended = True
            questions, self._questions = list(self._questions.values()), {}
        with contextlib.suppress(OSError):  # so that it is killed, if it still runs
            self._forked.connection.shutdown(socket.SHUT_RDWR)
        how, self.meter.used_at_end = self._forked.how_it_ended()
        why = self._why or nonsense or how or "the process that forks could not make it, or has ended"
        is_meant = self._is_told_to_end and self._why is None
        is_fault = self._is_fault and (how is not None or self._why is not None)
        with _logged(self.project_id):
            self._on_end(self, sorted({each.what for each in questions}), None if is_meant else why, is_fault)
        error = ProcessEndedError(why)
        if not self.ready.done():
            self.ready.set_exception(error)
        for question in questions:
            question.answer.set_exception(OverspentError(why) if question.is_final else error)
        with _logged(self.project_id):
            self._read_last_output()
        self._forked.close()

    def _read_last_output(self) -> None:
        os.set_blocking(self._forked.output, False)
        with contextlib.suppress(OSError):
            self._output.feed(os.read(self._forked.output, OUTPUT_BYTES))
        self._output.close()


@contextlib.contextmanager
def _logged(project_id: str) -> Iterator[None]:
    """Go on whatever happens in the block: nobody may wait for answers that nobody reads."""
    try:
        yield
    except Exception:
        log.exception("project %s: what its process says cannot be read", project_id)
