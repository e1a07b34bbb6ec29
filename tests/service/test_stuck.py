"""Why a running execution does not go on, as its answer says it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.client import Client

from support import greeting, host_record, worker_record
from support.questions import note_questions
from workerhost.runtime.executions.stuck import no_worker
from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually

ORDER = '''
from datetime import timedelta

from pydantic import BaseModel
from temporalio import workflow


class Order(BaseModel):
    number: int


@workflow.defn
class Typed:
    @workflow.run
    async def run(self, order: Order) -> int:
        return order.number


@workflow.defn
class Imports:
    @workflow.run
    async def run(self) -> None:
        with workflow.unsafe.imports_passed_through():
            import nowhere_to_be_found


@workflow.defn
class ImportsName:
    @workflow.run
    async def run(self) -> None:
        from pydantic import nothing_of_this_name


@workflow.defn
class Raises:
    @workflow.run
    async def run(self) -> str:
        try:
            return price({})
        except KeyError as error:
            raise RuntimeError("no price") from error


def price(prices: dict) -> str:
    return prices["tea"]


@workflow.defn
class Calls:
    """Calls an activity, as its build has it."""

    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(name, start_to_close_timeout=timedelta(seconds=10))


@workflow.defn
class Waits:
    """Waits for a long time, or for a signal that does not come."""

    @workflow.run
    async def run(self, seconds: int) -> None:
        if seconds:
            await workflow.sleep(seconds)
        await workflow.wait_condition(lambda: False)
'''
ACTIVITIES = """
import time

from temporalio import activity


@activity.defn
def imports() -> str:
    import nowhere_to_be_found


@activity.defn
def fails_once() -> str:
    if activity.info().attempt == 1:
        raise RuntimeError("the first try")
    time.sleep(0.2)
    return "done"
