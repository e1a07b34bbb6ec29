"""A ramp rolls itself back when runs fail more often on the build that is tried, and only then."""

from datetime import UTC, datetime

import pytest

from support.publishing import Sides, active_version, begin, publish, shown, work
from workerhost.model import ActiveRamp
from workerhost.runtime.builds.ramp_outcomes import MOST_STUCK, RampOutcomes
from workerhost.runtime.deployments.ramp_watcher import RampWatcher, verdict
from workerhost.runtime.service import Service
from workerhost.store.ramps import OutcomeCounts
from workerhost.testing import Api, eventually


def _ramp(threshold: float = 0.1, minimum: int = 5, since: int = 2, percent: float = 50) -> ActiveRamp:
    return ActiveRamp("new", percent, threshold, minimum, since, datetime.now(UTC))


@pytest.mark.parametrize(
    ("new", "old", "threshold", "minimum", "is_rolled_back"),
    [
        ((5, 5), (100, 0), 0.1, 5, True),
        ((4, 4), (100, 0), 0.1, 5, False),  # too few to say
        ((5, 5), (0, 0), 0.1, 5, True),  # nothing is known of the current build
        ((10, 2), (10, 1), 0.1, 5, False),  # just as much more as it may be
        ((10, 4), (10, 3), 0.1, 5, False),
        ((10, 8), (10, 7), 0.1, 5, False),
        ((100, 12), (100, 1), 0.1, 5, True),
        ((10, 10), (10, 10), 0.1, 5, False),
        ((10, 0), (10, 10), 0.0, 1, False),
        ((100, 1), (100, 0), 0.0, 1, True),
        ((10, 10), (10, 0), 1.0, 1, False),
        ((0, 0), (0, 0), 0.0, 1, False),
    ],
)
def test_a_verdict_compares_the_rates_of_both_builds(
    new: tuple[int, int], old: tuple[int, int], threshold: float, minimum: int, is_rolled_back: bool
) -> None:
    outcomes = {"new": OutcomeCounts(*new), "old": OutcomeCounts(*old), "other": OutcomeCounts(50, 50)}
    assert (verdict(_ramp(threshold, minimum), "old", outcomes) is not None) == is_rolled_back


def test_a_verdict_says_what_it_counted() -> None:
    outcomes = {"new": OutcomeCounts(6, 3), "old": OutcomeCounts(40, 1)}
    said = verdict(_ramp(), "old", outcomes)
    assert said == "rolled itself back: 3 of 6 runs failed on it, 1 of 40 on the current build"
    assert verdict(_ramp(), "old", {}) is None
    assert verdict(_ramp(), None, {"new": OutcomeCounts(6, 3)}) is not None


def test_outcomes_are_counted_only_while_a_ramp_is_under_way() -> None:
    outcomes = RampOutcomes()
    outcomes.note_end("old", "1", failed=True)
    outcomes.note_task("old", "2", failed=True)
    assert outcomes.by_build() == {}
    outcomes.follow(_ramp())
    outcomes.note_end("old", "3", failed=True)
    outcomes.note_end("new", "4", failed=False)
    assert outcomes.by_build() == {"old": OutcomeCounts(1, 1), "new": OutcomeCounts(1, 0)}
    outcomes.follow(None)
    assert (outcomes.ramp, outcomes.by_build()) == (None, {})
    outcomes.note_end("old", "5", failed=True)
    assert outcomes.by_build() == {}


def test_another_share_of_a_ramp_goes_on_counting_and_another_ramp_begins_at_nothing() -> None:
    outcomes = RampOutcomes()
    outcomes.follow(_ramp(since=2, percent=10))
    outcomes.note_end("new", "1", failed=True)
    outcomes.note_task("new", "2", failed=True)
    outcomes.follow(_ramp(since=2, percent=20))
    assert outcomes.by_build() == {"new": OutcomeCounts(2, 2)}
    outcomes.follow(_ramp(since=5, percent=20))
    assert outcomes.by_build() == {}


def test_a_run_whose_tasks_fail_counts_once_as_failed_until_a_task_succeeds_or_it_ends() -> None:
    outcomes = RampOutcomes()
    outcomes.follow(_ramp())
    for _ in range(3):
        outcomes.note_task("new", "1", failed=True)
    assert outcomes.by_build() == {"new": OutcomeCounts(1, 1)}
    outcomes.note_task("new", "1", failed=False)
    assert outcomes.by_build() == {"new": OutcomeCounts(0, 0)}, "what was written of it must be overwritten"
    outcomes.note_task("new", "1", failed=True)
    outcomes.note_end("new", "1", failed=False)
    assert outcomes.by_build() == {"new": OutcomeCounts(1, 0)}


def test_a_run_whose_tasks_fail_counts_for_the_build_that_it_tried_last() -> None:
    outcomes = RampOutcomes()
    outcomes.follow(_ramp())
    outcomes.note_task("new", "1", failed=True)
    assert outcomes.by_build() == {"new": OutcomeCounts(1, 1)}
    outcomes.note_task("old", "1", failed=True)
    assert outcomes.by_build() == {"new": OutcomeCounts(0, 0), "old": OutcomeCounts(1, 1)}


def test_a_build_on_which_every_task_fails_does_not_fill_the_memory() -> None:
    outcomes = RampOutcomes()
    outcomes.follow(_ramp())
    for number in range(MOST_STUCK + 100):
        outcomes.note_task("new", str(number), failed=True)
    assert outcomes.by_build() == {"new": OutcomeCounts(MOST_STUCK, MOST_STUCK)}


