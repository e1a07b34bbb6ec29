import asyncio
import importlib
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from samples_support import Samples, Site, samples_worker, settings_for, until
from temporalio import workflow
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError

from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost_samples.sample_projects import samples_project

PROJECT = samples_project()


@pytest.fixture
def shipped_workflows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[type]]:
    """The workflow classes of the sample project, loaded from the text that the plugin hands out."""
    package = f"samples_{uuid4().hex}"
    found: list[type] = []
    monkeypatch.syspath_prepend(tmp_path)
    for code in PROJECT.workflows:
        folder = tmp_path / package / code.name.replace("-", "_")
        folder.mkdir(parents=True)
        (folder / "workflow.py").write_text(code.workflow_code, encoding="utf-8")
        module = importlib.import_module(f"{package}.{folder.name}.workflow")
        found += [value for value in vars(module).values() if workflow._Definition.from_class(value)]
    yield found
    for name in [name for name in sys.modules if name.startswith(package)]:
        del sys.modules[name]


def with_samples(address: str, folder: Path, scenario: Callable[[Samples], Awaitable[Any]], workflows: Any = ()) -> Any:
    """Run `scenario` with a worker that has all activities and the given workflows."""

    async def run() -> Any:
        async with samples_worker(address, settings_for(folder), workflows) as samples:
            return await scenario(samples)

    return asyncio.run(run())


def call(address: str, folder: Path, activity: str, argument: Any, attempts: int = 1) -> Any:
    return with_samples(address, folder, lambda samples: samples.call(activity, argument, attempts))


@pytest.mark.parametrize("run", PROJECT.runs, ids=lambda run: run.workflow_type)
def test_each_run_of_the_sample_project_has_its_expected_result(
    temporal: EmbeddedTemporal, tmp_path: Path, shipped_workflows: list[type], run: Any
) -> None:
    result = with_samples(
        temporal.address,
        tmp_path,
        lambda samples: samples.result(run.workflow_type, *run.args),
        shipped_workflows,
    )
    if isinstance(run.expected, dict):
        assert {name: result[name] for name in run.expected} == run.expected
    else:
        assert result == run.expected


def test_the_second_workflow_calls_six_activities_and_builds_a_package(
    temporal: EmbeddedTemporal, tmp_path: Path, shipped_workflows: list[type]
) -> None:
    async def scenario(samples: Samples) -> tuple[Any, set[str]]:
        handle = await samples.start("testSampleActivities", {"testMessage": "Hello"})
        result = await handle.result()
        events = (await handle.fetch_history()).events
        return result, {
            event.activity_task_scheduled_event_attributes.activity_type.name
            for event in events
            if event.HasField("activity_task_scheduled_event_attributes")
        }

    result, called = with_samples(temporal.address, tmp_path / "built", scenario, shipped_workflows)
    assert called == {
        "sampleActivity",
        "buildPackage",
        "transformData",
        "validateData",
        "waitFor",
        "logMessage",
    }
    assert sorted(result) == ["buildResult", "sampleResult", "transformResult", "validationResult"]
    assert sorted(result["buildResult"]["artifacts"]) == sorted(p.name for p in (tmp_path / "built").iterdir())


def test_the_second_workflow_fails_with_a_sentence_where_its_message_is_missing(
    temporal: EmbeddedTemporal, tmp_path: Path, shipped_workflows: list[type]
) -> None:
    with pytest.raises(WorkflowFailureError) as caught:
        with_samples(temporal.address, tmp_path, lambda s: s.result("testSampleActivities", {}), shipped_workflows)
    assert "testMessage is required" in str(caught.value.cause)


@pytest.mark.parametrize(
    ("activity", "argument", "result"),
    [
        ("sampleActivity", {"message": "Hello"}, "Processed: Hello"),
        ("transformData", {"data": '{"a": 1}', "transformation": "json-parse"}, {"a": 1}),
        ("transformData", {"data": {"a": 1.0}, "transformation": "json-stringify"}, '{\n  "a": 1\n}'),
        ("waitFor", {"milliseconds": 10, "reason": "a test"}, {"waited": 10, "reason": "a test"}),
        ("logMessage", {"level": "warn", "message": "Hello", "data": [1]}, None),
        (
            "validateData",
            {"data": "ab", "rules": {"minLength": 3}},
            {"valid": False, "errors": ["Length 2 is less than minimum 3"]},
        ),
    ],
)
def test_an_activity_takes_and_gives_plain_json(
    temporal: EmbeddedTemporal, tmp_path: Path, activity: str, argument: Any, result: Any
) -> None:
    assert call(temporal.address, tmp_path, activity, argument) == result


def test_build_package_answers_in_plain_json(temporal: EmbeddedTemporal, tmp_path: Path) -> None:
    answer = call(temporal.address, tmp_path, "buildPackage", {"packageName": "demo", "options": {"files": {"a": "b"}}})
    assert answer.pop("buildTime").endswith("Z")
    assert answer == {
        "success": True,
        "packageName": "demo",
        "artifacts": ["demo-1.0.0.tar.gz", "demo-1.0.0.zip"],
    }


def test_http_request_answers_in_plain_json(temporal: EmbeddedTemporal, tmp_path: Path, site: Site) -> None:
    answer = call(temporal.address, tmp_path, "httpRequest", {"url": f"{site.url}/teapot"})
    assert sorted(answer) == ["data", "headers", "status", "statusText"]
    assert (answer["status"], answer["statusText"], answer["data"]) == (
        418,
        "Short and stout",
        {"short": True},
    )


@pytest.mark.parametrize(
    ("activity", "argument"),
    [
        ("transformData", {"data": "{", "transformation": "json-parse"}),
        ("validateData", {"data": "a", "rules": {"pattern": "("}}),
        ("httpRequest", {"url": "http://10.0.0.1/"}),
    ],
)
def test_a_refusal_is_not_retried(temporal: EmbeddedTemporal, tmp_path: Path, activity: str, argument: Any) -> None:
    with pytest.raises(WorkflowFailureError) as caught:
        call(temporal.address, tmp_path, activity, argument, attempts=1000)
    assert isinstance(caught.value.cause, ActivityError)
    assert isinstance(caught.value.cause.cause, ApplicationError)
    assert caught.value.cause.cause.non_retryable


def test_a_failure_of_the_network_is_retried(temporal: EmbeddedTemporal, tmp_path: Path, site: Site) -> None:
    with pytest.raises(WorkflowFailureError):
        call(temporal.address, tmp_path, "httpRequest", {"url": f"{site.url}/cut-off"}, attempts=3)
    assert site.paths == ["/cut-off"] * 3


def test_a_wait_ends_when_its_workflow_is_cancelled(temporal: EmbeddedTemporal, tmp_path: Path) -> None:
    async def scenario(samples: Samples) -> None:
        handle = await samples.start("callActivity", "waitFor", {"milliseconds": 3_600_000}, 1)

        async def waiting() -> bool:
            pending = (await handle.describe()).raw_description.pending_activities
            return bool(pending) and pending[0].HasField("last_heartbeat_time")

        await until(waiting)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as caught:
            await handle.result()
        assert isinstance(caught.value.cause, CancelledError)
        assert (await handle.describe()).status == WorkflowExecutionStatus.CANCELED

    with_samples(temporal.address, tmp_path, scenario)
