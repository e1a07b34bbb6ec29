"""What deserves a look is said with its reason, and only where there is enough to go by."""

import pytest

from workerhost.observed import OTHERS, EndCounts
from workerhost.runtime.reporting.attention import reasons, unused


def figures(
    executions: int = 40, failures: int = 0, timeouts: int = 0, retries: int = 0, *, average: int = 200
) -> EndCounts:
    return EndCounts(
        executions=executions,
        successes=executions - failures - timeouts,
        failures=failures,
        timeouts=timeouts,
        retries=retries,
        total_duration_ms=average * executions,
    )


@pytest.mark.parametrize(
    ("now", "before", "reason"),
    [
        (figures(failures=2, timeouts=2), None, "10% of 40 executions failed"),
        (figures(average=5100), None, "it takes 5.1 s on average"),
        (figures(average=320), figures(), "it takes 320 ms on average, 60% longer than the 200 ms of the week before"),
        (figures(retries=30), None, "it was retried more often than run: 30 retries of 10 first attempts"),
    ],
)
def test_each_reason_is_said_once(now: EndCounts, before: EndCounts | None, reason: str) -> None:
    assert reasons(now, before) == [reason]


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (figures(), figures()),
        (figures(failures=2), None),
        (figures(executions=19, failures=10, retries=15), None),
        (figures(executions=4, average=9000), None),
        (figures(average=320), figures(executions=19)),
        (figures(average=290), figures()),
        (figures(average=90), figures(average=10)),
        (figures(executions=0), figures()),
    ],
)
def test_what_is_as_it_should_be_or_hardly_ran_is_not_named(now: EndCounts, before: EndCounts | None) -> None:
    assert reasons(now, before) == []


def test_what_was_never_used_is_named_and_what_answers_for_every_name_is_not() -> None:
    defined = {"activity": ["pay", "ship", "(dynamic)"], "workflow type": ["Buy"]}
    assert unused(defined, {"activity": ["pay"]}) == [("activity", "ship"), ("workflow type", "Buy")]


def test_nothing_is_named_as_unused_where_what_ran_was_not_all_told_apart() -> None:
    defined = {"activity": ["pay", "ship"], "workflow type": ["Buy", "Sell"]}
    used = {"activity": ["pay", OTHERS], "workflow type": ["Buy"]}
    assert unused(defined, used) == [("workflow type", "Sell")]
