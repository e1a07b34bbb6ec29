"""The calls about runs whose JSON is written down."""

from functools import partial
from typing import Any

from support import greeting
from support.basket import BASKET
from support.lists_compiler import drawing, step
from support.publishing import work
from support.wire import Wire, has_build
from workerhost.testing import eventually


def executions(wire: Wire) -> None:
    """Start runs, end them, list them."""
    path = "/projects/shop/executions"
    wire.call("POST", path, {"workflowType": "Echo", "args": ["tea"], "workflowId": "done"})
    wire.call("GET", f"{path}/done?wait=20")
    wire.call("PUT", "/projects/shop/workflows/work", work("1"))
    wire.call("POST", path, {"workflowType": "Work", "args": ["fail"], "workflowId": "failed"})
    wire.call("GET", f"{path}/failed?wait=20")
    for name, how in (("canceled", "cancel"), ("ended", "terminate")):
        wire.call("POST", path, {"workflowType": "Greeting", "args": ["Ada"], "workflowId": name})
        eventually(partial(has_build, wire, f"{path}/{name}"))
        wire.call("GET", f"{path}/{name}")
        wire.call("POST", f"{path}/{name}/{how}", {"reason": "it is over"})
        wire.call("GET", f"{path}/{name}?wait=20")
    wire.call("POST", path, {"workflowType": "Greeting", "args": ["Ada"], "workflowId": "told"})
    wire.call("POST", f"{path}/told/signal", {"name": "say", "args": ["bye"]})
    wire.call("GET", f"{path}/told?wait=20")
    eventually(lambda: "RUNNING" not in (listed := _statuses(wire, path)) and len(listed) == 7)
    wire.call("GET", path)
    wire.call("GET", f"{path}?limit=2")


def drawings(wire: Wire) -> None:
    """Compile a drawing, publish it, read it back, and look at what a run of it does."""
    path = "/projects/shop"
    source = drawing(step("start", label="Start"), step("greet-1", "greet", "Greet", secret=1), schedule="0 5 * * *")
    wire.call("POST", f"{path}/compile", {"source": source, "name": "drawn"})
    wire.call("POST", f"{path}/compile", {"source": drawing(step("a", "nothing"))}, shown=_without_names)
    wire.call("PUT", f"{path}/workflows/drawn", {"version": "1", "source": source})
    wire.call("PUT", f"{path}/workflows/drawn", {"version": "2", "source": drawing()})
    wire.call("PUT", f"{path}/workflows/drawn", {"version": "2", "source": {"format": "other", "document": 1}})
    wire.call("GET", f"{path}/workflows/drawn/versions/1")
    wire.call("POST", f"{path}/executions", {"workflowType": "drawn", "args": ["Ada"], "workflowId": "drawn-1"})
    wire.look(f"{path}/executions/drawn-1?wait=20")
    wire.call("GET", f"{path}/executions/drawn-1/nodes")
    wire.call("DELETE", f"{path}/workflows/drawn")


def _without_names(values: Any) -> Any:
    """Return problems without the names of activities, of which plugins bring any."""
    reasons = [{**each, "reason": each["reason"].partition(";")[0]} for each in values["problems"]]
    return values | {"problems": reasons}


def batches(wire: Wire) -> None:
    """Have something done with many runs."""
    path = "/projects/shop/batches"
    odd = {"workflowType": "Echo", "args": ["tea" * 1_000_000], "workflowId": "odd"}
    begun = wire.call("POST", path, {"operation": "start", "executions": [odd]})
    eventually(partial(_has_ended, wire, f"{path}/{begun['batchId']}"))
    wire.call("GET", f"{path}/{begun['batchId']}")
    wire.call("POST", f"{path}/{begun['batchId']}/stop")
    wire.call("GET", path)
    wire.call("POST", path, {"operation": "cancel"})


