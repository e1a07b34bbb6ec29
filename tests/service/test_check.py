"""Code that is not published is tried on the runs that are there, before anybody relies on it."""

from typing import Any

import pytest

from support.runs import Runs
from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually

SHOP = '''
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def step() -> str:
    return "MARK"


async def stepped() -> str:
    return await workflow.execute_activity(step, start_to_close_timeout=timedelta(seconds=10))


class Held:
    def __init__(self) -> None:
        self.is_let_go = False

    @workflow.signal
    def let_go(self) -> None:
        self.is_let_go = True


@workflow.defn
class Order(Held):
    """Does its step at once, and waits unless it need not."""

    @workflow.run
    async def run(self, waits: bool) -> str:
        BEFORE
        done = await stepped()
        await workflow.wait_condition(lambda: self.is_let_go or not waits)
        return f"{done} MARK"


@workflow.defn
class Invoice(Held):
    """Waits unless it need not, and does its step then."""

    @workflow.run
    async def run(self, waits: bool) -> str:
        await workflow.wait_condition(lambda: self.is_let_go or not waits)
        return await stepped()
'''
SLEEP = "await workflow.sleep(0.01)"


def _shop(mark: str, before: str = "pass") -> dict[str, Any]:
    return {"version": mark, "workflowCode": SHOP.replace("MARK", mark).replace("BEFORE", before)}


def _sources(body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "version"} | more


@pytest.fixture
def runs(api: Api, service: Service, project_id: str) -> Runs:
    """Two open orders, one open invoice, three closed orders and two closed invoices."""
    made = Runs(api, service, project_id, "shop", _shop("A"))
    for workflow_type, waiting, closed in (("Order", 2, 3), ("Invoice", 1, 2)):
        for _ in range(waiting):
            made.begin(workflow_type, True)
        for _ in range(closed):
            assert api.run(project_id, workflow_type, False)
    made.wait_until_listed(3)
    eventually(lambda: len(api.get(f"{made.path}/executions")["executions"]) == 8)
    return made


def test_the_check_counts_open_and_recent_runs_of_each_type(runs: Runs) -> None:
    before = _stored(runs)
    answer = runs.check(_sources(_shop("B")))
    build = answer.pop("buildId")
    assert answer == {
        "success": True,
        "message": "The code loads, and 8 of 8 runs would replay on it",
        "replays": True,
        "checked": 8,
        "replayed": 8,
        "types": {
            "Invoice": {"open": {"checked": 1, "replayed": 1}, "recent": {"checked": 2, "replayed": 2}},
            "Order": {"open": {"checked": 2, "replayed": 2}, "recent": {"checked": 3, "replayed": 3}},
        },
        "diverged": [],
    }
    assert build != runs.first_build == runs.current_build()
    assert _stored(runs) == before
    assert runs.publish(_shop("B")) == build


@pytest.mark.parametrize(("sample", "orders", "invoices"), [(0, 0, 0), (1, 1, 1), (2, 2, 2), (3, 3, 2)])
def test_the_sample_bounds_the_recent_runs_of_each_type(runs: Runs, sample: int, orders: int, invoices: int) -> None:
    answer = runs.check(_sources(_shop("B"), sample=sample))
    assert answer["types"]["Order"]["open"] == {"checked": 2, "replayed": 2}
    assert answer["types"]["Order"]["recent"] == {"checked": orders, "replayed": orders}
    assert answer["types"]["Invoice"]["recent"] == {"checked": invoices, "replayed": invoices}
    assert answer["checked"] == 3 + orders + invoices


def test_runs_that_would_not_replay_are_named_with_the_event(runs: Runs) -> None:
    answer = runs.check(_sources(_shop("B", SLEEP)))
    assert (answer["replays"], answer["checked"], answer["replayed"]) == (False, 8, 3)
    assert answer["message"] == "The code loads, and 3 of 8 runs would replay on it"
    assert answer["types"] == {
        "Invoice": {"open": {"checked": 1, "replayed": 1}, "recent": {"checked": 2, "replayed": 2}},
        "Order": {"open": {"checked": 2, "replayed": 0}, "recent": {"checked": 3, "replayed": 0}},
    }
    assert sorted(each["status"] for each in answer["diverged"]) == ["COMPLETED"] * 3 + ["RUNNING"] * 2
    for each in answer["diverged"]:
        assert each["workflowType"] == "Order"
        assert each["event"] == {"id": 7, "type": "ActivityTaskScheduled"}
        assert each["runId"] == runs.show(each["workflowId"])["runId"]
        assert each["reason"]


def test_a_workflow_that_the_code_leaves_out_does_not_replay(runs: Runs) -> None:
    code = SHOP[: SHOP.index("@workflow.defn\nclass Invoice")].replace("BEFORE", "pass")
    answer = runs.check({"workflowCode": code})
    assert answer["types"]["Invoice"] == {
        "open": {"checked": 1, "replayed": 0},
        "recent": {"checked": 2, "replayed": 0},
    }
    assert answer["types"]["Order"]["open"]["replayed"] == 2
    for each in answer["diverged"]:
        assert each["workflowType"] == "Invoice"
        assert "defines no workflow type Invoice" in each["reason"]


def test_a_check_disturbs_no_run(runs: Runs) -> None:
    executions = runs.api.get(f"{runs.path}/executions")["executions"]
    [open_order, _] = [each for each in executions if (each["workflowType"], each["status"]) == ("Order", "RUNNING")]
    before = runs.history(open_order["workflowId"])
    runs.check(_sources(_shop("B", SLEEP)))
    assert runs.history(open_order["workflowId"]) == before
    runs.signal(open_order["workflowId"], "let_go")
    assert runs.result(open_order["workflowId"]) == "A A"


def test_code_that_does_not_load_is_refused_and_nothing_is_stored(runs: Runs) -> None:
    before = _stored(runs)
    answer = runs.check({"workflowCode": "def broken(:\n"}, expect=422)
    assert answer["code"] == "build_refused"
    assert [problem["line"] for problem in answer["problems"]] == [1]
    assert _stored(runs) == before


def _stored(runs: Runs) -> tuple[Any, list[str]]:
    digests = [each["digest"] for each in runs.api.get(f"{runs.path}/deployment")["builds"]]
    return runs.api.get(f"{runs.path}/workflows"), digests


def test_a_check_that_asks_for_nonsense_is_refused(runs: Runs) -> None:
    for body in ({}, _sources(_shop("B"), sample=-1), _sources(_shop("B"), sample="2"), _shop("B")):
        assert runs.check(body, expect=400)["code"] == "invalid_request"
    path = "/projects/nobody/workflows/shop/check"
    assert runs.api.post(path, _sources(_shop("B")), 404)["code"] == "project_not_found"