"""


def _line(source: str, part: str) -> int:
    """Return the number of the first line that holds the part."""
    return next(number for number, line in enumerate(source.splitlines(), 1) if part in line)


BODY = {"version": "1", "workflowCode": ORDER, "activitiesCode": ACTIVITIES}


class OrderProject:
    """A project with workflows that do not go on.

    Args:
        api: of the service.
        project_id: is made.
    """

    def __init__(self, api: Api, project_id: str) -> None:
        self._api = api
        self.id = project_id
        api.deploy(project_id, "order", BODY)
        self.build = str(api.get(f"/workers/status/{project_id}")["buildId"])

    def begin(self, workflow_type: str, *args: Any) -> str:
        return self._api.begin(self.id, workflow_type, *args)

    def begin_unchecked(self, workflow_type: str, *args: Any) -> str:
        body = {"workflowType": workflow_type, "args": list(args)}
        return str(self._api.post(f"/projects/{self.id}/executions?unchecked=true", body)["workflowId"])

    def stuck(self, workflow_id: str) -> Any:
        """Return what the answer says now."""
        return self._api.get(f"/projects/{self.id}/executions/{workflow_id}")["stuck"]

    def becomes_stuck(self, workflow_id: str, code: str, *parts: str) -> Any:
        """Wait until the answer says so, and return what it says."""
        found = eventually(lambda: self.stuck(workflow_id))
        assert found["code"] == code, found
        assert [part for part in parts if part not in found["reason"]] == [], found
        assert set(found) == {"since", "reason", "code", "attempts"}
        assert "/" not in found["reason"], "a path of this machine"
        assert "\n" not in found["reason"]
        age = datetime.now(UTC) - datetime.fromisoformat(found["since"])
        assert timedelta(0) <= age < timedelta(seconds=60)
        return found


@pytest.fixture
def order(api: Api, project_id: str) -> OrderProject:
    return OrderProject(api, project_id)


def test_a_run_whose_task_fails_says_why_with_module_line_and_build(order: OrderProject) -> None:
    imports, raises = order.begin("Imports"), order.begin("Raises")
    build = f"of build {order.build[:12]}"
    found = order.becomes_stuck(
        imports,
        "workflow_task_fails",
        f"its workflow task fails: order.workflow, line {_line(ORDER, 'import nowhere')}, {build}: ",
        ": ModuleNotFoundError: No module named 'nowhere_to_be_found'",
    )
    assert found["attempts"] >= 1
    place = f"order.workflow, line {_line(ORDER, 'no price')}, {build}: "
    order.becomes_stuck(raises, "workflow_task_fails", f"{place}RuntimeError: no price: KeyError: 'tea'")
    name = "ImportError: cannot import name 'nothing_of_this_name' from 'pydantic'"
    order.becomes_stuck(order.begin("ImportsName"), "workflow_task_fails", name)


def test_a_run_whose_arguments_do_not_fit_says_which(order: OrderProject) -> None:
    wrong, missing = (order.begin_unchecked("Typed", *args) for args in ([{"number": "seven"}], []))
    fails = "workflow_task_fails"
    order.becomes_stuck(wrong, fails, "Failed decoding arguments", "1 validation error for Order number Input should")
    order.becomes_stuck(missing, fails, "Typed.run() missing 1 required positional argument: 'order'")


def test_a_run_whose_activity_fails_again_and_again_says_why_and_when_it_is_tried_next(order: OrderProject) -> None:
    run = order.begin("Calls", "imports")
    place = f"order.activities, line {_line(ACTIVITIES, 'import nowhere')}, of build {order.build[:12]}: "
    reason = f": {place}ModuleNotFoundError: No module named 'nowhere_to_be_found'; it is tried again "
    first = order.becomes_stuck(run, "activity_retries", "activity imports has failed ", reason)
    again = eventually(lambda: found if (found := order.stuck(run)) and found["attempts"] >= 2 else None)
    assert " times: order.activities" in again["reason"]
    assert again["since"] == first["since"]


def test_a_run_whose_activity_nobody_has_says_which_there_are(order: OrderProject) -> None:
    run = order.begin("Calls", "pack")
    reason = f"project {order.id} has no activity pack; there are: "
    order.becomes_stuck(run, "activity_unknown", reason, "fails_once, ", "; it is tried again at ")


def test_a_run_of_a_stopped_project_waits_for_a_worker_until_the_project_is_started(
    api: Api, order: OrderProject
) -> None:
    api.post("/workers/stop", {"projectId": order.id})
    waits, calls = order.begin("Waits", 0), order.begin("Calls", "fails_once")
    found = order.becomes_stuck(waits, "no_worker", f"project {order.id} is stopped")
    assert found["attempts"] == 0
    api.post("/workers/start", {"projectId": order.id})
    assert api.outcome(order.id, calls)["result"] == "done"
    eventually(lambda: order.stuck(waits) is None)


def test_a_run_whose_project_has_no_host_or_no_poller_says_so(
    api: Api, service: Service, order: OrderProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(no_worker, "YOUNG", timedelta(0))
    api.post("/workers/stop", {"projectId": order.id})
    api.put(f"/projects/{order.id}", {"settings": {"pool": "elsewhere"}})
    api.post("/workers/start?timeout=0.1", {"projectId": order.id})
    run = order.begin("Waits", 0)
    eventually(lambda: "elsewhere" in str(order.stuck(run)))
    order.becomes_stuck(run, "no_worker", f"project {order.id} does not take tasks yet: ")

    service.store.hosts.register(host_record("frozen"))
    service.store.workers.save([worker_record("frozen-worker", order.id, "frozen")])
    assert api.get(f"/workers/status/{order.id}")["status"] == "running"
    order.becomes_stuck(run, "no_worker", "has not asked for workflow tasks for more than 90 s")


def test_a_run_without_a_build_of_its_type_or_without_its_own_says_so(
    api: Api, service: Service, order: OrderProject, project_id: str
) -> None:
    path = f"/projects/{project_id}/workflows/greeting"

    async def start(client: Client) -> str:
        return (await client.start_workflow("Nothing", id=f"{project_id}-x", task_queue=f"{project_id}-queue")).id

    nothing = service.temporal.call(start)
    order.becomes_stuck(nothing, "no_build", f"build {order.build} defines no workflow type Nothing")

    old = str(api.put(path, greeting("A"))["buildId"])
    run = order.begin("Greeting", "Ada")
    eventually(lambda: api.get(f"/projects/{project_id}/executions/{run}")["buildId"])
    api.put(path, greeting("B"))
    with service.store.database.writing() as session:
        session.execute(text("DELETE FROM builds WHERE digest = :digest"), {"digest": old})
    for command in ("stop", "start"):
        api.post(f"/workers/{command}", {"projectId": project_id})
    api.post(f"/projects/{project_id}/executions/{run}/signal", {"name": "say", "args": ["bye"]})
    order.becomes_stuck(run, "no_build", f"build {old} of project {project_id} is not in the database")


def test_a_run_that_goes_on_or_has_ended_is_not_stuck_and_costs_one_description(
    api: Api, service: Service, order: OrderProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/projects/{order.id}/executions"
    runs = [order.begin("Waits", seconds) for seconds in (0, 3600)]
    done = order.begin("Calls", "fails_once")
    eventually(lambda: all(api.get(f"{path}/{run}")["buildId"] for run in runs))
    assert api.outcome(order.id, done)["stuck"] is None
    questions = note_questions(service, monkeypatch)
    answers = [api.get(f"{path}/{run}") for run in runs]
    assert [(each["status"], each["stuck"]) for each in answers] == [("RUNNING", None)] * 2
    assert sorted(questions.asked) == ["describe_workflow_execution"] * 2 + ["get_workflow_execution_history"] * 2
    assert all("stuck" not in each for each in api.get(path)["executions"])