def test_what_several_hosts_have_seen_of_a_ramp_is_added_up(api: Api, service: Service, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    store = service.store.ramps
    store.save(project_id, 2, "h1", {"new": OutcomeCounts(3, 1), "old": OutcomeCounts(9, 0)})
    store.save(project_id, 2, "h2", {"new": OutcomeCounts(2, 2)})
    store.save(project_id, 2, "h2", {"new": OutcomeCounts(4, 3)})  # in place of what it wrote before
    store.save(project_id, 1, "h1", {"new": OutcomeCounts(50, 50)})
    assert store.outcomes(project_id, 2) == {"new": OutcomeCounts(7, 4), "old": OutcomeCounts(9, 0)}


def _start(api: Api, service: Service, project_id: str, **how: float) -> Sides:
    api.deploy(project_id, "work", work("A"))
    publish(api, project_id, "B", ramp={"percent": 50, "minimumRuns": 3, **how})
    return Sides(service, project_id)


def _fail(api: Api, project_id: str, ids: list[str], what: str) -> None:
    """Run executions that all fail."""
    for workflow_id in ids:
        begin(api, project_id, workflow_id, "Work", what)
        assert api.outcome(project_id, workflow_id)["status"] == "FAILED"


def _rolled_back(api: Api, project_id: str) -> str:
    """Wait until the ramp has ended, and return what its last event says."""
    eventually(lambda: shown(api, project_id)["ramp"] is None)
    event = shown(api, project_id)["events"][0]
    assert event["kind"] == "rolled_back"
    return str(event["message"])


def test_a_ramp_whose_runs_fail_rolls_itself_back_and_says_so(api: Api, service: Service, project_id: str) -> None:
    sides = _start(api, service, project_id)
    begin(api, project_id, sides.old[0], "Work", "fail on B")
    assert api.outcome(project_id, sides.old[0])["result"] == "A"
    _fail(api, project_id, sides.new[:3], "fail on B")

    message = _rolled_back(api, project_id)
    assert message == "rolled itself back: 3 of 3 runs failed on it, 0 of 1 on the current build"
    assert shown(api, project_id)["events"][0]["build"] == sides.tried
    assert active_version(api, project_id) == "A"
    worker = service.host.worker(project_id)
    assert worker is not None
    eventually(lambda: worker.builds.outcomes.ramp is None)  # hosts follow by themselves here
    begin(api, project_id, sides.new[0], "Work", "fail on B")
    assert api.outcome(project_id, sides.new[0])["result"] == "A"


def test_runs_whose_first_task_raises_roll_the_ramp_back_and_complete_on_the_old_build(
    api: Api, service: Service, project_id: str
) -> None:
    sides = _start(api, service, project_id)
    for workflow_id in sides.new[:3]:
        begin(api, project_id, workflow_id, "Work", "raise on B")
    assert "3 of 3 runs failed on it" in _rolled_back(api, project_id)
    for workflow_id in sides.new[:3]:
        outcome = eventually(lambda each=workflow_id: _completed(api, project_id, each))  # type: ignore[misc]
        assert outcome == "A"


def _completed(api: Api, project_id: str, workflow_id: str) -> str | None:
    outcome = api.outcome(project_id, workflow_id)
    return str(outcome["result"]) if outcome["status"] == "COMPLETED" else None


def _judge(service: Service) -> None:
    """Do what the service does each second, so that a test need not wait for what does not happen."""
    RampWatcher(service.store, service.host, service.deployer).watch_ramps()


def test_with_a_threshold_of_one_a_ramp_never_rolls_itself_back(api: Api, service: Service, project_id: str) -> None:
    sides = _start(api, service, project_id, failureThreshold=1)
    _fail(api, project_id, sides.new[:5], "fail on B")
    _judge(service)
    ramp = shown(api, project_id)["ramp"]
    assert ramp["outcomes"] == {sides.tried: {"ended": 5, "failed": 5}}


def test_failures_at_the_same_rate_on_both_builds_do_not_roll_a_ramp_back(
    api: Api, service: Service, project_id: str
) -> None:
    sides = _start(api, service, project_id)
    _fail(api, project_id, sides.old[:3], "fail")
    _fail(api, project_id, sides.new[:5], "fail")
    _judge(service)
    answer = shown(api, project_id)
    assert answer["ramp"]["outcomes"] == {
        answer["currentBuild"]: {"ended": 3, "failed": 3},
        sides.tried: {"ended": 5, "failed": 5},
    }


def test_too_few_failures_do_not_roll_a_ramp_back(api: Api, service: Service, project_id: str) -> None:
    sides = _start(api, service, project_id)
    _fail(api, project_id, sides.new[:2], "fail on B")
    _judge(service)
    assert shown(api, project_id)["ramp"]["outcomes"] == {sides.tried: {"ended": 2, "failed": 2}}
    _fail(api, project_id, sides.new[2:3], "fail on B")
    assert "3 of 3" in _rolled_back(api, project_id)


def test_a_second_ramp_of_the_same_build_begins_at_nothing(api: Api, service: Service, project_id: str) -> None:
    sides = _start(api, service, project_id)
    _fail(api, project_id, sides.new[:3], "fail on B")
    _rolled_back(api, project_id)
    publish(api, project_id, "B", ramp={"percent": 50, "minimumRuns": 3})
    _judge(service)
    assert shown(api, project_id)["ramp"]["outcomes"] == {}
