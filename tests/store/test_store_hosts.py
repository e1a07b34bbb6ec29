"""Heartbeats of hosts and workers, and leases that one of many gets."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from support import DATABASES, host_record, worker_record
from workerhost.store import Store, WorkerRecord
from workerhost.store.models import WorkerRow
from workerhost.testing import eventually


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _project(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)


def test_a_heartbeat_is_one_statement_and_tells_who_is_not_registered(store: Store) -> None:
    store.hosts.register(host_record("h1"))
    [before] = store.hosts.all(lease_timeout=60)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert store.hosts.beat("h1", 7, is_draining=True)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert [statement.split()[0] for statement in statements if not statement.startswith("BEGIN")] == ["UPDATE"]
    [after] = store.hosts.all(lease_timeout=60)
    assert after.last_heartbeat is not None
    assert before.last_heartbeat is not None
    assert after.last_heartbeat > before.last_heartbeat
    assert (after.running, after.is_draining) == (7, True)
    assert not store.hosts.beat("unknown", 0, is_draining=False)


def test_what_the_machine_of_a_host_gives_is_kept_with_it(store: Store) -> None:
    store.hosts.register(host_record("h1", isolation=("process", "landlock")))
    store.hosts.register(host_record("h2"))
    found = {host.id: host.isolation for host in store.hosts.all(lease_timeout=60)}
    assert found == {"h1": ("process", "landlock"), "h2": ()}


def test_hosts_are_late_by_the_database_s_clock(store: Store) -> None:
    store.hosts.register(host_record("h1"))
    assert not store.hosts.all(lease_timeout=60)[0].is_late
    assert eventually(lambda: store.hosts.all(lease_timeout=0.05)[0].is_late)


def test_the_heartbeat_of_workers_reaches_those_of_the_host_and_no_others(store: Store) -> None:
    for host in ("h1", "h2"):
        store.workers.save([worker_record(f"w-{host}", host=host)])
    before = _heartbeats(store)
    store.workers.beat("h1")
    after = _heartbeats(store)
    assert after["w-h1"] > before["w-h1"]
    assert after["w-h2"] == before["w-h2"]


def _heartbeats(store: Store) -> dict[str, Any]:
    with store.database.reading() as session:
        rows = session.execute(text("SELECT worker_id, last_heartbeat FROM workflow_workers")).all()
    return {row.worker_id: row.last_heartbeat for row in rows}


def test_one_of_many_claims_of_a_replica_wins(store: Store) -> None:
    claims = [worker_record(f"w{number}", host=f"h{number}", replica=0) for number in range(8)]
    barrier = threading.Barrier(len(claims))

    def claim(record: WorkerRecord) -> set[str]:
        barrier.wait()
        return store.leases.claim([record])

    with ThreadPoolExecutor(len(claims)) as threads:
        won = [worker_id for each in threads.map(claim, claims) for worker_id in each]
    assert len(won) == 1


def test_claims_of_several_projects_in_any_order_do_not_lock_each_other_out(store: Store) -> None:
    def claim(host: str) -> set[str]:
        projects = [f"p{number}" for number in range(30)]
        random.shuffle(projects)
        return store.leases.claim([worker_record(f"{host}-{each}", each, host, replica=0) for each in projects])

    with ThreadPoolExecutor(4) as threads:
        won = [worker_id for each in threads.map(claim, ["h1", "h2", "h3", "h4"]) for worker_id in each]
    assert len(won) == 30


def test_a_lease_that_was_let_go_can_be_claimed_by_another(store: Store) -> None:
    _project(store)
    store.projects.set_desired_state("shop", "running")
    assert store.leases.claim([worker_record("w1", replica=0)]) == {"w1"}
    assert store.leases.claim([worker_record("w2", host="h2", replica=0)]) == set()
    store.leases.release(["w1"])
    assert store.leases.wanted()[0].leases == ()
    assert store.leases.claim([worker_record("w2", host="h2", replica=0)]) == {"w2"}
    [wanted] = store.leases.wanted()
    assert store.leases.wanted_one("shop") == (wanted, ())
    assert [(lease.worker_id, lease.host_id) for lease in wanted.leases] == [("w2", "h2")]


def test_a_successor_on_the_same_host_has_the_lease_of_the_worker_before(store: Store) -> None:
    _project(store)
    store.projects.set_desired_state("shop", "running")
    store.leases.claim([worker_record("w1", replica=3)])
    for _ in range(2):  # also where the answer to the first was lost
        store.leases.hand_on("w1", worker_record("w2"))
    assert [(lease.worker_id, lease.replica) for lease in store.leases.wanted()[0].leases] == [("w2", 3)]


def test_a_worker_that_ends_frees_its_lease_and_one_that_runs_keeps_it(store: Store) -> None:
    _project(store)
    store.projects.set_desired_state("shop", "running")
    store.leases.claim([worker_record("w1", replica=0)])
    store.workers.save([worker_record("w1", status="running")])
    assert len(store.leases.wanted()[0].leases) == 1
    store.workers.save([worker_record("w1", status="stopping")])
    assert store.leases.wanted()[0].leases == ()


def test_workers_of_lost_hosts_stop_with_the_reason_and_free_their_leases(store: Store) -> None:
    _project(store)
    store.projects.set_desired_state("shop", "running")
    store.hosts.register(host_record("h1"))
    store.leases.claim([worker_record("w1", replica=0)])
    assert [worker.worker_id for worker in store.workers.alive("shop")] == ["w1"]
    assert store.workers.mark_lost(["h1"], "it is gone") == 1
    assert store.workers.alive("shop") == []
    assert store.leases.wanted()[0].leases == ()
    with store.database.reading() as session:
        row = session.get_one(WorkerRow, "w1")
        assert (row.status, row.details, row.replica) == ("stopped", {"reason": "it is gone"}, None)
        assert row.stopped_at is not None


def test_rows_of_workers_that_stopped_are_forgotten_after_a_while(store: Store) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=8)
    store.workers.save([worker_record("old", status="stopped", stopped_at=long_ago)])
    store.workers.save([worker_record("new", status="stopped", stopped_at=datetime.now(UTC))])
    store.workers.save([worker_record("running")])
    assert store.workers.forget(days=7) == 1
    assert _heartbeats(store).keys() == {"new", "running"}
