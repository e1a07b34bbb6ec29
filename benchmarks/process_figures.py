"""The figures of projects whose code is in processes of its own: each function measures some on a running service."""

import asyncio
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Coroutine, Sequence, Set
from typing import Any, TypeVar

import click
import psutil
from temporalio.client import Client, WorkflowHandle

from figures import BUSY, HELLO
from fleet_workloads import SPIN, SPIN_TURNS
from measure import WARM_UP, Figure, Options, Rest, latency, milliseconds

T = TypeVar("T")

WAITING = """
from temporalio import workflow


@workflow.defn
class Waiting:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)
"""

TURNING = """
from temporalio import workflow


@workflow.defn
class Turning:
    @workflow.run
    async def run(self, turns: int) -> int:
        total = 0
        for number in range(turns):
            total += number & 3
        return total
"""

POISON = """
import os
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy


@activity.defn
def die() -> None:
    os._exit(1)


@workflow.defn
class Poison:
    @workflow.run
    async def run(self) -> None:
        often = RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_interval=timedelta(milliseconds=10))
        await workflow.execute_activity(die, start_to_close_timeout=timedelta(minutes=5), retry_policy=often)
"""


def first_task(rest: Rest, options: Options) -> list[Figure]:
    """The first execution of a project, which has no process yet, and the second one, in turns."""
    projects = _projects(rest, "first", options.count(100), "Hello", HELLO.format(number=1))

    async def measure(client: Client) -> tuple[list[float], list[float]]:
        first, second = [], []
        for project in projects:
            first.append(await _timed(client, project, "Hello"))
            second.append(await _timed(client, project, "Hello"))
        return first, second

    first, second = _with_client(rest, measure)
    later = statistics.median(first) - statistics.median(second)
    _stop(rest, projects)
    return [_bounded("first task of a project without a process, p50 later", later, "ms", most=30)]


