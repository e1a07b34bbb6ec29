"""The figures of many projects and many hosts: each function measures some with processes of its own."""

import asyncio
import json
import signal
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import httpx
from sqlalchemy import create_engine, text
from temporalio.client import Client

from figures import HELLO
from fleet_service import FleetService, HostProcess, wait_until
from fleet_workloads import SPIN, SPIN_TURNS, STEPS
from measure import WARM_UP, Figure, Options, call, latency, milliseconds
from workerhost.words import HostId

IDLE_SECONDS = 20
SETTLE_SECONDS = 5
"""Between the start of many workers and what is measured of them at rest."""

MakeFleet = Callable[[], FleetService]


def many_projects(make_fleet: MakeFleet, options: Options) -> list[Figure]:
    """A thousand projects on one host, beside as many workers of the bare SDK."""
    count = 100 if options.quick else 1000
    bare = _bare_fleet(make_fleet, options, count)
    with make_fleet() as fleet:
        empty = fleet.start("serve")
        with closing(empty.wait_for_api()):
            time.sleep(SETTLE_SECONDS)
            resident = _resident_mb(empty)
    with make_fleet() as fleet:
        fleet.add_projects(count, HELLO.format(number=1), ("Hello",), ())
        host = fleet.start("serve")
        seconds = fleet.wait_for_polling(count)
        with closing(host.wait_for_api()) as api:
            time.sleep(SETTLE_SECONDS)
            megabytes = (_resident_mb(host) - resident) / count
            processor = _idle_percent(host)
            statements = _statements_per_second(fleet)
            more = _start_more(api, options)
            health = milliseconds(lambda _: api.get("/health").raise_for_status(), range(options.count(2000)), "health")
    return [
        _at_most(f"{count} projects polling after the start of their host", 30, seconds, "s", bare["start_seconds"]),
        _at_most(f"memory each, of {count}", 1.0, megabytes, "MB", bare["mb_each"]),
        _at_most(f"idle CPU of {count} projects, of a core", 5, processor, "%", bare["idle_cpu_percent"]),
        _at_most(f"database statements of {count} idle projects", 5, statements, "a second", None),
        latency(f"start of one more beside {count}", more, p99=150),
        latency(f"GET /health beside {count}", health[WARM_UP:], p99=10),
    ]


def _bare_fleet(make_fleet: MakeFleet, options: Options, count: int) -> dict[str, float]:
    with make_fleet() as fleet:
        command = [sys.executable, str(options.bench / "bare_fleet.py"), "--address", fleet.temporal.address]
        done = subprocess.run([*command, "--workers", str(count)], check=True, capture_output=True)
    return dict(json.loads(done.stdout))


def _resident_mb(host: HostProcess) -> float:
    return sum(each.memory_info().rss for each in host.hosts()) / 1024**2


def _idle_percent(host: HostProcess) -> float:
    def used() -> float:
        times = [each.cpu_times() for each in host.hosts()]
        return sum(each.user + each.system for each in times)

    before = used()
    time.sleep(IDLE_SECONDS)
    return 100 * (used() - before) / IDLE_SECONDS


