"""A host that ends takes up no more moves of many runs: those that are under way are left to others."""

import pytest

from support import greeting
from support.runs import Runs
from workerhost.runtime.service import Service
from workerhost.store.moves import BuildMove
from workerhost.testing import Api
from workerhost.words import BuildId, HostId


@pytest.fixture
def runs(api: Api, service: Service, project_id: str) -> Runs:
    return Runs(api, service, project_id, "greeting", greeting("A"))


def test_a_host_that_ends_takes_no_moves_over_and_begins_none(runs: Runs, caplog: pytest.LogCaptureFixture) -> None:
    build = runs.publish(greeting("B"))
    first, last, gone = BuildId(runs.first_build), BuildId(build), HostId("a-host-that-is-gone")
    left = runs.service.store.moves.begin(BuildMove("left", runs.project_id, first, last, gone))

    runs.service.build_mover.stop()
    runs.service.build_mover.take_over_moves()
    assert runs.service.store.moves.get(runs.project_id, left.id).host_id == gone
    assert runs.move_all(build, runs.first_build, expect=503)["code"] == "host_stopping"
    runs.service.build_mover.stop()
    assert "Traceback" not in caplog.text
