"""What the types of a project's code take and return: shown, and kept with each build."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from support.refusals import refused
from support.shop import deploy_shop, misfit
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api


@pytest.fixture
def shop(api: Api, project_id: str) -> str:
    """The path of a project with orders."""
    return deploy_shop(api, project_id)


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
    misfit(api, f"{path}/executions", {"workflowType": "Echo", "args": [1, 2]}, "args[1] is one too many")


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
    misfit(api, f"{path}/executions", {"workflowType": "Huge", "args": [1]}, "args[1] is required")
    begun = api.post(f"{path}/executions", {"workflowType": "Huge", "args": [{}, {}, {}, 4]})
    signal = f"{path}/executions/{begun['workflowId']}/signal"
    api.post(signal, {"name": "loop", "args": [{}]})
    misfit(api, signal, {"name": "loop", "args": [1]}, "args[0]: 1 is not of type 'object'")
    api.post(f"{path}/executions/{begun['workflowId']}/terminate")