def _statements_per_second(fleet: FleetService) -> float:
    """Have PostgreSQL write every statement into its log for a while, and count what the host sent."""
    engine = create_engine(fleet.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # Not by new connections: a host that has lost its own says once more of every worker what it does.
        connection.execute(text("ALTER SYSTEM SET log_statement = 'all'"))
        connection.execute(text("SELECT pg_reload_conf()"))
        time.sleep(SETTLE_SECONDS)
        begins = fleet.postgres_log.stat().st_size
        time.sleep(IDLE_SECONDS)
        written = fleet.postgres_log.read_bytes()[begins:].decode(errors="replace").splitlines()
        connection.execute(text("ALTER SYSTEM RESET log_statement"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    logged = [line.partition("LOG:  ")[2] for line in written if "LOG:  statement:" in line or "LOG:  execute" in line]
    # What frames a transaction is no query: SQLAlchemy's looks whether a connection is alive are, and count.
    frames = ("statement: BEGIN", "statement: COMMIT", "statement: ROLLBACK")
    return len([line for line in logged if not line.startswith(frames)]) / IDLE_SECONDS


def _start_more(api: httpx.Client, options: Options) -> list[float]:
    run, count = uuid.uuid4().hex[:6], options.count(100)
    for number in range(count + WARM_UP):
        call(api, "PUT", f"/projects/more-{run}-{number}", {})
        body = {"version": "1", "workflowCode": HELLO.format(number=number)}
        call(api, "PUT", f"/projects/more-{run}-{number}/workflows/hello", body)

    def start(number: int) -> None:
        call(api, "POST", "/workers/start", {"projectId": f"more-{run}-{number}"})

    return milliseconds(start, range(count + WARM_UP), "start of one more")[WARM_UP:]


def failover(make_fleet: MakeFleet, options: Options) -> list[Figure]:
    """From the end of a host to the last of its 200 projects polling on another one."""
    count = 20 if options.quick else 200
    figures = []
    for name, number in (("kill -9 of a host", signal.SIGKILL), ("a machine that vanishes", signal.SIGSTOP)):
        with make_fleet() as fleet:
            fleet.start("serve")
            victim = fleet.start("host")
            wait_until(lambda fleet=fleet: len(fleet.store.hosts.all(60)) == 2, 60, "both hosts")  # type: ignore[misc]
            # Twice as many, so that the one that dies has just these.
            fleet.add_projects(2 * count, HELLO.format(number=1), ("Hello",), ())
            fleet.wait_for_polling(2 * count)
            time.sleep(SETTLE_SECONDS)
            victim.process.send_signal(number)
            survivor = [host.id for host in fleet.store.hosts.all(60) if host.process_id != victim.process.pid]
            seconds = wait_until(
                lambda fleet=fleet, ids=survivor: fleet.polling(ids[0]) == 2 * count,  # type: ignore[misc]
                120,
                "all projects poll",
            )
            victim.process.kill()
        figures.append(_at_most(f"{name} to its last of {count} projects polling elsewhere", 10, seconds, "s", None))
    return figures


def cpu_bound(make_fleet: MakeFleet, options: Options) -> list[Figure]:
    """CPU-bound activities on two host processes compared with one."""
    executions = 8 if options.quick else 60
    return [
        _speed_up(make_fleet, "two projects", executions, projects=2, replicas=1),
        _speed_up(make_fleet, "one project with two replicas", executions, projects=1, replicas=2),
    ]


def _speed_up(make_fleet: MakeFleet, name: str, executions: int, *, projects: int, replicas: int) -> Figure:
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(3):
        for workers in (1, 2):
            with make_fleet() as fleet:
                # Few at once, so that no host is left with several when the other one has none any more.
                limits = {"replicas": replicas, "maxConcurrentActivities": 2}
                ids = fleet.add_projects(projects, SPIN, ("Spin",), ("spin",), **limits)
                with closing(fleet.start("serve", "--workers", str(workers)).wait_for_api()):
                    fleet.wait_for_polling(max(projects, min(replicas, workers)))
                    wait_until(lambda fleet=fleet, n=workers: fleet.busy_hosts() == n, 60, "all hosts work")  # type: ignore[misc]
                    seconds[workers].append(asyncio.run(_run_all(fleet, ids, "Spin", [SPIN_TURNS], executions)))
    ratio = statistics.median(seconds[1]) / statistics.median(seconds[2])
    return Figure(
        name=f"CPU-bound activities of {name}, two hosts against one",
        target="1.7",
        measured=f"{ratio:.2f}",
        met=ratio >= 1.7,
        details={"seconds": {str(workers): took for workers, took in seconds.items()}},
    )


async def _run_all(fleet: FleetService, projects: list[str], workflow: str, args: list[Any], count: int) -> float:
    client = await Client.connect(fleet.temporal.address)
    slots, run = asyncio.Semaphore(16), uuid.uuid4().hex[:6]

    async def execute(number: int) -> None:
        async with slots:
            queue = f"{projects[number % len(projects)]}-queue"
            await client.execute_workflow(workflow, args=args, id=f"{run}-{number}", task_queue=queue)

    await asyncio.gather(*(execute(number) for number in range(len(projects))))
    began = time.monotonic()
    await asyncio.gather(*(execute(number) for number in range(len(projects), count + len(projects))))
    return time.monotonic() - began


def rolling_restart(make_fleet: MakeFleet, options: Options) -> list[Figure]:
    """All hosts of a service are replaced, again and again, while executions run."""
    count = 100 if options.quick else 1000
    with make_fleet() as fleet:
        projects = fleet.add_projects(8, STEPS, ("Steps",), ("step",))
        server = fleet.start("serve", "--workers", "2")
        with closing(server.wait_for_api()):
            fleet.wait_for_polling(8)
            failed, lost, restarts = asyncio.run(_restart_under_load(fleet, server, projects, count))
    return [
        Figure(
            name=f"rolling restarts under load: failed and lost of {count} executions",
            target="0, 0",
            measured=f"{failed}, {lost}",
            met=failed == lost == 0 and restarts > 0,
            details={"restarts": restarts},
        )
    ]


async def _restart_under_load(
    fleet: FleetService, server: HostProcess, projects: list[str], count: int
) -> tuple[int, int, int]:
    client = await Client.connect(fleet.temporal.address)
    slots, run = asyncio.Semaphore(40), uuid.uuid4().hex[:6]

    async def execute(number: int) -> Any:
        async with slots:
            queue = f"{projects[number % len(projects)]}-queue"
            return await client.execute_workflow("Steps", id=f"{run}-{number}", task_queue=queue)

    executions = [asyncio.ensure_future(execute(number)) for number in range(count)]
    restarts = 0
    while not all(each.done() for each in executions):
        before = {host.id for host in fleet.store.hosts.all(60)}
        server.process.send_signal(signal.SIGHUP)
        restarts += 1
        await asyncio.to_thread(
            wait_until, partial(_have_changed, fleet, before, len(projects)), 120, "the hosts are new"
        )
    outcomes = await asyncio.gather(*executions, return_exceptions=True)
    failed = sum(1 for outcome in outcomes if isinstance(outcome, BaseException))
    return failed, sum(1 for outcome in outcomes if outcome != [0, 1, 2]) - failed, restarts


def _have_changed(fleet: FleetService, host_ids: set[HostId], projects: int) -> bool:
    """Tell whether those hosts are gone and others run all projects."""
    return host_ids.isdisjoint(host.id for host in fleet.store.hosts.all(60)) and fleet.polling() == projects


def _at_most(name: str, bound: float, value: float, unit: str, bare: float | None) -> Figure:
    details = {"value": value, **({"bare": bare} if bare is not None else {})}
    measured = f"{value:.2f} {unit}" + (f" (bare SDK {bare:.2f})" if bare is not None else "")
    return Figure(name=name, target=f"{bound:g} {unit}", measured=measured, met=value <= bound, details=details)


FLEET_FIGURES = {
    "many": many_projects,
    "failover": failover,
    "cpu": cpu_bound,
    "rolling": rolling_restart,
}
"""What can be measured of fleets, by name, in the order of the table."""
