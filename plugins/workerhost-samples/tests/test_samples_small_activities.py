import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from samples_support import run_activity, until
from temporalio.testing import ActivityEnvironment

from workerhost_samples.activities.log_message import LogInput, log_message
from workerhost_samples.activities.sample_activity import SampleInput, sample_activity
from workerhost_samples.activities.wait_for import WaitInput, WaitResult, wait_for


def environment_with(**info: Any) -> ActivityEnvironment:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, **info)
    return environment


def test_sample_activity_processes_a_message() -> None:
    assert run_activity(sample_activity, SampleInput(message="Hello")) == "Processed: Hello"


@pytest.mark.parametrize("request_", [{}, {"message": 5}, {"message": None}])
def test_sample_activity_without_a_message_names_the_field(request_: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        SampleInput.model_validate(request_)
    assert caught.value.errors()[0]["loc"] == ("message",)


@pytest.mark.parametrize("milliseconds", [0, 30])
def test_wait_for_waits_that_long(milliseconds: int) -> None:
    async def wait() -> tuple[WaitResult, float]:
        started = asyncio.get_running_loop().time()
        result = await ActivityEnvironment().run(wait_for, WaitInput(milliseconds=milliseconds, reason="a test"))
        return result, asyncio.get_running_loop().time() - started

    result, seconds = asyncio.run(wait())
    assert result == WaitResult(waited=milliseconds, reason="a test")
    assert seconds * 1000 >= milliseconds - 1


def test_wait_for_heartbeats_well_within_the_heartbeat_timeout() -> None:
    beats: list[int] = []
    environment = environment_with(heartbeat_timeout=timedelta(milliseconds=80))
    environment.on_heartbeat = beats.append
    run_activity(wait_for, WaitInput(milliseconds=200), environment)
    assert len(beats) >= 4
    assert beats == sorted(beats)


def test_wait_for_goes_on_where_a_lost_attempt_was() -> None:
    environment = environment_with(heartbeat_details=[3_600_000])
    result = run_activity(wait_for, WaitInput(milliseconds=3_600_000), environment)
    assert result.waited == 3_600_000


def test_wait_for_ends_at_once_when_cancelled() -> None:
    async def cancel() -> None:
        beats: list[int] = []
        environment = ActivityEnvironment()
        environment.on_heartbeat = beats.append
        waiting = asyncio.ensure_future(environment.run(wait_for, WaitInput(milliseconds=3_600_000)))
        await until(lambda: bool(beats))
        environment.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(cancel())


@pytest.mark.parametrize("milliseconds", [-1, "soon", None, 10**12])
def test_wait_for_refuses_a_time_that_is_none(milliseconds: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        WaitInput.model_validate({"milliseconds": milliseconds})
    assert caught.value.errors()[0]["loc"] == ("milliseconds",)


@pytest.mark.parametrize(
    ("level", "number"),
    [("debug", logging.DEBUG), ("info", logging.INFO), ("warn", logging.WARNING), ("error", logging.ERROR)],
)
def test_log_message_logs_at_its_level(caplog: pytest.LogCaptureFixture, level: Any, number: int) -> None:
    caplog.set_level(logging.DEBUG, "workerhost_samples")
    assert run_activity(log_message, LogInput(level=level, message="Hello")) is None
    assert [(record.name, record.levelno) for record in caplog.records] == [("workerhost_samples", number)]


def test_log_message_has_its_data_among_the_fields_of_the_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "workerhost_samples")
    run_activity(log_message, LogInput(level="info", message="two\nlines 50%", data={"cart": [1, "ü"]}))
    [record] = caplog.records
    assert record.getMessage() == "two\nlines 50%"
    assert vars(record)["data"] == {"cart": [1, "ü"]}


def test_log_message_refuses_a_level_that_is_none() -> None:
    with pytest.raises(ValidationError) as caught:
        LogInput.model_validate({"level": "loud", "message": "Hello"})
    assert caught.value.errors()[0]["loc"] == ("level",)
