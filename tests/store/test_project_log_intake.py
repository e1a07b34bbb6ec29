"""Lines on their way to the database: written soon, in the end, and when a database that was away is back."""

import logging
import random
import re
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from support import DATABASES
from support.log_lines import log_line, messages
from support.postgresql import PostgreSQL
from workerhost.code.capture.origin import Origin
from workerhost.project_settings import ProjectSettings
from workerhost.runtime.capture.project_log import ProjectLog
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.project_logs.intake import LogIntake
from workerhost.settings import Settings
from workerhost.store import Store
from workerhost.testing import eventually


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def intake(store: Store) -> Iterator[LogIntake]:
    store.projects.put("shop", name=None, task_queue=None, settings=None)
    made = LogIntake(Settings(), store, Observer(), lambda project_ids: None)
    made.start()
    yield made
    made.stop()


def test_lines_are_written_soon_and_what_is_left_at_the_end(store: Store, intake: LogIntake) -> None:
    def bring() -> None:
        for number in range(1000):
            intake.take(log_line(str(number)))

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eventually(lambda: len(messages(store, limit=5000)) == 4000)
    intake.take(log_line("last"))
    intake.stop()
    assert messages(store, limit=1) == ["last"]
    intake.stop()


def test_nothing_is_taken_where_logs_are_switched_off(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)
    intake = LogIntake(Settings(project_logs=False), store, Observer(), lambda project_ids: None)
    intake.start()
    intake.take(log_line("unheard"))
    intake.stop()
    assert messages(store) == []
    assert "project-logs" not in {thread.name for thread in threading.enumerate()}


def test_lines_wait_for_a_database_that_is_away_which_is_said_once(
    own_postgresql: PostgreSQL, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "workerhost.runtime.project_logs.intake")
    store = Store(own_postgresql.create_database())
    store.database.upgrade()
    store.projects.put("shop", name=None, task_queue=None, settings=None)
    intake = LogIntake(Settings(), store, Observer(), lambda project_ids: None)
    intake.start()
    own_postgresql.stop()
    for number in range(100):
        intake.take(log_line(str(number)))
    eventually(lambda: "wait to be written" in caplog.text)
    intake.take(log_line("100"))
    own_postgresql.start()
    eventually(lambda: len(messages(store)) == 101)
    assert messages(store) == [str(number) for number in range(100, -1, -1)]
    intake.stop()
    assert [re.split("[:,]", record.message)[0] for record in caplog.records] == [
        "the logs of projects wait to be written",
        "the logs of projects are written again",
    ]
    store.close()


_REFUSING = {
    "sqlite": "CREATE TRIGGER refusing BEFORE INSERT ON project_logs WHEN new.message LIKE 'refused%' "
    "BEGIN SELECT raise(ABORT, 'no'); END",
    "postgresql": "ALTER TABLE project_logs ADD CHECK (message NOT LIKE 'refused%')",
}


def test_lines_that_the_database_refuses_cost_no_others_and_are_counted(
    store: Store, intake: LogIntake, caplog: pytest.LogCaptureFixture
) -> None:
    store.projects.put("bank", name=None, task_queue=None, settings=None)
    with store.database.writing() as session:
        session.execute(text(_REFUSING[store.database.url.get_backend_name()]))
    for number in range(200):
        intake.take(log_line("refused" if number in (17, 150, 151) else str(number)))
        intake.take(log_line(str(number), "bank"))
    eventually(lambda: messages(store, limit=1) == ["3 lines were dropped"])
    assert len(messages(store)) == 198
    assert messages(store, "bank") == [str(number) for number in reversed(range(200))]
    assert caplog.text.count("the database refuses lines") == 1


def test_ids_as_long_as_can_be_are_written_whatever_their_characters(store: Store, intake: LogIntake) -> None:
    chosen = random.Random(1)
    names = ["".join(chr(chosen.randrange(0x10000, 0x10FFFF)) for _ in range(1000)) for _ in range(2)]
    project_log = ProjectLog("shop", intake.take, ProjectSettings())
    project_log.say(logging.INFO, "odd", Origin(run_id=names[0], workflow_id=names[1]))
    eventually(lambda: messages(store) == ["odd"])
    assert messages(store, workflow_id=names[1][:250]) == ["odd"]
