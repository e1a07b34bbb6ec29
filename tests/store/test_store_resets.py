"""The store keeps the resets that are under way, and forgets those whose hosts have died."""

import pytest
from sqlalchemy import update

from support import DATABASES
from workerhost.errors import ConflictError
from workerhost.store import Store
from workerhost.store.clock import ago
from workerhost.store.models import ResetRow
from workerhost.store.moves import MovedRun
from workerhost.store.resets import LONGEST_SECONDS
from workerhost.words import BuildId, RunId, WorkflowId

ORDER, OLD, NEW = WorkflowId("order-1"), RunId("old"), RunId("new")


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def project(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)


def test_hosts_learn_of_a_reset_and_of_the_build_that_its_new_run_has(store: Store) -> None:
    revision = store.resets.begin("shop", ORDER, OLD)
    deployment, moved, resets = store.deployments.get("shop")
    assert (deployment.revision, moved, resets) == (revision, {}, {ORDER: OLD})
    assert store.resets.build_of("shop", ORDER, OLD) == (None, False)
    assert store.resets.build_of("shop", ORDER, NEW) == (None, True)
    with pytest.raises(ConflictError, match="another call resets execution order-1"):
        store.resets.begin("shop", ORDER, OLD)
    run = MovedRun(NEW, ORDER, "Order", BuildId("a"), BuildId("b"))
    assert store.resets.end("shop", ORDER, run) == revision + 1
    assert store.resets.build_of("shop", ORDER, NEW) == ("b", False)
    assert store.deployments.get("shop")[1:] == ({NEW: "b"}, {})


def test_a_reset_whose_host_has_died_holds_up_nobody_and_is_forgotten(store: Store) -> None:
    store.resets.begin("shop", ORDER, OLD)
    store.resets.begin("shop", WorkflowId("order-2"), OLD)
    with store.database.writing() as session:
        session.execute(update(ResetRow).where(ResetRow.workflow_id == ORDER).values(began_at=ago(LONGEST_SECONDS + 1)))
    assert store.resets.build_of("shop", ORDER, NEW) == (None, False)
    store.resets.forget()
    assert store.deployments.get("shop")[2] == {"order-2": OLD}
    store.resets.begin("shop", ORDER, OLD)
