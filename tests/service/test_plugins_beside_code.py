"""Activities of plugins run in the host, or beside the code of the project that calls them."""

import os
from collections.abc import Mapping

import pytest
from temporalio import activity

from support.callers import CALLER
from support.places import Places
from workerhost import ActivitySet, hookimpl
from workerhost.testing import Api, eventually
from workerhost.words import Isolation


def _misplaced() -> list[ActivitySet]:
    @activity.defn
    def local() -> None:
        """Have no name at the top level of a module."""

    return [ActivitySet("misplaced", [local], beside_code=True)]


class Misplaced:
    """Contributes what cannot leave the host."""

    @hookimpl
    def workerhost_register_activity_sets(self) -> list[ActivitySet]:
        return _misplaced()


@pytest.fixture
def plugins() -> Mapping[str, object]:
    """Plugins whose activities say where they run."""
    return {"places": Places(), "misplaced": Misplaced()}


@pytest.fixture
def caller(api: Api, project_id: str) -> str:
    """A project that calls any activity."""
    api.deploy(project_id, "caller", {"version": "1", "workflowCode": CALLER})
    return project_id


def test_activities_run_where_their_plugin_says(api: Api, caller: str, isolation: Isolation) -> None:
    [word, process, address, project] = api.run(caller, "Caller", "here", ["a"])
    assert (word, process, project) == ("a", os.getpid(), caller)
    assert address
    [word, process, address, project] = api.run(caller, "Caller", "there", ["b"])
    assert (word, project) == ("b", caller)
    assert (process == os.getpid(), address is None) == ((False, True) if isolation == "process" else (True, False))


def test_input_that_does_not_fit_is_named_there_too(api: Api, caller: str) -> None:
    run = api.begin(caller, "Caller", "there", [1, 2])
    assert "there cannot be called with 2 argument(s)" in api.outcome(caller, run)["error"]


def test_a_cancellation_reaches_it_there(api: Api, caller: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "workerhost.project")
    run = api.begin(caller, "Caller", "there_until_cancelled", [])
    eventually(lambda: "there it begins" in caplog.text)
    api.post(f"/projects/{caller}/executions/{run}/cancel")
    eventually(lambda: "there it ends" in caplog.text)
    assert api.outcome(caller, run)["status"] == "CANCELED"


def test_an_activity_that_cannot_leave_the_host_disables_its_plugin(api: Api) -> None:
    [plugin] = [each for each in api.get("/plugins")["plugins"] if each["name"] == "misplaced"]
    assert "is no function at the top level of a module" in plugin["error"]
