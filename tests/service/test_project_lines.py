"""The log of a project: what its code logs and prints, with where it comes from, and what its host says of it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from support.callers import CALLER, call
from support.lines import PUBLISHED, SPEAKING_ACTIVITIES, Lines, collected_lines
from workerhost.code.capture.said import LONGEST_MESSAGE
from workerhost.observed import LogLevel, LogLine
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.testing import Api, eventually
from workerhost.words import Isolation

HOW_OFTEN = {"begins": 1, "prints in a workflow": 1, "logs in a workflow": 1, "prints at the end": 1}


@pytest.fixture(params=list(Isolation))
def isolation(request: pytest.FixtureRequest) -> Isolation:
    """Both kinds say the same."""
    return Isolation(request.param)


@pytest.fixture
def lines() -> Iterator[Lines]:
    """All lines that the service takes in."""
    with collected_lines() as found:
        yield found


@pytest.fixture
def settings(lines: Lines, settings: Settings) -> Settings:
    """Runs soon leave the cache, and processes end soon. With room for one run the SDK polls one queue at a time."""
    return settings.model_copy(update={"max_cached_workflows": 2, "process_idle": 1.0})


@pytest.fixture
def speaking(api: Api, project_id: str) -> str:
    """A project whose code says much."""
    api.put(f"/projects/{project_id}", {"settings": {"environment": {"DB_PASSWORD": "hunter22", "CITY": "Ghent"}}})
    api.deploy(project_id, "speaking", PUBLISHED)
    return project_id


def test_what_code_says_carries_where_it_comes_from(api: Api, speaking: str, lines: Lines, service: Service) -> None:
    service.observation.capture.start()  # again, since pytest has put its own streams in place meanwhile
    run = api.begin(speaking, "Speaker")
    execution = api.outcome(speaking, run)
    assert execution["status"] == "COMPLETED"

    began = lines.one("begins")
    assert (began.level, began.logger, began.fields) == (LogLevel.INFO, "temporalio.workflow", {"order": 4711})
    assert (began.activity, began.node) == (None, None)
    assert {each.message for each in lines if each.activity is None} == {
        "begins",
        "prints in a workflow",
        "logs in a workflow",
        "prints at the end",
    }

    charged = lines.one("charged")
    assert charged.message == "charged\ntwice"
    assert charged.fields == {"order": {"id": 4711, "paid": True}, "apiKey": "[redacted]"}
    assert (charged.logger, charged.activity, charged.attempt) == ("temporalio.activity", "speak", 1)
    assert abs((datetime.now(UTC) - charged.at).total_seconds()) < 60

    of_activities = [each for each in lines if each.activity is not None]
    assert [(each.message, each.level, each.activity) for each in of_activities if each.logger is None] == [
        ("printed 1 and so on", LogLevel.INFO, "speak"),
        ("to err", LogLevel.WARNING, "speak"),
        ("without an end", LogLevel.INFO, "speak"),
        (
            "Authorization: [redacted] and [redacted] to postgresql://me:[redacted]@db/x",
            LogLevel.INFO,
            "speak_later",
        ),
    ]
    assert {each.node for each in of_activities} == {"speak-1"}
    assert not lines.having("not said")
    assert _places(lines) == {(run, execution["runId"], "Speaker", execution["buildId"], speaking)}


def test_an_exception_comes_with_the_lines_of_the_project_alone(api: Api, speaking: str, lines: Lines) -> None:
    api.run(speaking, "Speaker")
    wrong = lines.one("it went wrong")
    assert wrong.message == "it went wrong: ValueError: no money"
    assert wrong.fields["trace"] == ['speaking.activities, line 23, in speak: raise ValueError("no money")']


def test_a_replay_says_nothing_again(api: Api, speaking: str, lines: Lines, service: Service) -> None:
    service.observation.capture.start()
    run = api.begin(speaking, "Speaker", True)
    eventually(lambda: lines.having("later"))
    for _ in range(3):  # which push it out of the cache
        api.run(speaking, "Speaker")
    said = {text: len(lines.having(text)) for text in HOW_OFTEN}
    path = f"/projects/{speaking}/executions/{run}"
    assert api.post(f"{path}/query", {"name": "ask"})["result"] is False
    assert len(lines.having("prints in a query")) == 1
    api.post(f"{path}/signal", {"name": "end"})
    assert api.outcome(speaking, run)["status"] == "COMPLETED"
    of_run = [each.message for each in lines if each.workflow_id == run]
    assert {text: of_run.count(text) for text in HOW_OFTEN} == HOW_OFTEN, said


def test_the_host_says_which_attempts_and_runs_failed_and_why(
    api: Api, speaking: str, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    run = api.begin(speaking, "Failing")
    assert api.outcome(speaking, run)["status"] == "FAILED"
    first, second = lines.having("attempt ")
    assert first.message == "attempt 1 of fail failed, and is tried again: LookupError: no such order"
    assert second.message == "attempt 2 of fail failed, and is not tried again: LookupError: no such order"
    assert (first.level, second.level) == (LogLevel.WARNING, LogLevel.ERROR)
    assert (first.activity, first.attempt, second.attempt, second.logger) == ("fail", 1, 2, "workerhost")
    assert first.fields["retried"] is True
    assert first.fields["trace"] == ['speaking.activities, line 38, in fail: raise LookupError("no such order")']
    failed = lines.one("the run failed")
    assert (failed.level, failed.workflow_id) == (LogLevel.ERROR, run)
    assert failed.message.endswith("LookupError: no such order")
    assert "no such order" not in caplog.text


def test_the_host_says_which_attempts_took_longer_than_they_may(api: Api, speaking: str, lines: Lines) -> None:
    run = api.begin(speaking, "Late")
    late = lines.one("attempt 1 of linger took ")
    assert late.message.endswith(" s, longer than its timeout of 0.2 s, after which Temporal takes no result")
    assert (late.level, late.workflow_id, late.activity, late.attempt) == (LogLevel.WARNING, run, "linger", 1)


def test_a_workflow_task_that_fails_again_and_again_is_said_once(
    api: Api, speaking: str, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    run = api.begin(speaking, "Stuck")
    path = f"/projects/{speaking}/executions/{run}"
    eventually(lambda: api.get(path)["stuck"])
    stuck = lines.one("a workflow task failed")
    assert (stuck.level, stuck.workflow_id, stuck.workflow_type) == (LogLevel.ERROR, run, "Stuck")
    assert "KeyError: 'no such drawer'" in stuck.message
    assert stuck.fields["trace"] == ['speaking.workflow, line 66, in run: raise KeyError("no such drawer")']
    assert "no such drawer" not in caplog.text
    api.post(f"{path}/terminate")


def test_a_project_says_from_which_level_on_it_is_heard(api: Api, project_id: str, lines: Lines) -> None:
    api.put(f"/projects/{project_id}", {"settings": {"logLevel": "warning"}})
    api.deploy(project_id, "speaking", PUBLISHED)
    api.run(project_id, "Speaker")
    assert {each.level for each in lines} == {LogLevel.WARNING, LogLevel.ERROR}
    refused = api.put(f"/projects/{project_id}", {"settings": {"logLevel": "loud"}}, expect=400)
    assert "logLevel" in str(refused)


@pytest.mark.samples
def test_what_activities_of_plugins_log_is_the_projects_that_calls_them(
    api: Api, project_id: str, lines: Lines
) -> None:
    api.deploy(project_id, "caller", {"version": "1", "workflowCode": CALLER})
    call(api, project_id, "logMessage", {"level": "info", "message": "Paid", "data": {"order": 7}})
    paid = lines.one("Paid")
    assert (paid.project_id, paid.activity, paid.workflow_type) == (project_id, "logMessage", "Caller")
    assert (paid.fields, paid.logger) == ({"data": {"order": 7}}, "workerhost_samples")
    assert paid.build_id is not None


class TestInAProcess:
    """What only code in a process of its own can do to its host, and may."""

    @pytest.fixture
    def isolation(self) -> Isolation:
        """Processes."""
        return Isolation.PROCESS

    def test_what_is_hostile_is_lines_of_its_own_project(self, api: Api, project_id: str, lines: Lines) -> None:
        api.deploy(
            project_id,
            "caller",
            {"version": "1", "workflowCode": CALLER, "activitiesCode": SPEAKING_ACTIVITIES},
        )
        call(api, project_id, "break_out")
        eventually(lambda: lines.having("yyy"))
        assert {each.project_id for each in lines} == {project_id}
        assert lines.one("UserWarning: it is old").level == LogLevel.WARNING
        ended = lines.one("thread aside ended: ZeroDivisionError")
        assert (ended.level, len(ended.fields["trace"])) == (LogLevel.ERROR, 1)
        assert lines.one("a logger of any name").activity == "break_out"
        assert "cannot be put in" in lines.one("never %d").message
        assert lines.one("raw").message == "\ufffd raw \ufffd bytes"
        assert lines.one("nonsense").logger is None
        forged = lines.one("forged")
        assert (forged.run_id, forged.attempt, forged.logger) == ("r?", None, None)
        assert abs((datetime.now(UTC) - forged.at).total_seconds()) < 60
        for letter in "xy":
            long = lines.one(letter * 100)
            assert long.message == f"{letter * LONGEST_MESSAGE} … ({1_000_000 - LONGEST_MESSAGE:,} more characters)"
        fields = lines.one("yyy").fields
        assert fields["nan"] == "nan"
        assert len(str(fields)) < LONGEST_MESSAGE


def _places(lines: list[LogLine]) -> set[tuple[str | None, ...]]:
    return {(each.workflow_id, each.run_id, each.workflow_type, each.build_id, each.project_id) for each in lines}
