"""Arguments and names are held against what a project's code takes, before anything is sent."""

import pytest

from support.publishing import WORK
from support.refusals import refused
from support.shop import deploy_shop, misfit
from workerhost.testing import ECHO, Api, eventually


@pytest.fixture
def shop(api: Api, project_id: str) -> str:
    """The path of a project with orders."""
    return deploy_shop(api, project_id)


@pytest.fixture
def order(api: Api, shop: str) -> str:
    """The path of an order that is open, and has taken its build."""
    begun = api.post(f"{shop}/executions", {"workflowType": "Order", "args": [{"customer": "Ada"}]})
    path = f"{shop}/executions/{begun['workflowId']}"
    eventually(lambda: api.get(path)["buildId"])
    return path


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
        misfit(api, path, {"workflowType": "Order", "args": args, "workflowId": "never-begun"}, part)
    refused(api, "GET", f"{path}/never-begun", None, 404)
    begun = api.post(f"{path}?unchecked=true", {"workflowType": "Order", "args": ["Ada"]})
    api.post(f"{path}/{begun['workflowId']}/terminate")
    refused(api, "POST", f"{path}?unchecked=perhaps", {"workflowType": "Order"}, 400, "unchecked must be true or false")


def test_types_that_say_nothing_accept_anything(api: Api, shop: str, project_id: str) -> None:
    assert api.run(project_id, "Anything", {"any": ["thing"]}) == "dict"
    assert api.run(project_id, "Anything", None) == "NoneType"
    misfit(api, f"{shop}/executions", {"workflowType": "Anything"}, "args[0] is required")


def test_a_pattern_of_a_project_keeps_no_start_waiting(api: Api, shop: str) -> None:
    args = [{"customer": "Ada", "items": [{"name": "a" * 60 + "b", "amount": 1}]}]
    begun = api.post(f"{shop}/executions", {"workflowType": "Order", "args": args})
    api.post(f"{shop}/executions/{begun['workflowId']}/terminate")


def test_messages_that_do_not_fit_are_refused(api: Api, order: str) -> None:
    misfit(api, f"{order}/signal", {"name": "close"}, "args[0] (reason) is required: signal close takes 1 to 2")
    misfit(api, f"{order}/signal", {"name": "close", "args": ["done", "x"]}, "args[1]: 'x' is not of type 'integer'")
    misfit(api, f"{order}/query", {"name": "total", "args": [1]}, "query total takes no arguments, and not 1")
    item = {"name": "tea", "amount": 0}
    misfit(api, f"{order}/update", {"name": "add-item", "args": [item]}, "args[0].amount: 0 is less than the minimum")
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
    misfit(api, f"{path}/{workflow_id}/retry", None, "args[0]: 'tea' is not of type 'integer'")
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
    misfit(api, f"{late_path}/signal", {"name": "finish", "args": ["x"]}, "args[0]: 'x' is not of type 'integer'")
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
    misfit(api, path, {"workflowType": "Echo", "args": [1]}, "args[0]: 1 is not of type 'string'")
    misfit(api, path, {"workflowType": "Echo", "args": ["tea", 1]}, "args[1] is one too many")
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
