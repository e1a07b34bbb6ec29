"""Children that cannot outlive the connection they were forked for, nor leave processes behind."""

import contextlib
import os
import select
import signal
import socket
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workerhost.code.sealing.kernel import PR_SET_CHILD_SUBREAPER, prctl
from workerhost.code.sealing.namespaces import ProcessIds
from workerhost.processes import die_with_parent


@dataclass(frozen=True)
class _Child:
    process_id: int
    ended: int
    """Readable once the process has ended."""
    connection: socket.socket
    """Whose other side may hang up."""
    report: int | None
    """Where it is written how the process ended."""


class ContainedChildren:
    """Forks children, and ends each as soon as the other side of its connection hangs up.

    Belongs to a process with one thread that exists for nothing else: it gets a namespace of users of its own, and
    every process that loses its parent below it comes to it, where children cannot have process ids of their own.
    """

    def __init__(self) -> None:
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        self._process_ids: ProcessIds | None = None
        with contextlib.suppress(OSError):
            self._process_ids = ProcessIds.enter()
        self._children: list[_Child] = []

    def wait_for(self, requests: socket.socket) -> bool:
        """Look after the children until a request can be read, or the other side of its socket has closed."""
        while True:
            watched = select.poll()
            watched.register(requests, select.POLLIN)
            for child in self._children:
                watched.register(child.ended, select.POLLIN)
                watched.register(child.connection, select.POLLRDHUP)  # what the other side sends is for the child
            happened = {descriptor for descriptor, _ in watched.poll()}
            for child in list(self._children):
                if not happened.isdisjoint({child.ended, child.connection.fileno()}):
                    self._end(child)
            if requests.fileno() in happened:
                return True

    def fork(
        self,
        work: Callable[[], None],
        connection: socket.socket,
        *not_for_it: socket.socket,
        report: int | None = None,
    ) -> None:
        """Do `work` in a child.

        Args:
            work: what the child does.
            connection: whose other side may hang up.
            not_for_it: what is closed in the child.
            report: a descriptor to which is written when the child ends, as text: its wait status, and the seconds that
                it ran on a processor, with all that it has waited for; closed then.

        Raises:
            OSError: there can be no more processes.
        """
        process_id = self._process_ids.fork() if self._process_ids else os.fork()
        if process_id == 0:
            try:
                die_with_parent()
                os.setsid()  # so that what it sends to its group comes to nobody else
                for each in (*not_for_it, *(child.connection for child in self._children)):
                    each.close()
                for descriptor in (report, *(each for child in self._children for each in (child.ended, child.report))):
                    if descriptor is not None:
                        os.close(descriptor)
                work()
                os._exit(0)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        copy = None
        try:
            copy = connection.dup()
            self._children.append(_Child(process_id, os.pidfd_open(process_id), copy, report))
        except OSError:  # nobody could look after it
            if copy is not None:
                copy.close()
            os.kill(process_id, signal.SIGKILL)
            os.waitpid(process_id, 0)
            raise

    def _end(self, child: _Child) -> None:
        self._children.remove(child)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(child.ended, signal.SIGKILL)
        _, status, used = os.wait4(child.process_id, 0)
        if child.report is not None:
            with contextlib.suppress(OSError):  # nobody wants to know any more
                os.write(child.report, f"{status} {used.ru_utime + used.ru_stime:.6f}".encode())
            os.close(child.report)
        os.close(child.ended)
        child.connection.close()
        if self._process_ids is None:
            self._end_orphans()

    def _end_orphans(self) -> None:
        """Kill what has lost its parent: all children that were not forked here."""
        known = {child.process_id for child in self._children}
        while orphans := _children() - known:
            for orphan in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, 0)


def _children() -> set[int]:
    me = os.getpid()
    return {int(child) for child in Path(f"/proc/{me}/task/{me}/children").read_text().split()}