def several_processes(rest: Rest, options: Options) -> list[Figure]:
    """Executions that keep processors busy, of a project with two processes and of one with one, in turns."""
    figures = []
    # Ten workflows share a processor, and must yield within 2 s all the same.
    works = (("activities", SPIN, "Spin", SPIN_TURNS // 2), ("workflows", TURNING, "Turning", SPIN_TURNS // 4))
    for what, code, workflow_type, turns in works:
        projects = [
            *_projects(rest, "one", 1, workflow_type, code),
            *_projects(rest, "two", 1, workflow_type, code, processes=2),
        ]

        async def measure(
            client: Client, workflow_type: str = workflow_type, turns: int = turns, projects: Sequence[str] = projects
        ) -> list[float]:
            ratios = []
            for _ in range(options.count(7)):
                took = [await _all(client, each, workflow_type, 40, turns) for each in projects]
                ratios.append(took[0] / took[1])
            return ratios[1:]

        ratio = statistics.median(_with_client(rest, measure))
        _stop(rest, projects)
        figures.append(_bounded(f"CPU-bound {what}, two processes against one", ratio, "times", least=1.8))
    return figures


def health_beside_crowd(rest: Rest, options: Options) -> list[Figure]:
    """`GET /health` while eight projects run a CPU-bound activity each."""
    others = set(_project_processes())
    projects = _projects(rest, "crowd", 8, "Busy", BUSY)
    begun = [
        rest.call("POST", f"/projects/{each}/executions", {"workflowType": "Busy", "args": [120]}) for each in projects
    ]
    _wait_for("work in eight processes", lambda: len(_working(others)) == 8)
    took = milliseconds(
        lambda _: rest.call("GET", "/health"), range(options.count(2000) + WARM_UP), "GET /health beside a crowd"
    )
    for project, each in zip(projects, begun, strict=True):
        path = f"/projects/{project}/executions/{each['workflowId']}"
        status = rest.call("GET", path)["status"]
        if status != "RUNNING":
            raise click.ClickException(f"an activity did not run for as long as was measured: it is {status}")
        rest.call("POST", f"{path}/terminate", {})
    _stop(rest, projects)
    return [latency("GET /health beside eight CPU-bound projects", took[WARM_UP:], p99=5)]


def poison(rest: Rest, options: Options) -> list[Figure]:
    """Executions of sixty projects, before, while and after another one kills its process each time."""
    projects = _projects(rest, "bystander", 60, "Hello", HELLO.format(number=1))
    [killer] = _projects(rest, "poison", 1, "Poison", POISON)
    rounds = options.count(20)

    async def measure(client: Client) -> list[float]:
        took = []
        for _ in range(rounds):
            for project in projects:
                took.append(await _timed(client, project, "Hello"))  # noqa: PERF401  one after the other
        return took

    _with_client(rest, measure)
    before = _with_client(rest, measure)
    begun = rest.call("POST", f"/projects/{killer}/executions", {"workflowType": "Poison"})
    beside = _with_client(rest, measure)
    deaths = _with_client(rest, lambda client: _attempts(client, begun["workflowId"]))
    rest.call("POST", f"/projects/{killer}/executions/{begun['workflowId']}/terminate", {})
    after = _with_client(rest, measure)
    _stop(rest, [*projects, killer])
    ratio = _p99(beside) / statistics.mean([_p99(before), _p99(after)])
    click.echo(f"its process died {deaths} times", err=True)
    if deaths < 3:
        raise click.ClickException("the project did not kill its process")
    return [
        _bounded("p99 of sixty projects beside one that kills its process, against without", ratio, "times", most=1.2)
    ]


def busy_at_once(rest: Rest, options: Options) -> list[Figure]:
    """Two hundred projects with a process each, which holds twenty runs that wait."""
    count = options.count(200)
    projects = _projects(rest, "waiting", count, "Waiting", WAITING)

    async def begin(client: Client) -> None:
        for project in projects:
            queue = f"{project}-queue"
            begun = [client.start_workflow("Waiting", id=f"{project}-{each}", task_queue=queue) for each in range(20)]
            for handle in await asyncio.gather(*begun):
                await _first_task_is_done(handle)

    others = set(_project_processes())
    _with_client(rest, begin)
    own = [each.memory_full_info().uss / 1024**2 for each in _project_processes() if each not in others]
    for project in projects:
        rest.call("DELETE", f"/projects/{project}")
    if len(own) != count:
        raise click.ClickException(f"{len(own)} of {count} projects have a process")
    return [
        _bounded(f"memory of its own of each of {count} processes with 20 runs", statistics.mean(own), "MB", most=12)
    ]


async def _first_task_is_done(handle: WorkflowHandle[Any, Any]) -> None:
    while (await handle.describe()).history_length < HISTORY_OF_FIRST_TASK:  # noqa: ASYNC110  the server has no event for it
        await asyncio.sleep(0.05)


async def _attempts(client: Client, workflow_id: str) -> int:
    described = await client.get_workflow_handle(workflow_id).describe()
    return max((each.attempt for each in described.raw_description.pending_activities), default=1) - 1


def _wait_for(what: str, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise click.ClickException(f"there is no {what}")
        time.sleep(0.5)


def _projects(rest: Rest, name: str, count: int, workflow: str, code: str, **settings: object) -> list[str]:
    run = uuid.uuid4().hex[:8]
    projects = [f"{name}-{run}-{number}" for number in range(count)]
    with click.progressbar(projects, label=f"starting {name}", file=sys.stderr) as progress:
        for project in progress:
            rest.put_project(project, workflow.lower(), "1", code)
            if settings:
                rest.call("PUT", f"/projects/{project}", {"settings": settings})
            rest.start(project)
    return projects


def _stop(rest: Rest, projects: Sequence[str]) -> None:
    for project in projects:
        rest.call("POST", "/workers/stop", {"projectId": project})


def _with_client(rest: Rest, measure: Callable[[Client], Coroutine[Any, Any, T]]) -> T:
    async def connected() -> T:
        return await measure(await Client.connect(rest.service.temporal.address))

    return asyncio.run(connected())


async def _timed(client: Client, project: str, workflow_type: str) -> float:
    began = time.perf_counter()
    await client.execute_workflow(workflow_type, id=f"{project}-{uuid.uuid4().hex}", task_queue=f"{project}-queue")
    return 1000 * (time.perf_counter() - began)


async def _all(client: Client, project: str, workflow_type: str, count: int, argument: int) -> float:
    began = time.perf_counter()
    runs = (
        client.execute_workflow(
            workflow_type, argument, id=f"{project}-{uuid.uuid4().hex}", task_queue=f"{project}-queue"
        )
        for _ in range(count)
    )
    await asyncio.gather(*runs)
    return time.perf_counter() - began


def _project_processes() -> list[psutil.Process]:
    """Return the processes of projects: what the process that forks has forked."""
    below = psutil.Process().children(recursive=True)
    forking = [each for each in below if "workerhost.code.check_process" in each.cmdline()]
    return [each for each in forking if not each.children() and each.parent() in forking]


def _working(others: Set[psutil.Process]) -> list[psutil.Process]:
    """Return the processes of projects, beside others, that have used a processor for longer than their start takes."""
    return [each for each in _project_processes() if each not in others and each.cpu_times().user > 0.5]


def _p99(took: Sequence[float]) -> float:
    return statistics.quantiles(took, n=100, method="inclusive")[98]


def _bounded(name: str, value: float, unit: str, *, most: float | None = None, least: float | None = None) -> Figure:
    bound = most if most is not None else least
    met = (most is None or value <= most) and (least is None or value >= least)
    return Figure(name=name, target=f"{bound:g} {unit}", measured=f"{value:.2f} {unit}", met=met, details={})


HISTORY_OF_FIRST_TASK = 4
"""Events of an execution whose first workflow task is done."""

PROCESS_FIGURES = {
    "first": first_task,
    "processes": several_processes,
    "poison": poison,
    "busy": busy_at_once,
    "crowd": health_beside_crowd,
}
"""What can be measured, by name, in the order of the table."""
