"""The store keeps batches: whoever works on them, and whatever is asked of them meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from support import DATABASES, host_record
from workerhost.errors import ConflictError, NotFoundError
from workerhost.store import Store
from workerhost.store.batches import ENDED_KEPT, MOST_OPEN, Batch
from workerhost.store.models import BatchRow
from workerhost.testing import unique_id
from workerhost.words import BatchOperation, BatchStatus

HOST, OTHER = "host-1", "host-2"


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def projects(store: Store) -> None:
    for project_id in ("shop", "club"):
        store.projects.put(project_id, name=None, task_queue=None, settings=None)
    for host_id in (HOST, OTHER):
        store.hosts.register(host_record(host_id))


def _add(store: Store, project_id: str = "shop") -> Batch:
    batch = Batch(unique_id("batch"), project_id, BatchOperation.CANCEL)
    store.batches.add(batch, {"filter": {"n": [1]}})
    return store.batches.get(project_id, batch.id)


def _claimed(store: Store, host_id: str = HOST) -> Batch:
    batch = store.batches.claim(host_id, ())
    assert batch is not None
    return batch


def test_a_batch_waits_until_a_host_takes_it_and_keeps_what_is_to_be_done_until_its_end(store: Store) -> None:
    added = _add(store)
    assert (added.status, added.host_id, added.total, added.ended_at) == ("waiting", None, 0, None)
    claimed = _claimed(store)
    assert (claimed.id, claimed.status, claimed.host_id) == (added.id, "running", HOST)
    assert store.batches.arguments(added.id) == {"filter": {"n": [1]}}
    further = replace(claimed, total=3, done=1, failed=1, failures=[{"workflowId": "a", "reason": "b"}], position="x")
    assert store.batches.save(further) == "running"
    assert store.batches.get("shop", added.id) == further
    assert store.batches.save(replace(further, done=2, status=BatchStatus.COMPLETED)) == "completed"
    ended = store.batches.get("shop", added.id)
    assert (ended.status, ended.done, ended.failed, ended.position) == ("completed", 2, 1, "x")
    assert ended.ended_at is not None
    assert store.batches.arguments(added.id) == {}
    assert store.batches.save(further) is None
    assert store.batches.claim(HOST, ()) is None


def test_batches_of_one_project_take_turns_and_those_of_others_do_not_wait_for_them(store: Store) -> None:
    first, second, others = _add(store), _add(store), _add(store, "club")
    assert _claimed(store).id == first.id
    assert _claimed(store, OTHER).id == others.id
    assert store.batches.claim(HOST, [first.id]) is None
    store.batches.save(replace(first, host_id=HOST, status=BatchStatus.COMPLETED))
    assert _claimed(store, OTHER).id == second.id


def test_a_batch_is_taken_over_where_no_host_works_on_it(store: Store) -> None:
    added = _add(store)
    claimed = _claimed(store)
    assert store.batches.claim(OTHER, ()) is None
    assert _claimed(store).id == added.id  # its thread has ended
    store.batches.save(replace(claimed, done=5, position="five"))
    store.hosts.remove([HOST])
    taken = _claimed(store, OTHER)
    assert (taken.id, taken.host_id, taken.done, taken.position) == (added.id, OTHER, 5, "five")
    assert store.batches.save(replace(claimed, done=9)) is None
    assert store.batches.get("shop", added.id).done == 5


def test_a_batch_that_is_handed_over_waits_for_another_host(store: Store) -> None:
    added = _add(store)
    handed_over = replace(_claimed(store), done=2, status=BatchStatus.WAITING)
    assert store.batches.save(handed_over) == "waiting"
    taken = _claimed(store, OTHER)
    assert (taken.id, taken.done, taken.status) == (added.id, 2, "running")


def test_a_stop_ends_what_waits_at_once_and_what_is_worked_on_when_its_host_has_seen_it(store: Store) -> None:
    waiting = _add(store)
    for _ in range(2):
        stopped = store.batches.stop("shop", waiting.id)
        assert (stopped.status, stopped.ended_at is not None) == ("stopped", True)
    added = _add(store)
    claimed = _claimed(store)
    for _ in range(2):
        assert store.batches.stop("shop", added.id).status == "stopping"
    assert store.batches.save(replace(claimed, done=1)) == "stopping"
    assert store.batches.save(replace(claimed, done=2, status=BatchStatus.WAITING)) == "stopped"
    assert store.batches.stop("shop", added.id).status == "stopped"
    with pytest.raises(NotFoundError, match="project club has no batch"):
        store.batches.stop("club", added.id)


def test_hosts_that_look_at_once_get_a_batch_each(store: Store) -> None:
    for number in range(6):
        store.projects.put(f"project-{number}", name=None, task_queue=None, settings=None)
        _add(store, f"project-{number}")
    hosts = [f"busy-{number}" for number in range(6)]
    for host_id in hosts:
        store.hosts.register(host_record(host_id))
    with ThreadPoolExecutor(6) as executor:
        claimed = list(executor.map(lambda host_id: store.batches.claim(host_id, ()), hosts))
    ids = [batch.id for batch in claimed if batch]
    assert len(ids) == len(set(ids)) >= 1


def test_a_project_has_a_bound_of_batches_and_its_pages_come_newest_first(store: Store) -> None:
    added = [_add(store).id for _ in range(MOST_OPEN)]
    with pytest.raises(ConflictError, match="have not ended yet"):
        _add(store)
    with pytest.raises(NotFoundError, match="does not exist"):
        _add(store, "nobody")
    _add(store, "club")
    found: list[str] = []
    before = None
    while page := store.batches.page("shop", 7, before):
        found += [batch.id for batch in page]
        assert page[-1].created_at is not None
        before = (page[-1].created_at, page[-1].id)
    assert len(found) == len(added)
    assert set(found) == set(added)
    times = [str(batch.created_at) for batch in store.batches.page("shop", 100, None)]
    assert times == sorted(times, reverse=True)


def test_what_has_ended_is_forgotten_in_time(store: Store) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=31)
    open_one = _add(store)
    with store.database.writing() as session:
        for number in range(ENDED_KEPT + 5):
            at = (long_ago if number < 10 else datetime.now(UTC)) - timedelta(minutes=number)
            session.add(
                BatchRow(
                    id=f"old-{number}",
                    project_id="shop",
                    operation="cancel",
                    arguments={},
                    status="completed",
                    created_at=at,
                    ended_at=at,
                )
            )
    _add(store)
    kept = store.batches.page("shop", 1000, None)
    assert len([batch for batch in kept if batch.ended_at]) == ENDED_KEPT
    store.batches.forget(30)
    left = store.batches.page("shop", 1000, None)
    assert open_one.id in {batch.id for batch in left}
    assert all(batch.ended_at is None or batch.ended_at > long_ago for batch in left)
    store.projects.delete("shop")
    assert store.batches.page("shop", 1000, None) == []
