"""The row of a worker ends as what the worker is, whatever fails and happens in between."""

from collections.abc import Iterable
from typing import Any

import pytest

from workerhost.errors import StoreUnavailableError
from workerhost.runtime.service import Service
from workerhost.runtime.workers.project_worker import ProjectWorker
from workerhost.runtime.workers.worker_state import WorkerState
from workerhost.store import WorkerRecord
from workerhost.store.models import WorkerRow
from workerhost.testing import Api, eventually
from workerhost.words import WorkerStatus


def _row_status(service: Service, worker_id: str) -> str:
    with service.store.database.reading() as session:
        return str(session.get_one(WorkerRow, worker_id).status)


def test_a_heartbeat_between_a_failed_write_and_the_end_of_a_worker_writes_that_it_ends(
    api: Api, service: Service, project_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.deploy(project_id)
    worker_id = api.get(f"/workers/status/{project_id}")["workerId"]
    rows, table = service.host.rows, service.store.workers
    save_row, save_rows = rows.save, table.save
    refused: list[str] = []

    def refuse_the_end(records: Iterable[WorkerRecord]) -> None:
        found = list(records)
        if not refused and any(each.status == WorkerStatus.STOPPED for each in found):
            refused.append(worker_id)
            raise StoreUnavailableError
        save_rows(found)

    def save_and_beat(worker: ProjectWorker, state: WorkerState) -> None:
        save_row(worker, state)
        if state.status == WorkerStatus.STOPPED:
            service.host.beat()

    monkeypatch.setattr(table, "save", refuse_the_end)
    monkeypatch.setattr(rows, "save", save_and_beat)
    api.post("/workers/stop", {"projectId": project_id}, expect=200)
    eventually(lambda: refused and _row_status(service, worker_id) == "stopped", 5)


def test_that_workers_stop_is_written_later_where_the_database_is_away_for_a_moment(
    api: Api, service: Service, project_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in (project_id, f"{project_id}-other"):
        api.deploy(each)
    workers = list(service.host._workers)
    rows, save_rows = service.host.rows, service.store.workers.save
    refused: list[object] = []
    written: list[Any] = []

    def refuse(records: Iterable[WorkerRecord]) -> None:
        refused.append(records)
        raise StoreUnavailableError

    monkeypatch.setattr(service.store.workers, "save", refuse)
    rows.save_stopping(workers)
    rows.flush()
    assert len(refused) == 2  # where the database takes its time to refuse, each further try would, too

    def keep(records: Iterable[WorkerRecord]) -> None:
        new = list(records)
        written.extend(new)
        save_rows(new)

    monkeypatch.setattr(service.store.workers, "save", keep)
    rows.flush()
    assert {(each.worker_id, each.status) for each in written} == {(each.id, WorkerStatus.STOPPING) for each in workers}


def test_nothing_is_written_over_the_end_of_a_worker(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id)
    [worker] = list(service.host._workers)
    api.post("/workers/stop", {"projectId": project_id}, expect=200)
    service.host.rows.save(worker, WorkerState(WorkerStatus.FAILED, RuntimeError("late")))
    assert _row_status(service, worker.id) == "stopped"
