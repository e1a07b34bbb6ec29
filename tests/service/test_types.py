"""What the types of a project's code take: shown, kept with each build, and refused where it does not fit."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from support.publishing import WORK
from support.refusals import refused
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, eventually

ORDERS = '''
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field
from temporalio import workflow
from temporalio.common import RawValue


class Item(BaseModel):
    name: str = Field(pattern=r"^(a+)+$")
    amount: int = Field(ge=1)


class OrderInput(BaseModel):
    customer: str
    items: list[Item] = []


@dataclass
class Receipt:
    total: float
    paid: bool = False


@workflow.defn
class Order:
    """Takes an order.

    And more than that.
    """

    def __init__(self) -> None:
        self.is_closed = False

    @workflow.run
    async def run(self, order: OrderInput) -> Receipt:
        await workflow.wait_condition(lambda: self.is_closed)
        return Receipt(len(order.items))

    @workflow.signal
    def close(self, reason: str, code: int = 0) -> None:
        """Close it."""
        self.is_closed = True

    @workflow.query
    def total(self) -> float:
        return 1.5

    @workflow.update(name="add-item")
    async def add(self, item: Item) -> int:
        return item.amount


@workflow.defn
class Anything:
    @workflow.run
    async def run(self, value) -> str:
        return type(value).__name__


@workflow.defn
class Open:
    def __init__(self) -> None:
        self.got: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: len(self.got) > 0)
        return self.got

    @workflow.signal(dynamic=True)
    def any_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self.got.append(name)
'''
ACTIVITIES = '''
from temporalio import activity


@activity.defn
def charge(customer: str, amount: float, currency: str = "EUR") -> bool:
    """Charge a customer."""
    return True


@activity.defn(name="sampleActivity")
def mine(number: int) -> str:
    """Take the place of a plugin's activity."""
    return ""
