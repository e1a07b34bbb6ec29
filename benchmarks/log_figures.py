"""Logs of projects: how many lines are stored, and how soon those of a run are found among many, on both databases."""

import random
import sqlite3
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from fleet_service import FleetService
from measure import Figure, Options, latency, milliseconds
from workerhost.observed import LogLevel, LogLine
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.project_logs.intake import LogIntake
from workerhost.settings import Settings
from workerhost.store import Store
from workerhost.store.models import Base, ProjectLogRow
from workerhost.store.project_logs.values import LogFilter
from workerhost.words import RunId

PROJECTS = 10
RATE = 10_000
"""Lines a second, of all projects together."""

SECONDS = 10
STEPS = 20
"""In which the lines of a second come."""

MANY, FEW = 10_000_000, 100_000
"""Lines among which is looked, and where only the benchmark itself is tried."""

LINES_OF_RUN = 100
LOOKS = 200

_NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {lines}) ",
    "postgresql": "WITH numbers AS (SELECT generate_series(0, {lines} - 1) AS n) ",
}
_NOW = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f000', 'now')", "postgresql": "now()"}
_RUN = {
    "sqlite": "printf('%08x-0000-4000-8000-%012x', (n / 100 * 2654435761) % 4294967296, n / 100)",
    "postgresql": "lpad(to_hex(n::bigint / 100 * 2654435761 % 4294967296), 8, '0') || '-0000-4000-8000-' || "
    "lpad(to_hex(n / 100), 12, '0')",
}
_FILL = """
    INSERT INTO project_logs (project_id, at, level, message, workflow_id, run_id, workflow_type, build_id, activity,
        attempt, logger)
    {numbers} SELECT 'logs-' || (n / 100 % 10), {now}, 20, 'order ' || n || ' was charged with 12.50 EUR, as it said',
        'order-' || (n / 100), {run}, 'Order', '0123456789abcdef', 'charge', 1, 'shop.orders'
    FROM numbers
"""
_SEGMENTS = """
    INSERT INTO project_log_segments (project_id, segment, first_id, last_id, first_at, last_at, lines, bytes)
    SELECT project_id, 'filled', min(id), max(id), min(at), max(at), count(*), 200 * count(*)
    FROM project_logs GROUP BY project_id
"""


def logs(start: Callable[[], FleetService], options: Options) -> list[Figure]:
    """10,000 lines a second, and those of one run found among ten million, on SQLite and PostgreSQL."""
    with start() as fleet:
        figures = _measure("PostgreSQL", fleet.store, options)
        with fleet.store.database.own_connection() as connection:
            connection.execute("TRUNCATE project_logs")  # so that there is room for the other database
        path = fleet.folder / "logs.db"
    return figures + _on_sqlite(path, options)


def _on_sqlite(path: Path, options: Options) -> list[Figure]:
    store = Store(f"sqlite:///{path}")
    store.database.upgrade()
    try:
        return _measure("SQLite", store, options)
    finally:
        store.close()
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()


def _measure(name: str, store: Store, options: Options) -> list[Figure]:
    for number in range(PROJECTS):
        store.projects.put(f"logs-{number}", name=None, task_queue=None, settings=None)
    lines = FEW if options.quick else MANY
    _fill(store, lines)
    found = _find(f"{name}: lines of a run, found among {lines:,}", store, lines)
    return [_store(f"{name}: lines stored beside {lines:,}", store, options), found]


def _fill(store: Store, lines: int) -> None:
    kind = store.database.url.get_backend_name()
    fill = _FILL.format(numbers=_NUMBERS[kind].format(lines=lines), now=_NOW[kind], run=_RUN[kind])
    indices = Base.metadata.tables[ProjectLogRow.__tablename__].indexes
    names = {each.name: ", ".join(column.name for column in each.columns) for each in indices}
    statements = [
        "PRAGMA cache_size = -500000" if kind == "sqlite" else "SET maintenance_work_mem = '500MB'",
        *(f"DROP INDEX {name}" for name in names),
        fill,
        *(f"CREATE INDEX {name} ON project_logs ({columns})" for name, columns in names.items()),
        _SEGMENTS,
        "ANALYZE project_logs",
    ]
    if kind == "sqlite":
        with closing(sqlite3.connect(str(store.database.url.database), isolation_level=None)) as file:
            for statement in statements:
                file.execute(statement)
                file.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # which would grow as large as the database
        return
    with store.database.own_connection() as connection:
        for statement in statements:
            connection.execute(statement)


def _find(name: str, store: Store, lines: int) -> Figure:
    runs = random.Random(1).sample(range(lines // LINES_OF_RUN), LOOKS)

    def look(run: int) -> None:
        page = store.project_logs.reader.page(f"logs-{run % PROJECTS}", LogFilter(run_id=_run_id(run)), 100)
        assert len(page.lines) == LINES_OF_RUN

    return latency(name, milliseconds(look, runs, name), p50=50, p99=50)


def _run_id(run: int) -> str:
    return f"{run * 2654435761 % 4294967296:08x}-0000-4000-8000-{run:012x}"


def _store(name: str, store: Store, options: Options) -> Figure:
    """Take as many lines as come in some seconds, and see when the last one is stored."""
    seconds = 2 if options.quick else SECONDS
    before = _lines(store)
    intake = LogIntake(Settings(), store, Observer(), lambda _projects: None)
    intake.start()
    began = time.perf_counter()
    spent = 0.0
    for step in range(seconds * STEPS):
        spent += _bring(intake, step)
        time.sleep(max(0.0, began + (step + 1) / STEPS - time.perf_counter()))
    brought = time.perf_counter() - began
    intake.stop()
    took = time.perf_counter() - began
    stored = _lines(store) - before
    return Figure(
        name=name,
        target=f"{RATE:,} a second",
        measured=f"{stored / took:,.0f} a second",
        met=stored == seconds * RATE and took <= seconds + 1,
        details={
            "stored": stored,
            "seconds of bringing": brought,
            "seconds until all are stored": took,
            "microseconds of take": 1e6 * spent / (seconds * RATE),
        },
    )


def _bring(intake: LogIntake, step: int) -> float:
    """Bring the lines of one step, and return the seconds that the intake took for them."""
    run = RunId(str(uuid.uuid4()))
    lines = [
        LogLine(
            at=datetime.now(UTC),
            project_id=f"logs-{number % PROJECTS}",
            level=LogLevel.INFO,
            message=f"order {number} was charged with 12.50 EUR, as it said",
            workflow_id=f"new-{step}",
            run_id=run,
            workflow_type="Order",
            activity="charge",
            attempt=1,
        )
        for number in range(RATE // STEPS)
    ]
    began = time.perf_counter()
    for line in lines:
        intake.take(line)
    return time.perf_counter() - began


def _lines(store: Store) -> int:
    with store.database.reading() as session:
        return int(session.scalar(text("SELECT sum(lines) FROM project_log_segments")) or 0)


LOG_FIGURES = {"logs": logs}
