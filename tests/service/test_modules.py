"""A workflow has as many modules as it needs, and those of its project."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from support.orders import ACTIVITIES, MODULES, ORDER, OTHER, order, publish
from support.publishing import begin, end, replace_worker
from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually


@pytest.fixture
def shop(api: Api, project_id: str) -> str:
    """A project with the workflow `order` that runs."""
    api.put(f"/projects/{project_id}")
    publish(api, project_id, order())
    api.post("/workers/start", {"projectId": project_id})
    return project_id


def test_modules_import_each_other_and_share_classes_with_the_activities(api: Api, shop: str) -> None:
    assert api.run(shop, "Order", "tea") == [True, "tea for 3 EUR", 7, "EUR", "sent tea"]


def test_modules_are_part_of_the_build_and_of_the_version(api: Api, shop: str) -> None:
    changed = {"rules__limits": "LIMIT = 8\n"}
    answer = publish(api, shop, order(**changed), expect=409)
    assert answer["code"] == "version_exists"
    first = publish(api, shop, order())
    assert first["changed"] is False
    second = publish(api, shop, order("2", **changed))
    assert second["buildId"] != first["buildId"]
    assert api.run(shop, "Order", "tea")[2] == 8
    api.post(f"/projects/{shop}/deployment/rollback", {})
    assert api.run(shop, "Order", "tea")[2] == 7
    assert publish(api, shop, order("3"))["buildId"] == first["buildId"]


def test_a_run_that_waits_goes_on_with_the_modules_it_began_with(api: Api, project_id: str) -> None:
    source = """
from temporalio import workflow

from .marks import MARK
from .more.later import later


@workflow.defn
class Wait:
    def __init__(self) -> None:
        self.may_end = False

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: self.may_end)
        return [MARK, later()]

    @workflow.signal
    def end(self) -> None:
        self.may_end = True
"""
    api.put(f"/projects/{project_id}")

    def version(mark: str) -> dict[str, Any]:
        modules = {"marks": f"MARK = '{mark}'\n", "more.later": f"def later() -> str:\n    return '{mark}'\n"}
        return {"version": mark, "workflowCode": source, "modules": modules}

    publish(api, project_id, version("A"), "wait")
    api.post("/workers/start", {"projectId": project_id})
    begin(api, project_id, f"{project_id}-old", "Wait")
    eventually(lambda: api.get(f"/projects/{project_id}/executions/{project_id}-old")["buildId"])
    publish(api, project_id, version("B"), "wait")
    begin(api, project_id, f"{project_id}-new", "Wait")
    replace_worker(api, project_id)
    assert end(api, project_id, f"{project_id}-old") == ["A", "A"]
    assert end(api, project_id, f"{project_id}-new") == ["B", "B"]


@pytest.mark.parametrize(
    ("module", "source", "said"),
    [
        ("rules.prices", "x = 1\n\n\ny = (\n", "order.rules.prices, line 4: SyntaxError"),
        (
            "rules.prices",
            "\nfrom .nothing import x\n",
            "order.rules.prices, line 2: ModuleNotFoundError: No module named",
        ),
        ("rules.__init__", "\n\nraise ValueError('no')\n", "order.rules.__init__, line 3: ValueError: no"),
        ("..money", "\nimport nothing_such\n", "money, line 2: ModuleNotFoundError: No module named 'nothing_such'"),
        (
            "models",
            "\nimport rules.prices\n",
            "order.rules.__init__ is a module of the project, whose modules import each",
        ),
        ("mail", "\n" + ACTIVITIES, "activity load is defined twice"),
    ],
)
def test_a_module_that_does_not_load_is_named_with_its_line(
    api: Api, shop: str, module: str, source: str, said: str
) -> None:
    body = order("2")
    body["modules"][module] = source
    answer = publish(api, shop, body, expect=422)
    assert said in answer["error"]
    assert [each["versions"] for each in api.get(f"/projects/{shop}/workflows")["workflows"]] == [["1"]]
    assert api.run(shop, "Order", "tea")[2] == 7


def test_a_module_that_fails_while_it_runs_is_named_with_its_line(api: Api, shop: str) -> None:
    fails = "from ...money import amount\n\n\ndef price(order: object) -> str:\n    return 1 / 0\n"
    publish(api, shop, order("2", rules__prices=fails))
    begin(api, shop, f"{shop}-fails", "Order", "tea")
    stuck = eventually(lambda: api.get(f"/projects/{shop}/executions/{shop}-fails")["stuck"])
    assert "order.rules.prices, line 5" in stuck["reason"]


def test_workflows_in_further_modules_count_and_stay_in_the_sandbox(api: Api, project_id: str) -> None:
    flows = """
from temporalio import activity, workflow


@activity.defn
def beside() -> str:
    return "beside"


COUNT = []


@workflow.defn
class Counting:
    @workflow.run
    async def run(self) -> int:
        COUNT.append(1)
        return len(COUNT)
