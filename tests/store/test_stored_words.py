"""Words in the tables that this version does not know: a product or a later version may have written them."""

from sqlalchemy import text

from support import worker_record
from workerhost.store import Store
from workerhost.words import DesiredState, WorkerStatus


def test_a_desired_state_that_is_no_word_counts_as_stopped(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)
    with store.database.writing() as session:
        session.execute(text("UPDATE projects SET desired_state = 'paused'"))
    assert store.projects.get("shop").desired_state == DesiredState.STOPPED
    assert store.leases.wanted() == []


def test_a_lease_with_the_status_of_a_later_version_is_read_and_does_not_count_as_polling(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)
    store.projects.set_desired_state("shop", DesiredState.RUNNING)
    store.leases.claim([worker_record("w", replica=0)])
    with store.database.writing() as session:
        session.execute(text("UPDATE workflow_workers SET status = 'warming'"))
    [wanted] = store.leases.wanted()
    assert [lease.status for lease in wanted.leases] == [WorkerStatus.STARTING]


def test_an_event_of_a_kind_that_is_new_is_shown_as_it_is(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)
    with store.database.writing() as session:
        session.execute(
            text(
                "INSERT INTO deployment_events (project_id, at, kind, message) "
                "VALUES ('shop', '2026-01-31 12:00:00', 'archived', '')"
            )
        )
    assert [event.kind for event in store.deployments.events("shop")] == ["archived"]
