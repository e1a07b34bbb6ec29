"""What people read of a run: lines for its changes, steps, durations."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click
import pytest

from workerhost.answers import ExecutionInfo, FailureInfo, StepInfo, StuckInfo
from workerhost.cli.output import as_text, colored, colors, cut, duration
from workerhost.cli.running.rendering import (
    HEAD,
    ProgressLines,
    failed_node,
    failure_text,
    outcome_line,
    stack_trace,
    step_rows,
    step_title,
)
from workerhost.service_log.text import on_one_line

BEGIN = datetime(2026, 1, 31, 12, tzinfo=UTC)


def step(status: str, **fields: Any) -> StepInfo:
    defaults: dict[str, Any] = {"id": "5", "kind": "activity", "name": "greet", "attempt": 1, "input": ("Ada",)}
    return StepInfo(**(defaults | {"scheduled_at": BEGIN, "status": status} | fields))


def execution(status: str = "RUNNING", **fields: Any) -> ExecutionInfo:
    defaults: dict[str, Any] = {"workflow_id": "w", "run_id": "r1", "workflow_type": "Greeting", "started_at": BEGIN}
    return ExecutionInfo(**(defaults | {"status": status} | fields))


def failure(message: str, **fields: Any) -> FailureInfo:
    return FailureInfo(**({"message": message, "type": "ValueError", "non_retryable": False} | fields))


def stuck(code: str, since: datetime = BEGIN) -> StuckInfo:
    return StuckInfo(since=since, reason=f"because of {code}", code=code, attempts=1)


def said(*changes: StepInfo | ExecutionInfo) -> list[str]:
    progress = ProgressLines()
    return [click.unstyle(line) for change in changes for line in progress.lines(change)]


def test_a_step_is_said_to_begin_and_to_end_and_nothing_twice() -> None:
    ended = step("completed", closed_at=BEGIN + timedelta(milliseconds=12), result="Hello")
    assert said(execution(), step("scheduled"), step("running"), step("running"), ended, ended) == [
        'started    greet("Ada")',
        'completed  greet("Ada") in 12 ms',
    ]


def test_each_try_has_a_line_with_its_reason() -> None:
    retrying = step("retrying", failure=failure("no\nnet"), next_attempt_at=BEGIN + timedelta(seconds=2))
    again = step("running", attempt=2)
    failed = step("failed", attempt=2, failure=failure("no net"), closed_at=BEGIN + timedelta(seconds=3))
    assert said(step("scheduled"), retrying, retrying, execution(stuck=stuck("activity_retries")), again, failed) == [
        'started    greet("Ada")',
        'retrying   greet("Ada"), try 1 failed: no\\nnet; again at 12:00:02Z',
        'started    greet("Ada"), try 2',
        'failed     greet("Ada") in 3.0 s, 2 tries: no net',
    ]


def test_a_run_that_is_stuck_is_said_to_be_so_once() -> None:
    same, later = stuck("no_worker"), stuck("no_worker", BEGIN + timedelta(seconds=9))
    expected = ["stuck      because of no_worker"]
    assert said(execution(stuck=same), execution(stuck=same)) == expected
    assert said(execution(stuck=same), execution(), execution(stuck=later)) == 2 * expected


def test_the_steps_of_a_run_that_continues_as_new_are_said_again() -> None:
    ended = step("completed")
    assert said(execution(), ended, execution(run_id="r2"), ended) == [
        'completed  greet("Ada")',
        "continued  as run r2",
        'completed  greet("Ada")',
    ]


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"kind": "timer", "name": "timer", "input": (1000,)}, "timer 1 s"),
        ({"kind": "timer", "name": "timer", "input": (90_000,), "label": "rest"}, "rest (timer 1 min 30 s)"),
        ({"kind": "timer", "name": "timer", "input": ()}, "timer"),
        ({"kind": "signal", "name": "pay", "input": ()}, "signal pay()"),
        ({"kind": "childWorkflow", "name": "Bill"}, 'workflow Bill("Ada")'),
        ({"kind": "newer", "name": "thing"}, 'thing("Ada")'),
        ({"label": "Greet the guest"}, "Greet the guest (greet)"),
        ({"label": "Greet the guest", "node": "hello-1"}, "hello-1: Greet the guest (greet)"),
        ({"node": "hello\n1"}, 'hello\\n1: greet("Ada")'),
        ({"input": ("x" * 100, 1)}, f'greet("{"x" * 38}…)'),
        ({"name": "\x1b[31mred"}, '\\x1b[31mred("Ada")'),
    ],
)
def test_a_step_is_named_by_what_it_does(fields: dict[str, Any], title: str) -> None:
    assert step_title(step("running", **fields)) == title


def test_the_table_shows_results_reasons_and_tries() -> None:
    rows = step_rows(
        [
            step("completed", closed_at=BEGIN + timedelta(seconds=1), result={"a": 1}),
            step("timedOut", attempt=3, failure=failure("too late"), closed_at=BEGIN + timedelta(minutes=5)),
        ]
    )
    assert [[click.unstyle(str(cell)) for cell in row] for row in rows] == [
        ["5", 'greet("Ada")', "completed", "1", "1.0 s", '{"a": 1}'],
        ["5", 'greet("Ada")', "timed out", "3", "5 min", "too late"],
    ]
    assert {len(row) for row in rows} == {len(HEAD)}


def test_a_failure_names_its_causes_once_and_shows_the_innermost_trace() -> None:
    cause = failure("no net", stack_trace="line 7")
    assert failure_text(failure("activity greet failed", cause=cause)) == "activity greet failed: no net"
    assert failure_text(failure("it failed: no net", cause=cause)) == "it failed: no net"
    assert stack_trace(failure("outer", cause=cause, stack_trace="line 1")) == "line 7"
    assert stack_trace(None) is None


def test_the_end_of_a_run_says_how_long_it_took() -> None:
    ended = execution("COMPLETED", closed_at=BEGIN + timedelta(seconds=61))
    assert click.unstyle(outcome_line(ended)) == "COMPLETED in 1 min 1 s"
    assert click.unstyle(outcome_line(execution("A_NEWER_WORD"))) == "A_NEWER_WORD"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-0.001, "0 ms"),
        (0.0124, "12 ms"),
        (0.9999, "1.0 s"),
        (1.26, "1.3 s"),
        (59.99, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (11_040, "3 h 4 min"),
        (86_399.9, "1 d"),
        (453_600, "5 d 6 h"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_what_others_wrote_stays_on_its_line() -> None:
    assert on_one_line("a\nb\x1b[2J") == "a\\nb\\x1b[2J"
    assert cut("abcdef", 4) == "abc…"
    assert as_text({"ä": "\n"}) == '{"ä": "\\n"}'


def test_states_have_colours_unless_the_user_wants_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert colored("timed out") == click.style("timed out", fg="red")
    assert colored("COMPLETED") == click.style("COMPLETED", fg="green")
    assert colored("unknown") == "unknown"
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert colors() is None
    monkeypatch.setenv("NO_COLOR", "1")
    assert colors() is False


def test_a_failure_says_at_which_node_of_a_drawing_it_was() -> None:
    inner = failure("no net", node="send-1")
    assert failed_node(failure("the activity failed", cause=inner)) == "send-1"
    assert failed_node(failure("no net")) is None
    assert failed_node(None) is None
