"""Figures and lines of hosts as processes: a kill loses one interval at most, a database that is away loses none."""

import signal
import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import text

from support.figures import stored_activities, stored_workflows
from support.fleet import QUICK, Fleet, Load
from support.postgresql import PostgreSQL
from support.slow_code import STEPS
from workerhost.runtime.project_logs.intake import WRITE_SECONDS
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.store import Store
from workerhost.testing import eventually, unique_id

INTERVAL = float(QUICK["WORKERHOST_HEARTBEAT_INTERVAL"])
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
AT_ONCE = 8
"""Executions of a load that go on at a time."""

CODE = {"version": "1", "workflowCode": STEPS.replace("    return f", "    print('a step')\n    return f")}


def _runs(store: Store, project: str) -> int:
    return sum(row.executions for row in stored_workflows(store, *ALWAYS, project))


def _activities(store: Store, project: str) -> int:
    return sum(row.executions for row in stored_activities(store, *ALWAYS, project))


def _usage(store: Store, project: str) -> int:
    return sum(figures.executions for _day, figures in store.usage.days(project, date.min, date.max))


def _lines(store: Store, project: str) -> int:
    """Return how many lines its log has, which is how many were counted as they were written."""
    rows, counted = (
        f"SELECT {what} FROM {table} WHERE project_id = :project"
        for what, table in (("count(*)", "project_logs"), ("coalesce(sum(lines), 0)", "project_log_segments"))
    )
    with store.database.reading() as session:
        found = [int(session.scalar(text(each), {"project": project}) or 0) for each in (rows, counted)]
    assert found[0] == found[1]
    return found[0]


class _Completions:
    """Notes when how many executions of a load had completed."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._seen: list[tuple[float, int]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(0.02):
            self._seen.append((time.monotonic(), len(self._load.results)))

    def between(self, after: float, before: float) -> int:
        """Return how many completed in a time, which ended the looking."""
        self._stop.set()
        self._thread.join()
        first = max((count for at, count in self._seen if at <= after), default=0)
        return max(count for at, count in self._seen if at <= before) - first


def test_a_host_that_is_killed_loses_the_figures_and_lines_of_one_interval_at_most(fleet: Fleet) -> None:
    server, client = fleet.serve()
    project = unique_id("project")
    client.deploy(project, "steps", CODE)
    load = Load(fleet.temporal.address, [f"{project}-queue"], "Steps", 1)
    with load.running():
        completions = _Completions(load)
        eventually(lambda: len(load.results) > 40)
        killed_at = time.monotonic()
        for process in server.family():
            process.send_signal(signal.SIGKILL)
        other = fleet.host()
        # What it had counted and may not have written: of the last interval, and of the write that was under way.
        taken_over_at = time.monotonic()
        at_risk = completions.between(killed_at - INTERVAL - 0.3, taken_over_at)
        lines_at_risk = completions.between(killed_at - WRITE_SECONDS - 0.5, taken_over_at)
        eventually(lambda: len(load.results) > 80, 40)
    assert load.failures == []
    assert other.end() == 0
    counted = _runs(fleet.store, project), _activities(fleet.store, project)
    for count in counted:
        # What the killed host had counted and written, and could not tell Temporal any more, is done and counted again.
        assert len(load.results) - at_risk - AT_ONCE <= count <= len(load.results) + AT_ONCE
    lines = _lines(fleet.store, project)
    assert len(load.results) - lines_at_risk - AT_ONCE <= lines <= len(load.results) + AT_ONCE


def test_figures_and_lines_of_a_time_without_postgresql_arrive_once_afterwards(
    tmp_path: Path, temporal: EmbeddedTemporal, own_postgresql: PostgreSQL
) -> None:
    fleet = Fleet(tmp_path, temporal, own_postgresql.create_database())
    try:
        server, client = fleet.serve()
        project = unique_id("project")
        client.deploy(project, "steps", CODE)
        load = Load(temporal.address, [f"{project}-queue"], "Steps", 1)
        with load.running():
            eventually(lambda: _runs(fleet.store, project) > 5)
            own_postgresql.stop()
            for path in (f"/projects/{project}/logs", f"/projects/{project}/statistics", f"/projects/{project}/usage"):
                assert client.refused("GET", path)["error"].startswith("the database does not answer")
            assert client.status("/metrics") == client.status("/health") == 200
            assert client.call("GET", f"/workers/status/{project}")["isRunning"]
            before = len(load.results)
            eventually(lambda: len(load.results) > before + 30, 40)
            own_postgresql.start()
        eventually(lambda: _runs(fleet.store, project) == len(load.results), 20)
        assert _activities(fleet.store, project) == len(load.results)
        assert server.end() == 0
        figures = [count(fleet.store, project) for count in (_runs, _activities, _usage, _lines)]
        assert figures == 4 * [len(load.results)]
    finally:
        fleet.close()
