"""Calls of the Python clients: how each is made, what the service answers, and what it is sent."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workerhost import Drawing, DrawnWorkflow, ProjectSettings, WorkflowCode
from workerhost.client import Ramp, Smoke

CODE = WorkflowCode("order", "1", "code", "activities")
DRAWN = DrawnWorkflow("order", "1", Drawing("canvas", {"nodes": []}), "activities", {"models": "m"})


CALLS: list[tuple[Callable[[Any], Any], Any, tuple[str, str, Any]]] = [
    (
        lambda client: client.put_project("shop", name="Shop", settings=ProjectSettings(replicas=2)),
        {"id": "shop", "name": "Shop", "taskQueue": "q", "desiredState": "running", "settings": {}},
        ("PUT", "/projects/shop", {"name": "Shop", "settings": {"replicas": 2}}),
    ),
    (
        lambda client: client.stop("shop", timeout=5),
        {"success": True, "message": "stopped"},
        ("POST", "/workers/stop?timeout=5", {"projectId": "shop"}),
    ),
    (
        lambda client: client.publish("shop", CODE, smoke=Smoke("Order", (1,), timeout=9), ramp=Ramp(10, 0.5, 3)),
        {"success": True, "message": "live", "buildId": "b", "changed": True},
        (
            "PUT",
            "/projects/shop/workflows/order",
            {
                "version": "1",
                "workflowCode": "code",
                "activitiesCode": "activities",
                "smoke": {"workflowType": "Order", "args": [1], "timeoutSeconds": 9},
                "ramp": {"percent": 10, "failureThreshold": 0.5, "minimumRuns": 3},
            },
        ),
    ),
    (
        lambda client: client.publish("shop", DRAWN),
        {"success": True, "message": "live", "buildId": "b", "changed": True, "warnings": [{"reason": "odd"}]},
        (
            "PUT",
            "/projects/shop/workflows/order",
            {
                "version": "1",
                "source": {"format": "canvas", "document": {"nodes": []}},
                "activitiesCode": "activities",
                "modules": {"models": "m"},
            },
        ),
    ),
    (
        lambda client: client.compile("shop", DRAWN.drawing, name="order", modules={"models": "m"}),
        {"compiler": "c 1", "workflowCode": "", "map": [], "problems": [], "warnings": [], "triggers": []},
        (
            "POST",
            "/projects/shop/compile",
            {
                "source": {"format": "canvas", "document": {"nodes": []}},
                "name": "order",
                "modules": {"models": "m"},
            },
        ),
    ),
    (
        lambda client: client.nodes("shop", "a/b"),
        {"nodes": [{"node": "n", "status": "completed", "attempts": 1, "times": 1, "steps": []}], "complete": True},
        ("GET", "/projects/shop/executions/a%2Fb/nodes", None),
    ),
    (
        lambda client: client.publish("shop", WorkflowCode("order", "1", "code"), dry_run=True, ramp=25),
        {"success": True, "message": "would load", "buildId": "b", "changed": True, "dryRun": True},
        (
            "PUT",
            "/projects/shop/workflows/order?dryRun=true",
            {"version": "1", "workflowCode": "code", "ramp": 25},
        ),
    ),
    (
        lambda client: client.publish("shop", replace(CODE, modules={"models": "m", "..shared": "s"})),
        {"success": True, "message": "live", "buildId": "b", "changed": True},
        (
            "PUT",
            "/projects/shop/workflows/order",
            {
                "version": "1",
                "workflowCode": "code",
                "activitiesCode": "activities",
                "modules": {"models": "m", "..shared": "s"},
            },
        ),
    ),
    (
        lambda client: client.compare_versions("shop", "order", "1", "2"),
        {"from": "1", "to": "2", "changes": [{"module": "models", "kind": "added", "diff": "+m"}]},
        ("GET", "/projects/shop/workflows/order/versions/2/diff?from=1", None),
    ),
    (
        lambda client: client.compare_builds("shop", "a", "current"),
        {"from": "a", "to": "b", "changes": [{"module": "order.x", "kind": "changed", "diff": None, "reason": "long"}]},
        ("GET", "/projects/shop/builds/current/diff?from=a", None),
    ),
    (
        lambda client: client.build("shop", "current"),
        {"buildId": "b", "isCurrent": True, "versions": {"order": "1"}, "modules": {"order.workflow": "w"}}
        | {"workflowTypes": ["Order"], "activities": []},
        ("GET", "/projects/shop/builds/current", None),
    ),
    (
        lambda client: client.version("shop", "order", "1"),
        {"version": "1", "workflowCode": "w", "activitiesCode": None, "modules": {"models": "m"}}
        | {"compiledAt": "2026-01-31T12:00:00.000Z", "isActive": True},
        ("GET", "/projects/shop/workflows/order/versions/1", None),
    ),
    (
        lambda client: client.roll_back("shop", version="1", workflow="order"),
        {"success": True, "message": "current", "buildId": "b", "changed": True},
        ("POST", "/projects/shop/deployment/rollback", {"version": "1", "workflow": "order"}),
    ),
    (
        lambda client: client.move("shop", "one"),
        {"success": True, "message": "goes on", "workflowId": "one", "runId": "r", "from": "a", "to": "b"}
        | {"changed": True},
        ("POST", "/projects/shop/executions/one/move", {"build": "current"}),
    ),
    (
        lambda client: client.signal("shop", "one", "say", "bye", 2),
        {"success": True, "message": "sent"},
        ("POST", "/projects/shop/executions/one/signal", {"name": "say", "args": ["bye", 2]}),
    ),
    (
        lambda client: client.terminate("shop", "one", reason="over"),
        {"success": True, "message": "ended"},
        ("POST", "/projects/shop/executions/one/terminate", {"reason": "over"}),
    ),
]
"""A function that makes the call, the answer that it gets, and the request that must come of it."""
