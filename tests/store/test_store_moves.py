"""The store keeps moved runs, and moves of many, whoever works on them at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from support import DATABASES, host_record
from workerhost.store import Store
from workerhost.store.moves import BuildMove, MovedRun
from workerhost.testing import unique_id

HOST = "host-1"


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def project(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)


def _run(number: int, to_build: str) -> MovedRun:
    return MovedRun(f"run-{number}", f"id-{number}", "Echo", "d1", to_build)


def _begin(store: Store) -> BuildMove:
    return store.moves.begin(BuildMove(unique_id("move"), "shop", "d1", "d2", HOST))


def _targets(store: Store) -> dict[str, str]:
    return {run.run_id: run.to_build for run in store.moves.runs("shop")}


def test_runs_are_moved_again_and_back(store: Store) -> None:
    revisions = [
        store.moves.add_run("shop", run) for run in (_run(0, "d2"), _run(1, "d2"), _run(1, "d3"), _run(0, "d1"))
    ]
    assert revisions == sorted(set(revisions))
    assert _targets(store) == {"run-1": "d3"}
    assert store.moves.target("shop", "run-0") is None
    last = store.deployments.events("shop")[0]
    assert (last.build, last.message) == ("d1", "execution id-0 goes on with this build")


def test_runs_that_are_moved_together_are_moved_with_the_progress(store: Store) -> None:
    move = _begin(store)
    store.moves.add_run("shop", _run(0, "d3"))
    assert store.moves.advance(replace(move, moved=3), [_run(number, "d2") for number in range(3)])
    assert store.moves.advance(replace(move, moved=4), [_run(0, "d1")])
    assert _targets(store) == {"run-1": "d2", "run-2": "d2"}
    assert store.moves.get("shop", move.id).moved == 4
    assert not store.moves.advance(replace(move, moved=5, host_id="another"), [_run(4, "d2")])
    assert _targets(store) == {"run-1": "d2", "run-2": "d2"}
    assert store.moves.get("shop", move.id).moved == 4


def test_calls_that_move_the_same_runs_at_once_take_turns(store: Store) -> None:
    move = _begin(store)
    runs = [_run(number, "d2") for number in range(20)]
    with ThreadPoolExecutor(8) as executor:
        many = executor.map(lambda _: store.moves.advance(move, runs), range(16))
        one = executor.map(lambda number: store.moves.add_run("shop", _run(number, "d3")), range(16))
        assert all(many)
        assert len(set(one)) == 16
    assert len(_targets(store)) == 20


def test_a_move_is_taken_over_where_no_host_works_on_it(store: Store) -> None:
    for host_id in (HOST, "host-2"):
        store.hosts.register(host_record(host_id))
    move = _begin(store)
    assert _begin(store).id == move.id
    assert store.moves.take_over("host-2", ()) == []
    assert store.moves.take_over(HOST, [move.id]) == []
    assert [each.id for each in store.moves.take_over(HOST, ["another"])] == [move.id]  # its thread has ended
    store.hosts.remove([HOST])
    [taken] = store.moves.take_over("host-2", ())
    assert (taken.id, taken.host_id) == (move.id, "host-2")
    assert not store.moves.save(replace(move, status="completed"))
    assert store.moves.save(replace(taken, status="completed"))
    assert store.moves.take_over("host-2", ()) == []
    assert [event.kind for event in store.deployments.events("shop")] == ["moved"]