"""
    body = {"version": "1", "workflowCode": "from .flows import Counting\n", "modules": {"flows": flows}}
    body["activitiesCode"] = "from .flows import beside\n"
    api.deploy(project_id, "counting", body)
    assert [api.run(project_id, "Counting") for _ in range(3)] == [1, 1, 1]
    build = api.get(f"/projects/{project_id}/builds/current")
    assert (build["workflowTypes"], build["activities"]) == (["Counting"], ["beside"])


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        ({"2nd": ""}, "modules cannot have the name '2nd': it is not made of Python names"),
        ({"workflow": ""}, "modules cannot have the name 'workflow'"),
        ({"rules": "", "rules.prices": ""}, "modules cannot have the names rules and rules.prices"),
        ({f"m{number}": "" for number in range(201)}, "modules are 201, and a workflow may have 200 of them"),
        ({"models": 7}, "modules.models"),
        (["models"], "modules: "),
        ("models", "modules: "),
    ],
)
def test_what_is_no_set_of_modules_is_refused_in_each_call(api: Api, shop: str, modules: Any, said: str) -> None:
    body = {"version": "2", "workflowCode": ORDER, "modules": modules}
    path = f"/projects/{shop}/workflows"
    unpublished = {key: body[key] for key in ("workflowCode", "modules")}
    assert said in publish(api, shop, body, expect=400)["error"]
    assert said in api.put(path, {"workflows": [{"name": "order", **body}]}, 400)["error"]
    assert said in api.post(f"{path}/order/check", unpublished, expect=400)["error"]


def test_a_check_takes_modules(api: Api, shop: str) -> None:
    unpublished = {key: order()[key] for key in ("workflowCode", "activitiesCode", "modules")}
    answer = api.post(f"/projects/{shop}/workflows/order/check", unpublished)
    assert answer["buildId"] == api.get(f"/projects/{shop}/deployment")["currentBuild"]


def test_workflows_share_a_module_and_change_it_together(api: Api, shop: str) -> None:
    other = {"version": "1", "workflowCode": OTHER, "modules": {"..money": MODULES["..money"]}}
    publish(api, shop, other, "other")
    assert api.run(shop, "Other") == "3 EUR"
    money = MODULES["..money"].replace("3 EUR", "4 EUR")
    refused = publish(api, shop, order("2", **{"..money": money}), expect=422)
    assert refused["error"] == (
        "money: workflow order in version 2 and workflow other in version 1 bring different code as ..money, which the "
        "project has once; publish both with the same"
    )
    both = [{"name": "order", **order("2", **{"..money": money})}, {"name": "other", **other, "version": "2"}]
    both[1]["modules"] = {"..money": money}
    api.put(f"/projects/{shop}/workflows", {"workflows": both})
    assert api.run(shop, "Other") == "4 EUR"
    assert api.post(f"/projects/{shop}/workflows/other/activate", {"version": "1"}, expect=422)["problems"]
    api.post(f"/projects/{shop}/deployment/rollback", {})
    assert (api.run(shop, "Other"), api.run(shop, "Order", "tea")[1]) == ("3 EUR", "tea for 3 EUR")


def test_a_workflow_that_brings_nothing_for_the_project_is_rolled_back_as_it_was(api: Api, shop: str) -> None:
    alone = {"version": "1", "workflowCode": OTHER}
    publish(api, shop, alone, "other")
    publish(api, shop, {**alone, "version": "2", "workflowCode": f"{OTHER}\n# 2\n"}, "other")
    api.post(f"/projects/{shop}/deployment/rollback", {})
    publish(api, shop, alone, "other")
    assert api.run(shop, "Other") == "3 EUR"
    refused = api.call("DELETE", f"/projects/{shop}/workflows/order", None, 422)
    assert refused["error"].startswith("other.workflow, line 4: ModuleNotFoundError: No module named 'money'")


def test_modules_that_a_product_writes_itself_are_taken(api: Api, service: Service, shop: str) -> None:
    modules = json.dumps(MODULES | {"rules.limits": "LIMIT = 9\n"})
    write_modules(service, shop, modules)
    api.post("/workflows/reload", {"workflowId": f"{shop}/order"})
    assert api.run(shop, "Order", "tea")[2] == 9


@pytest.mark.parametrize("written", ["{broken", '["models"]', '"models"', "7", '{"models": 7}', '{"2nd": ""}'])
def test_what_a_product_writes_in_place_of_modules_is_refused(
    api: Api, service: Service, shop: str, written: str
) -> None:
    write_modules(service, shop, written)
    for answer in (
        api.post("/workflows/reload", {"workflowId": f"{shop}/order"}, expect=422),
        api.get(f"/projects/{shop}/workflows/order/versions/1", expect=422),
    ):
        assert answer["error"].startswith("modules of workflow order ")
    assert api.run(shop, "Order", "tea")[2] == 7


def write_modules(service: Service, project_id: str, modules: str) -> None:
    """Write what stands for the modules of `order` into its row, as a product would."""
    statement = text("UPDATE workflow_compiled_code SET modules = :modules WHERE workflow_id = :id")
    with service.store.database.writing() as session:
        session.execute(statement, {"modules": modules, "id": f"{project_id}/order"})