'''


@pytest.fixture
def shop(api: Api, project_id: str) -> str:
    """The path of a project with orders."""
    body = {"version": "1", "workflowCode": ORDERS, "activitiesCode": ACTIVITIES}
    api.deploy(project_id, "my-orders", body)
    return f"/projects/{project_id}"


@pytest.fixture
def order(api: Api, shop: str) -> str:
    """The path of an order that is open, and has taken its build."""
    begun = api.post(f"{shop}/executions", {"workflowType": "Order", "args": [{"customer": "Ada"}]})
    path = f"{shop}/executions/{begun['workflowId']}"
    eventually(lambda: api.get(path)["buildId"])
    return path


def invalid(api: Api, path: str, body: Any, *parts: str) -> None:
    assert refused(api, "POST", path, body, 400, *parts)["code"] == "invalid_arguments"


def shown(api: Api, shop: str, name: str, build: str | None = None) -> Any:
    found = api.get(f"{shop}/workflow-types" + (f"?build={build}" if build else ""))
    return {each["name"]: each for each in found["workflowTypes"]}.get(name)


def test_workflow_types_say_what_they_take_return_and_can_be_told(api: Api, shop: str) -> None:
    order = shown(api, shop, "Order")
    assert (order["workflow"], order["description"]) == ("my-orders", "Takes an order.")
    assert order["inputSchema"]["required"] == ["customer"]
    assert order["inputSchema"]["$defs"]["Item"]["properties"]["amount"]["type"] == "integer"
    assert order["resultSchema"]["properties"]["total"] == {"title": "Total", "type": "number"}
    assert order["signals"] == [
        {
            "name": "close",
            "description": "Close it.",
            "inputSchema": {
                "type": "array",
                "prefixItems": [
                    {"type": "string", "title": "reason"},
                    {"type": "integer", "title": "code", "default": 0},
                ],
                "minItems": 1,
                "maxItems": 2,
            },
        }
    ]
    assert [each["name"] for each in order["queries"]] == ["total"]
    assert order["queries"][0]["inputSchema"] == {"type": "null"}
    assert [each["name"] for each in order["updates"]] == ["add-item"]
    assert shown(api, shop, "Anything")["inputSchema"] == {}
    assert [each["name"] for each in shown(api, shop, "Open")["signals"]] == ["(dynamic)"]


def test_activities_are_the_plugins_and_the_projects_own_which_come_first(api: Api, shop: str) -> None:
    found = {each["name"]: each for each in api.get(f"{shop}/activities")["activities"]}
    charge = found["charge"]
    assert (charge["workflow"], charge["description"]) == ("my-orders", "Charge a customer.")
    assert [each["title"] for each in charge["inputSchema"]["prefixItems"]] == ["customer", "amount", "currency"]
    assert charge["outputSchema"] == {"type": "boolean"}
    assert found["sampleActivity"]["description"] == "Take the place of a plugin's activity."
    assert "plugin" not in found["sampleActivity"]
    of_plugins = {each["name"] for each in api.get("/activities")["activities"]}
    assert set(found) == of_plugins | {"charge", "sampleActivity"}


def test_a_project_without_code_has_plugins_activities_alone(api: Api, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    assert api.get(f"/projects/{project_id}/workflow-types") == {"workflowTypes": [], "buildId": None}
    found = api.get(f"/projects/{project_id}/activities")
    assert found["buildId"] is None
    assert [each["name"] for each in found["activities"]] == [
        each["name"] for each in api.get("/activities")["activities"]
    ]


def test_an_earlier_build_keeps_its_types(api: Api, shop: str) -> None:
    first = api.get(f"{shop}/workflow-types")["buildId"]
    api.put(f"{shop}/workflows/my-orders", {"version": "2", "workflowCode": ECHO})
    assert shown(api, shop, "Order") is None
    assert shown(api, shop, "Echo")["inputSchema"] == {"type": "string"}
    assert shown(api, shop, "Order", first)["workflow"] == "my-orders"
    activities = {each["name"] for each in api.get(f"{shop}/activities?build={first}")["activities"]}
    assert "charge" in activities
    assert "charge" not in {each["name"] for each in api.get(f"{shop}/activities?build=current")["activities"]}


def test_unknown_builds_and_projects_are_not_found(api: Api, shop: str, project_id: str) -> None:
    for path in ("workflow-types", "activities"):
        answer = refused(api, "GET", f"{shop}/{path}?build={'0' * 32}", None, 404, "has no build 0000")
        assert answer["code"] == "build_not_found"
        refused(api, "GET", f"{shop}/{path}?build=latest", None, 400, "build")
        refused(api, "GET", f"{shop}/{path}?colour=red", None, 400, "colour is not a known parameter")
        refused(api, "GET", f"/projects/{project_id}-none/{path}", None, 404)


def test_arguments_that_do_not_fit_are_refused_before_anything_starts(api: Api, shop: str) -> None:
    path = f"{shop}/executions"
    wrong = {"customer": "Ada", "items": [{"name": "tea", "amount": "x"}]}
    for args, part in (
        ([wrong], "args[0].items[0].amount: 'x' is not of type 'integer'"),
        ([{}], "args[0]: 'customer' is a required property"),
        (["Ada"], "args[0]: 'Ada' is not of type 'object'"),
        ([], "args[0] is required: workflow type Order takes 1 argument"),
        ([{"customer": "Ada"}, 2], "args[1] is one too many: workflow type Order takes 1 argument, and not 2"),
    ):
        invalid(api, path, {"workflowType": "Order", "args": args, "workflowId": "never-begun"}, part)
    refused(api, "GET", f"{path}/never-begun", None, 404)
    begun = api.post(f"{path}?unchecked=true", {"workflowType": "Order", "args": ["Ada"]})
    api.post(f"{path}/{begun['workflowId']}/terminate")
    refused(api, "POST", f"{path}?unchecked=perhaps", {"workflowType": "Order"}, 400, "unchecked must be true or false")


def test_types_that_say_nothing_accept_anything(api: Api, shop: str, project_id: str) -> None:
    assert api.run(project_id, "Anything", {"any": ["thing"]}) == "dict"
    assert api.run(project_id, "Anything", None) == "NoneType"
    invalid(api, f"{shop}/executions", {"workflowType": "Anything"}, "args[0] is required")


def test_a_pattern_of_a_project_keeps_no_start_waiting(api: Api, shop: str) -> None:
    args = [{"customer": "Ada", "items": [{"name": "a" * 60 + "b", "amount": 1}]}]
    begun = api.post(f"{shop}/executions", {"workflowType": "Order", "args": args})
    api.post(f"{shop}/executions/{begun['workflowId']}/terminate")


def test_messages_that_do_not_fit_are_refused(api: Api, order: str) -> None:
    invalid(api, f"{order}/signal", {"name": "close"}, "args[0] (reason) is required: signal close takes 1 to 2")
    invalid(api, f"{order}/signal", {"name": "close", "args": ["done", "x"]}, "args[1]: 'x' is not of type 'integer'")
    invalid(api, f"{order}/query", {"name": "total", "args": [1]}, "query total takes no arguments, and not 1")
    item = {"name": "tea", "amount": 0}
    invalid(api, f"{order}/update", {"name": "add-item", "args": [item]}, "args[0].amount: 0 is less than the minimum")
    for kind, known in (("signal", "close"), ("query", "total"), ("update", "add-item")):
        said = f"no {kind} nothing; it has: {known}"
        answer = refused(api, "POST", f"{order}/{kind}", {"name": "nothing"}, 404, said)
        assert answer["code"] == f"{kind}_not_found"
    api.post(f"{order}/signal?unchecked=true", {"name": "nothing"})
    answer = refused(api, "POST", f"{order}/query?unchecked=true", {"name": "nothing"}, 404, "known queries")
    assert answer["code"] == "query_not_found"
    refused(api, "POST", f"{order}/update?unchecked=true", {"name": "add-item", "args": [item]}, 422)
    assert api.post(f"{order}/query", {"name": "__temporal_workflow_metadata"})["result"]
    api.post(f"{order}/signal", {"name": "close", "args": ["done"]})
    assert api.get(f"{order}?wait=20")["result"] == {"total": 0.0, "paid": False}


def test_a_dynamic_handler_takes_every_name(api: Api, shop: str) -> None:
    begun = api.post(f"{shop}/executions", {"workflowType": "Open"})
    path = f"{shop}/executions/{begun['workflowId']}"
    api.post(f"{path}/signal", {"name": "whatever", "args": [1, 2]})
    assert api.get(f"{path}?wait=20")["result"] == ["whatever"]
    refused(api, "POST", f"{path}/query", {"name": "whatever"}, 404, "has no query whatever; it has: none")


DYNAMIC = """
from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue


@workflow.defn(dynamic=True)
class Every:
    def __init__(self) -> None:
        self.got = ""
        workflow.set_signal_handler("late", self.late)

    def late(self, word: str) -> None:
        self.got = word

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> str:
        await workflow.wait_condition(lambda: self.got != "")
        return f"{workflow.info().workflow_type} {len(args)} {self.got}"
"""


def test_a_dynamic_workflow_and_handlers_that_are_set_while_it_runs_take_every_name(api: Api, project_id: str) -> None:
    api.deploy(project_id, "every", {"version": "1", "workflowCode": DYNAMIC})
    workflow_id = api.begin(project_id, "Whatever", 1, "two")
    path = f"/projects/{project_id}/executions/{workflow_id}"
    eventually(lambda: api.get(path)["buildId"])
    api.post(f"{path}/signal", {"name": "late", "args": ["word"]})
    assert api.get(f"{path}?wait=20")["result"] == "Whatever 2 word"


def test_a_retry_is_checked_against_the_current_build(api: Api, project_id: str) -> None:
    api.deploy(project_id, "echo")
    path = f"/projects/{project_id}/executions"
    workflow_id = api.begin(project_id, "Echo", "tea")
    api.outcome(project_id, workflow_id)
    code = ECHO.replace("text: str", "text: int")
    api.put(f"/projects/{project_id}/workflows/echo", {"version": "2", "workflowCode": code})
    invalid(api, f"{path}/{workflow_id}/retry", None, "args[0]: 'tea' is not of type 'integer'")
    assert api.post(f"{path}/{workflow_id}/retry?unchecked=true")["workflowId"] == workflow_id
    api.post(f"{path}/{workflow_id}/terminate")


def test_a_run_is_told_what_its_own_build_takes(api: Api, project_id: str) -> None:
    api.deploy(project_id, "work", {"version": "1", "workflowCode": WORK})
    workflow_id = api.begin(project_id, "Work", "wait")
    path = f"/projects/{project_id}/executions/{workflow_id}"
    eventually(lambda: api.get(path)["buildId"])
    code = WORK.replace("def end(self)", "def finish(self, number: int)")
    api.put(f"/projects/{project_id}/workflows/work", {"version": "2", "workflowCode": code})
    refused(api, "POST", f"{path}/signal", {"name": "finish", "args": [1]}, 404, "it has: end")
    late = api.begin(project_id, "Work", "wait")
    late_path = f"/projects/{project_id}/executions/{late}"
    eventually(lambda: api.get(late_path)["buildId"])
    invalid(api, f"{late_path}/signal", {"name": "finish", "args": ["x"]}, "args[0]: 'x' is not of type 'integer'")
    api.post(f"{path}/move", {"build": "current"})
    refused(api, "POST", f"{path}/signal", {"name": "end"}, 404, "it has: finish")
    for each in (path, late_path):
        api.post(f"{each}/signal", {"name": "finish", "args": [1]})
        assert api.get(f"{each}?wait=20")["status"] == "COMPLETED"


def test_during_a_ramp_arguments_must_fit_each_build_that_has_the_type(api: Api, project_id: str) -> None:
    api.deploy(project_id, "echo", start=False)
    code = ECHO.replace("text: str", "text: str | int, more: int = 0") + ECHO.replace("Echo", "Other")
    body = {"version": "2", "workflowCode": code, "ramp": {"percent": 50}}
    api.put(f"/projects/{project_id}/workflows/echo", body)
    path = f"/projects/{project_id}/executions"
    invalid(api, path, {"workflowType": "Echo", "args": [1]}, "args[0]: 1 is not of type 'string'")
    invalid(api, path, {"workflowType": "Echo", "args": ["tea", 1]}, "args[1] is one too many")
    for kind in ("Echo", "Other"):
        begun = api.post(path, {"workflowType": kind, "args": ["tea"]})
        api.post(f"{path}/{begun['workflowId']}/terminate")


def test_a_smoke_run_is_checked_like_a_start(api: Api, project_id: str) -> None:
    api.deploy(project_id, "echo")
    body = {
        "version": "2",
        "workflowCode": ECHO.replace("text", "word"),
        "smoke": {"workflowType": "Echo", "args": [7]},
    }
    answer = refused(
        api, "PUT", f"/projects/{project_id}/workflows/echo", body, 400, "args[0]: 7 is not of type 'string'"
    )
    assert answer["code"] == "invalid_arguments"
    assert api.get(f"/projects/{project_id}/workflows")["workflows"][0]["activeVersion"] == "1"


def test_a_build_of_an_earlier_version_is_not_checked_until_its_types_are_asked_for(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id, "echo", start=False)
    with closing(sqlite3.connect(str(service.store.database.url.database))) as connection:
        connection.execute("UPDATE builds SET types = NULL WHERE project_id = ?", [project_id])
        connection.commit()
    path = f"/projects/{project_id}"
    begun = api.post(f"{path}/executions", {"workflowType": "Echo", "args": [1, 2]})
    api.post(f"{path}/executions/{begun['workflowId']}/terminate")
    assert [each["name"] for each in api.get(f"{path}/workflow-types")["workflowTypes"]] == ["Echo"]
    invalid(api, f"{path}/executions", {"workflowType": "Echo", "args": [1, 2]}, "args[1] is one too many")


HUGE = """
from typing import Any

from pydantic import BaseModel
from temporalio import workflow

NESTED: dict[str, Any] = {}
for _ in range(150):
    NESTED = {"items": NESTED}


class Deep(BaseModel, json_schema_extra=NESTED): ...


class Large(BaseModel, json_schema_extra={"title": "x" * 10_000_000}): ...


class Loop(BaseModel, json_schema_extra={"$dynamicRef": "http://127.0.0.1:9/", "title": "a\\0b\\ud800"}): ...


class Raises:
    @classmethod
    def __get_pydantic_core_schema__(cls, *args):
        raise SystemError("no")


@workflow.defn
class Huge:
    @workflow.run
    async def run(self, deep: Deep, large: Large, loop: Loop, raises: Raises) -> Large: ...

    @workflow.signal
    def deep(self, deep: Deep) -> None: ...

    @workflow.signal
    def large(self, large: Large) -> None: ...

    @workflow.signal
    def loop(self, loop: Loop) -> None: ...

    @workflow.signal
    def raises(self, raises: Raises) -> None: ...
"""


def test_hostile_schemas_say_nothing_and_hurt_nobody(api: Api, project_id: str) -> None:
    api.deploy(project_id, "huge", {"version": "1", "workflowCode": HUGE}, start=False)
    path = f"/projects/{project_id}"
    huge = shown(api, path, "Huge")
    assert huge["resultSchema"] == {}
    schemas = {each["name"]: each["inputSchema"] for each in huge["signals"]}
    assert (schemas["deep"], schemas["large"], schemas["raises"]) == ({}, {}, {})
    assert schemas["loop"]["title"] == "a\ufffdb\ufffd"
    invalid(api, f"{path}/executions", {"workflowType": "Huge", "args": [1]}, "args[1] is required")
    begun = api.post(f"{path}/executions", {"workflowType": "Huge", "args": [{}, {}, {}, 4]})
    signal = f"{path}/executions/{begun['workflowId']}/signal"
    api.post(signal, {"name": "loop", "args": [{}]})
    invalid(api, signal, {"name": "loop", "args": [1]}, "args[0]: 1 is not of type 'object'")
    api.post(f"{path}/executions/{begun['workflowId']}/terminate")
