"""What the host's jobs say of a database that is away."""

import logging
import time
from queue import Queue
from types import SimpleNamespace

import pytest

from workerhost.errors import StoreUnavailableError
from workerhost.runtime.hosts.jobs import Job, Jobs
from workerhost.settings import Settings


class FakeHost:
    """A host whose database is away when it should be; nothing else of a host is needed here."""

    is_away = False

    def __init__(self) -> None:
        self.rows = SimpleNamespace(touch=self.touch)

    def beat(self) -> None:
        if self.is_away:
            raise StoreUnavailableError("the database does not answer")

    def reconcile(self) -> None:
        self.beat()

    def touch(self) -> None:
        self.beat()


def test_the_absence_of_the_database_is_said_once_each_way(caplog: pytest.LogCaptureFixture) -> None:
    host = FakeHost()
    jobs = Jobs(host, SimpleNamespace(), Settings(), [])
    caplog.set_level(logging.INFO, "workerhost.runtime.hosts.jobs")
    for is_away in (False, True, True, False, False):
        host.is_away = is_away
        for job in (host.reconcile, host.beat, host.rows.touch):
            jobs._run(job)
    host.is_away = True
    jobs._run(host.reconcile)  # which began before the database came back
    away, back = caplog.messages
    assert away == "the database does not answer"
    assert back.startswith("the database answers again, after ")
    assert caplog.records[1].__dict__["failures"] == 2


def test_a_job_with_a_delay_waits_for_it_and_the_others_run_at_once() -> None:
    began, ran = time.monotonic(), Queue[str]()

    def tidy() -> None:
        ran.put("tidy")

    def look() -> None:
        ran.put("look")

    jobs = Jobs(FakeHost(), SimpleNamespace(), Settings(), [Job(tidy, 60, delay=0.5), Job(look, 60)])
    jobs.start()
    try:
        assert [ran.get(timeout=30), ran.get(timeout=30)] == ["look", "tidy"]
        assert time.monotonic() - began >= 0.5
    finally:
        jobs.stop()
