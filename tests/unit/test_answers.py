"""The answers of the API as values: what a client reads of a newer service, and what is written."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from workerhost.answers import (
    BuildInfo,
    BuildMoveInfo,
    DeploymentInfo,
    ErrorInfo,
    ExecutionInfo,
    MoveResult,
    WorkerInfo,
)
from workerhost.words import BuildId, ExecutionStatus, RunId, WorkerStatus, WorkflowId

WORKER = {"projectId": "shop", "status": "running", "isRunning": True, "taskQueue": "shop-queue"}
DEPLOYMENT = {
    "projectId": "shop",
    "revision": 3,
    "currentBuild": "b2",
    "ramp": {
        "build": "b3",
        "percent": 10.0,
        "failureThreshold": 0.1,
        "minimumRuns": 5,
        "startedAt": "2026-01-31T12:00:00.000Z",
        "outcomes": {"b3": {"ended": 4, "failed": 1}},
    },
    "builds": [{"digest": "b2", "state": "current", "versions": {"order": "2"}, "openRuns": {"Order": 1}}],
    "visibility": {"asOf": None, "ageMs": 12, "error": None},
    "events": [{"at": "2026-01-31T12:00:00.000Z", "kind": "published", "build": "b2", "message": "order 2"}],
}


def execution(**fields: Any) -> ExecutionInfo:
    began = datetime(2026, 1, 31, 12, tzinfo=UTC)
    return ExecutionInfo(
        workflow_id=WorkflowId("one"),
        run_id=RunId("r"),
        workflow_type="Order",
        status=fields.pop("status", ExecutionStatus.COMPLETED),
        started_at=began,
        **fields,
    )


def test_a_status_that_is_known_is_a_word_and_one_of_a_newer_service_stays_text() -> None:
    known, unknown = (WorkerInfo.model_validate(WORKER | {"status": each}) for each in ("running", "hibernating"))
    assert known.status is WorkerStatus.RUNNING
    assert unknown.status == "hibernating"
    assert not isinstance(unknown.status, WorkerStatus)
    assert unknown.to_json()["status"] == "hibernating"


def test_keys_that_are_not_known_are_ignored_and_kept_in_raw() -> None:
    sent = WORKER | {"mood": "good", "replicas": {"wanted": 1, "running": 1, "spare": 2}}
    found = WorkerInfo.model_validate(sent)
    assert found.raw == sent
    assert found.replicas is not None
    assert found.replicas.raw["spare"] == 2
    assert "mood" not in found.to_json()


def test_an_answer_is_frozen() -> None:
    found = WorkerInfo.model_validate(WORKER)
    with pytest.raises(ValidationError, match="frozen"):
        found.status = WorkerStatus.STOPPED


def test_what_was_not_set_is_left_out_and_what_is_none_is_null() -> None:
    assert "result" not in execution().to_json()
    assert execution(result=None).to_json()["result"] is None
    assert execution(error="it is out of stock").to_json()["error"] == "it is out of stock"


def test_times_are_written_in_utc_with_milliseconds() -> None:
    elsewhere = datetime(2026, 1, 31, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    assert execution(closed_at=elsewhere).to_json()["closedAt"] == "2026-01-31T12:00:00.123Z"


def test_what_is_read_is_written_as_it_was() -> None:
    read = DeploymentInfo.model_validate(DEPLOYMENT)
    assert read.to_json() == DEPLOYMENT
    assert list(read.to_json()) == list(DEPLOYMENT)
    assert read.ramp is not None
    assert read.ramp.outcomes[BuildId("b3")].failed == 1


def test_keys_that_are_words_of_python_or_say_less_have_names_of_their_own() -> None:
    move = MoveResult(
        success=True,
        message="moved",
        workflow_id=WorkflowId("one"),
        run_id=RunId("r"),
        from_build=BuildId("a"),
        to_build=BuildId("b"),
        changed=True,
    )
    assert (move.to_json()["from"], move.to_json()["to"]) == ("a", "b")
    read = {"moveId": "m", "status": "running", "from": "a", "to": "b", "total": 2, "moved": 1}
    assert BuildMoveInfo.model_validate(read).from_build == "a"
    assert BuildInfo.model_validate(DEPLOYMENT["builds"][0]).id == "b2"


def test_the_details_of_an_error_stand_beside_its_sentence() -> None:
    error = ErrorInfo.model_validate(
        {"buildId": None, "success": False, "code": "conflict", "event": {"id": 5}, "error": "it does not fit"}
    )
    assert list(error.to_json()) == ["success", "error", "code", "buildId", "event"]


@pytest.mark.parametrize(
    ("status", "has_ended"), [("RUNNING", False), ("CONTINUED_AS_NEW", False), ("COMPLETED", True), ("PAUSED", True)]
)
def test_a_run_has_ended_unless_it_runs_or_another_one_goes_on(status: str, has_ended: bool) -> None:
    assert execution(status=status).has_ended is has_ended
