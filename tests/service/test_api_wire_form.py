"""The JSON of every route stays as it is written down beside this module: keys, their order, what is null or left out.

What differs from run to run (ids, times, durations) is masked. Where a change is meant, the answers that the failing
test writes into its folder replace `wire_form.txt`.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from temporalio import activity

from support import GREETING, greeting, wire_runs
from support.lists_compiler import ListsCompiler
from support.log_lines import log_line
from support.publishing import work
from support.wire import Wire, has_build
from workerhost import ActivitySet, hookimpl
from workerhost.api.app import create_app
from workerhost.runtime.service import Service
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.settings import Settings
from workerhost.testing import ECHO, eventually, running_service

WIRE_FORM = Path(__file__).with_name("wire_form.txt")


@activity.defn
def measure(length: int) -> str:
    """Measure something.

    This is not shown.
    """
    return str(length)


class Measuring:
    """A plugin with one activity, whose JSON is looked at; others may be installed."""

    @hookimpl
    def workerhost_register_activity_sets(self) -> list[ActivitySet]:
        return [ActivitySet("measures", [measure])]


@pytest.fixture
def wire_service(temporal: EmbeddedTemporal, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    with running_service(settings, {"interfering": Measuring(), "lists": ListsCompiler()}) as service:
        yield service


def test_every_answer_has_the_keys_in_the_order_that_is_written_down(wire_service: Service, tmp_path: Path) -> None:
    wire = Wire(create_app(wire_service))
    _installation(wire)
    _project_and_worker(wire)
    _publishing(wire)
    wire_runs.executions(wire)
    wire_runs.schedules(wire)
    wire_runs.batches(wire)
    _deployment(wire)
    _refusals(wire)
    wire_runs.webhooks(wire)
    wire_runs.variables(wire)
    _logs(wire, wire_service)
    wire_runs.reports(wire)
    wire_runs.control(wire)
    wire_runs.drawings(wire)
    _end(wire)
    found = "\n".join(wire.answers)
    (tmp_path / WIRE_FORM.name).write_text(found)
    assert found == WIRE_FORM.read_text(), f"the answers of this run are in {tmp_path / WIRE_FORM.name}"


def _logs(wire: Wire, service: Service) -> None:
    path = "/projects/shop/logs?node=wire"
    where = {
        "workflow_id": "told",
        "run_id": "run-1",
        "workflow_type": "Greeting",
        "build_id": "abc",
        "activity": "say",
    }
    for more in ({}, {**where, "activity": "say", "attempt": 2, "logger": "shop", "fields": {"n": 1}}):
        service.observation.logs.take(log_line("said", "shop", node="wire", at=datetime.now(UTC), **more))
    eventually(lambda: len(wire.look(path)["lines"]) == 2)
    wire.call("GET", path)
    wire.call("GET", f"{path}&limit=1", shown=lambda values: [*values])
    wire.call("GET", f"{path}&limit=0")
    wire.call("GET", "/projects/nobody/logs")


def _installation(wire: Wire) -> None:
    def named(key: str, name: str) -> Callable[[Any], Any]:
        return lambda values: [list(values), next(each for each in values[key] if each["name"] == name)]

    wire.call("GET", "/health")
    wire.call("GET", "/ready")
    wire.call("GET", "/plugins", shown=named("plugins", "interfering"))
    wire.call("GET", "/activities", shown=named("activities", "measure"))
    hosts = wire.look("/hosts")["hosts"]
    here: dict[str, Any] = {"plugins": {}, "isolation": []}
    wire.call("GET", "/hosts", shown=lambda values: values | {"hosts": [each | here for each in hosts]})
    wire.call("GET", "/retention")


def _project_and_worker(wire: Wire) -> None:
    wire.call("GET", "/projects")
    wire.call("PUT", "/projects/shop", {})
    wire.call("PUT", "/projects/shop", {"name": "The shöp", "settings": {"replicas": 1, "maxConcurrentActivities": 5}})
    wire.call("GET", "/projects/shop")
    wire.call("GET", "/projects")
    wire.call("GET", "/workers/status/shop")
    wire.call("GET", "/projects/shop/workflows")
    wire.call("GET", "/projects/shop/deployment")
    wire.call("GET", "/projects/shop/workflow-types")
    wire.call("PUT", "/projects/shop/workflows/greeting?dryRun=true", greeting("A"))
    wire.call("PUT", "/projects/shop/workflows/greeting", greeting("A"))
    wire.call("GET", "/projects/shop/workflow-types")
    wire.call("GET", "/projects/shop/activities", shown=_known_activities)
    wire.call("POST", "/workers/start", {"projectId": "shop"})
    wire.call("GET", "/workers")
    wire.call("GET", "/workers/status/shop")
    wire.call("POST", "/workers/restart", {"projectId": "shop"})
    wire.call("PUT", "/projects/lost", {"settings": {"pool": "elsewhere"}})
    wire.call("PUT", "/projects/lost/workflows/echo", {"version": "1", "workflowCode": ECHO})
    wire.call("POST", "/workers/start?timeout=0.1", {"projectId": "lost"})
    eventually(lambda: wire.look("/workers/status/lost")["error"])
    wire.call("GET", "/workers/status/lost")


def _known_activities(values: Any) -> Any:
    return values | {"activities": [each for each in values["activities"] if each["name"] in ("greet", "measure")]}


def _publishing(wire: Wire) -> None:
    def echo(version: str, text: str = "echo:") -> dict[str, Any]:
        return {"version": version, "workflowCode": ECHO.replace("echo:", text)}

    smoke = {"workflowType": "Echo", "args": ["tea"]}
    wire.call("PUT", "/projects/shop/workflows/greeting", greeting("A"))
    wire.call("PUT", "/projects/shop/workflows/echo", echo("1"))
    wire.call("PUT", "/projects/shop/workflows/echo", {**echo("2", "2:"), "smoke": smoke})
    wire.call("PUT", "/projects/shop/workflows/echo", {**echo("3", "3:"), "ramp": 25, "smoke": smoke})
    wire.call("GET", "/projects/shop/deployment", shown=lambda values: values["ramp"])
    ramp = {"percent": 50, "failureThreshold": 0.5, "minimumRuns": 7}
    wire.call("PUT", "/projects/shop/workflows/echo", {**echo("3", "3:"), "ramp": ramp})
    wire.call("POST", "/projects/shop/deployment/promote")
    wire.call("PUT", "/projects/shop/workflows/echo", {**echo("4", "4:"), "ramp": 12.5})
    wire.call("POST", "/projects/shop/deployment/rollback")
    wire.call("POST", "/projects/shop/deployment/rollback", {"version": "3", "workflow": "echo"})
    several = [{"name": "echo", **echo("5", "5:")}, {"name": "other", **echo("1")}]
    several[1]["workflowCode"] = several[1]["workflowCode"].replace("class Echo", "class Other")
    wire.call("PUT", "/projects/shop/workflows?dryRun=true", {"workflows": several})
    wire.call("PUT", "/projects/shop/workflows", {"workflows": several})
    wire.call("POST", "/projects/shop/workflows/echo/activate", {"version": "1"})
    wire.call("GET", "/projects/shop/workflows")
    wire.call("GET", "/projects/shop/workflows/other/versions/1")
    wire.call("GET", "/projects/shop/workflows/echo/versions/5/diff?from=4")
    wire.call("GET", "/projects/shop/builds/current")
    wire.call("GET", "/projects/shop/builds/current/diff?from=current")
    wire.call("DELETE", "/projects/shop/workflows/other")
    wire.call("POST", "/workflows/reload", {"workflowId": "shop/echo"})


def _deployment(wire: Wire) -> None:
    path = "/projects/shop"
    first = wire.look(f"{path}/deployment")["currentBuild"]
    for name in ("one", "two"):
        wire.call("POST", f"{path}/executions", {"workflowType": "Greeting", "args": ["Ada"], "workflowId": name})
        eventually(partial(has_build, wire, f"{path}/executions/{name}"))
    other = greeting("B") | {"workflowCode": greeting("B")["workflowCode"].replace("activity(greet", "activity('say'")}
    unpublished = {key: other[key] for key in ("workflowCode", "activitiesCode")} | {"sample": 1}
    wire.call("PUT", f"{path}/workflows/greeting", greeting("C"))
    eventually(lambda: 2 in [each["openRunCount"] for each in wire.look(f"{path}/deployment")["builds"]])
    wire.call("GET", f"{path}/deployment")
    wire.call("POST", f"{path}/workflows/greeting/check", unpublished)
    wire.call("POST", f"{path}/executions/one/move", {"build": "current"})
    wire.call("POST", f"{path}/executions/one/move", {"build": "current"})
    eventually(lambda: 1 in [each["openRunCount"] for each in wire.look(f"{path}/deployment")["builds"]])
    begun = wire.call("POST", f"{path}/deployment/move?timeout=0", {"from": first, "to": "current"})
    move = f"{path}/deployment/moves/{begun['moveId']}"
    eventually(lambda: wire.look(move)["status"] != "running")
    wire.call("GET", move)
    wire.call("PUT", f"{path}/workflows/greeting", other)
    wire.call("POST", f"{path}/executions/one/move", {"build": "current"})
    source = wire.look(f"{path}/executions/two")["buildId"]
    eventually(lambda: 2 in [each["openRunCount"] for each in wire.look(f"{path}/deployment")["builds"]])
    wire.call("POST", f"{path}/deployment/move", {"from": source, "to": "current"})


def _refusals(wire: Wire) -> None:
    wire.call("GET", "/nothing")
    wire.call("DELETE", "/health")
    wire.call("GET", "/projects/nothing")
    wire.call("POST", "/workers/start", {})
    wire.call("POST", "/workers/start")
    wire.call("PUT", "/projects/shop/workflows/echo", {"version": "9", "workflowCode": "\nx = ("})
    wire.call("PUT", "/projects/shop/workflows/echo", {"version": "1", "workflowCode": GREETING})
    smoke = {"workflowType": "Work", "args": ["fail"], "timeoutSeconds": 20}
    wire.call("PUT", "/projects/shop/workflows/work", {**work("2"), "smoke": smoke})


def _end(wire: Wire) -> None:
    wire.call("POST", "/workers/stop", {"projectId": "shop"})
    wire.call("GET", "/workers/status/shop")
    wire.call("DELETE", "/projects/shop")
