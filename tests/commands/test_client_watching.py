"""Watching runs with the Python client, over real connections, also when the host behind them dies."""

import asyncio
import threading
from pathlib import Path

import httpx
import psutil
import pytest

from support.processes import serve
from workerhost import AsyncClient, Client, WorkflowCode
from workerhost.answers import ExecutionInfo, StepInfo
from workerhost.client import ApiError
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import eventually
from workerhost.words import ExecutionStatus, StepKind

STOPS = WorkflowCode(
    "stops",
    "1",
    """
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def double(number: int) -> int:
    return 2 * number


@workflow.defn
class Stops:
    def __init__(self) -> None:
        self.goes_on = False

    @workflow.run
    async def run(self, number: int) -> int:
        number = await workflow.execute_activity(double, number, start_to_close_timeout=timedelta(seconds=60))
        await workflow.wait_condition(lambda: self.goes_on)
        return await workflow.execute_activity(double, number, start_to_close_timeout=timedelta(seconds=60))

    @workflow.signal
    def go_on(self) -> None:
        self.goes_on = True
""",
)


def _make(client: Client, project_id: str) -> str:
    client.put_project(project_id)
    client.publish(project_id, STOPS)
    client.start(project_id)
    return client.execute(project_id, "Stops", 3).workflow_id


def test_the_client_yields_each_step_and_the_end(client: Client, project_id: str) -> None:
    run = _make(client, project_id)
    seen: list[StepInfo | ExecutionInfo] = []
    for told in client.watch(project_id, run):
        if isinstance(told, StepInfo) and told.status == "completed" and not seen:
            client.signal(project_id, run, "go_on")
        if isinstance(told, ExecutionInfo) or told.status == "completed":
            seen += [told] if isinstance(told, StepInfo) or told.status != ExecutionStatus.RUNNING else []
    *steps, end = seen
    assert [each.kind for each in steps if isinstance(each, StepInfo)] == [
        StepKind.ACTIVITY,
        StepKind.SIGNAL,
        StepKind.ACTIVITY,
    ]
    assert isinstance(end, ExecutionInfo)
    assert (end.status, end.result) == (ExecutionStatus.COMPLETED, 12)


def test_the_asynchronous_client_watches_several_runs_at_once(
    client: Client, service_url: str, project_id: str
) -> None:
    runs = [_make(client, project_id), *(client.execute(project_id, "Stops", 3).workflow_id for _ in range(3))]

    async def last(http: AsyncClient, run: str) -> StepInfo | ExecutionInfo:
        found = [told async for told in http.watch(project_id, run)]
        return found[-1]

    async def watch_all() -> list[StepInfo | ExecutionInfo]:
        async with AsyncClient(service_url) as http:
            watches = [asyncio.ensure_future(last(http, run)) for run in runs]
            for run in runs:
                await http.signal(project_id, run, "go_on")
            return list(await asyncio.gather(*watches))

    assert [each.result for each in asyncio.run(watch_all())] == [12] * 4


def test_a_run_that_has_ended_is_told_with_all_its_steps(client: Client, project_id: str) -> None:
    run = _make(client, project_id)
    client.signal(project_id, run, "go_on")
    client.wait(project_id, run)
    *steps, end = client.watch(project_id, run)
    assert [each.status for each in steps if isinstance(each, StepInfo)] == ["completed"] * 3
    assert isinstance(end, ExecutionInfo)
    assert (end.status, end.result) == (ExecutionStatus.COMPLETED, 12)


def test_a_run_that_is_not_there_cannot_be_watched(client: Client, project_id: str) -> None:
    client.put_project(project_id)
    with pytest.raises(ApiError, match="has no execution with the workflow id none"):
        next(iter(client.watch(project_id, "none")))


def test_a_watcher_goes_on_from_the_last_step_when_its_host_is_killed(
    tmp_path: Path, temporal: EmbeddedTemporal
) -> None:
    with serve(tmp_path, temporal) as (process, rest), Client(rest.url) as client:
        run = _make(client, "killed-host")
        told: list[StepInfo | ExecutionInfo] = []
        watching = threading.Thread(target=lambda: told.extend(client.watch("killed-host", run)))
        watching.start()
        eventually(lambda: any(isinstance(each, StepInfo) and each.status == "completed" for each in told))
        for each in psutil.Process(process.pid).children():
            each.kill()
        eventually(rest.answers, 60)
        client.signal("killed-host", run, "go_on")
        watching.join(60)
        assert not watching.is_alive()
        first = next(each for each in told if isinstance(each, StepInfo))
        firsts = [each for each in told if isinstance(each, StepInfo) and each.id == first.id]
        assert len([each for each in firsts if each.status == "completed"]) == 1
        end = told[-1]
        assert isinstance(end, ExecutionInfo)
        assert (end.status, end.result) == (ExecutionStatus.COMPLETED, 12)


def test_watchers_that_have_gone_make_room_and_keep_nobody_waiting(tmp_path: Path, temporal: EmbeddedTemporal) -> None:
    with (
        serve(tmp_path, temporal, WORKERHOST_WATCHERS="40", WORKERHOST_API_THREADS="4") as (_, rest),
        Client(rest.url) as client,
    ):
        run = _make(client, "watched")
        path = f"/projects/watched/executions/{run}/events"
        with httpx.Client(base_url=rest.url, trust_env=False, timeout=30, limits=httpx.Limits()) as http:
            streams = [http.send(http.build_request("GET", path), stream=True) for _ in range(40)]
            assert {each.status_code for each in streams} == {200}
            assert http.get("/health").status_code == 200
            refused = http.get(path)
            assert (refused.status_code, refused.json()["code"]) == (503, "too_many_watchers")
            for each in streams:
                each.close()
            client.signal("watched", run, "go_on")

            def ended() -> bool:
                answer = http.send(http.build_request("GET", path), stream=True)
                has_room = answer.status_code == 200
                text = answer.read().decode() if has_room else ""
                answer.close()
                return "COMPLETED" in text

            eventually(ended, 30)