def control(wire: Wire) -> None:
    """Start with messages, reset, pause."""
    path = "/projects/shop/executions"
    wire.call("PUT", "/projects/shop/workflows/basket", {"version": "1", "workflowCode": BASKET})
    wire.call("PUT", "/projects/shop/workflows/greeting", greeting("D"))
    update = {"name": "add", "args": ["pear"], "updateId": "one"}
    wire.call("POST", path, {"workflowType": "Basket", "workflowId": "basket", "update": update})
    refused = {"name": "add", "args": [""]}
    wire.call("POST", path, {"workflowType": "Basket", "workflowId": "basket", "update": refused})
    say = {"name": "say", "args": ["bye"]}
    wire.call("POST", path, {"workflowType": "Greeting", "args": ["Ada"], "workflowId": "greeted", "signal": say})
    wire.call("GET", f"{path}/greeted?wait=20")
    wire.call("POST", f"{path}/greeted/reset", {"to": "first", "reason": "once more"})
    wire.call("GET", f"{path}/greeted?wait=20", shown=lambda values: values["result"])
    wire.call("POST", f"{path}/greeted/reset", {"to": {"step": "99999"}})
    wire.call("POST", f"{path}/greeted/reset", {"to": "last", "build": "0" * 32})
    wire.call("POST", f"{path}/basket/pause", {"reason": "stocktaking"})
    wire.call("POST", f"{path}/basket/resume")
    wire.call("POST", f"{path}/greeted/pause")
    wire.call("POST", "/projects/shop/pause", {"reason": "month's end"})
    wire.call("GET", "/projects/shop")
    wire.call("GET", "/workers/status/shop")
    wire.call("POST", "/projects/shop/resume")
    wire.call("POST", "/projects/shop/batches", {"operation": "reset", "filter": {}})
    prefix = {"workflowIdPrefix": "basket"}
    begun = wire.call("POST", "/projects/shop/batches", {"operation": "reset", "filter": prefix, "to": "last"})
    eventually(partial(_has_ended, wire, f"/projects/shop/batches/{begun['batchId']}"))
    wire.call("GET", f"/projects/shop/batches/{begun['batchId']}")
    wire.call("POST", f"{path}/basket/signal", {"name": "close"})
    wire.call("GET", f"{path}/basket?wait=20")


def schedules(wire: Wire) -> None:
    """Make a schedule, and use it."""
    path = "/projects/shop/schedules"
    body = {
        "workflowType": "Echo",
        "args": ["tea"],
        "cron": ["0 9 * * mon-fri"],
        "calendar": {"hour": [1, {"start": 5}]},
    }
    wire.call("GET", path)
    wire.call("PUT", f"{path}/daily", {**body, "timeZone": "Europe/Berlin"})
    wire.call("PUT", f"{path}/daily", {**body, "note": "later", "overlap": "bufferOne", "jitterSeconds": 2})
    wire.call("POST", f"{path}/daily/pause")
    wire.call("POST", f"{path}/daily/trigger")
    eventually(lambda: [each for each in wire.look(f"{path}/daily")["recentRuns"] if each["status"] == "COMPLETED"])
    wire.call("GET", f"{path}/daily", shown=lambda values: list(values["recentRuns"][0]))
    wire.call("POST", f"{path}/daily/resume", {"note": "now"})
    wire.call("POST", f"{path}/daily/backfill", {"from": "2026-01-01T02:00:00Z", "to": "2026-01-01T03:00:00Z"})
    wire.call("GET", path, shown=lambda values: [*values, *values["schedules"][0]])
    wire.call("PUT", f"{path}/daily", {"workflowType": "Echo"})
    wire.call("DELETE", f"{path}/daily")
    wire.call("GET", f"{path}/daily")


def webhooks(wire: Wire) -> None:
    """Make webhooks, and call them."""
    path = "/projects/shop/webhooks"
    known = {"kind": "header", "secret": "a secret of sixteen"}
    wire.call("PUT", f"{path}/say", {"action": "signal", "name": "say", "workflowId": "told", "authentication": known})
    body = {"action": "start", "workflowType": "Echo", "workflowId": "$.body", "args": ["$.body"]}
    wire.call("PUT", f"{path}/orders", {**body, "authentication": {"kind": "none"}})
    wire.call("GET", f"{path}/orders")
    wire.call("GET", path)
    wire.call("POST", "/hooks/shop/orders", "called")
    wire.call("POST", "/hooks/shop/orders", {})
    wire.call("POST", "/hooks/shop/say", {})
    asked = {"action": "query", "name": "build", "workflowId": "told", "authentication": {"kind": "none"}}
    wire.call("PUT", f"{path}/ask", asked)
    wire.call("POST", "/hooks/shop/ask")
    wire.call("DELETE", f"{path}/say")


def reports(wire: Wire) -> None:
    """Look at what was done and used, of a time in which nothing was."""
    for path in ("/projects/shop", ""):
        wire.call("GET", f"{path}/statistics?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z&by=day")
        wire.call("GET", f"{path}/usage?from=2020-01-01&to=2020-01-31")


def variables(wire: Wire) -> None:
    """Give variables values, and look at them."""
    path = "/projects/shop/variables"
    wire.call("PUT", f"{path}/project/rates", {"value": {"full": 19}})
    wire.call("PUT", f"{path}/service/rates", {"value": None, "ifVersion": 0})
    wire.call("PUT", f"{path}/service/rates", {"value": 1, "ifVersion": 0})
    wire.call("GET", f"{path}/project/rates")
    wire.call("GET", f"{path}?limit=1", shown=lambda values: values | {"cursor": "<cursor>"})
    wire.call("GET", f"{path}?scope=service")
    wire.call("DELETE", f"{path}/service/rates")
    wire.call("GET", f"{path}/service/rates")


def _has_ended(wire: Wire, path: str) -> bool:
    return wire.look(path)["endedAt"] is not None


def _statuses(wire: Wire, path: str) -> list[str]:
    return [each["status"] for each in wire.look(path)["executions"]]
