"""Runs of the ten drawings outlive the death of the host that they are on."""

import functools
from pathlib import Path

import psutil
import pytest
from drawings_ten import TEN, Shape, Shop, body_of, running_shop

from support.processes import RestClient, serve
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import eventually, unique_id

pytestmark = pytest.mark.samples

INVOICES = 5
"""Runs of the drawing that counts."""

SILENT = ("sequence", "parallel")
"""Drawings whose activity is under way at the kill; those of the others fail, and are tried again.

An activity that was under way is tried again once its time is over, so that each has a short one.
"""


def test_all_ten_end_as_they_would_have_when_their_host_is_killed(tmp_path: Path, temporal: EmbeddedTemporal) -> None:
    project = unique_id("killed")
    times = {"WORKERHOST_OPEN_NETWORKS": "127.0.0.0/8", "WORKERHOST_RECONCILE_INTERVAL": "0.2"}
    with running_shop() as shop, serve(tmp_path, temporal, **times) as (process, client):
        for shape in TEN:
            if shape.held is not None:
                shop.hold(shape.held, silent=shape.name in SILENT)
        for what in _invoices():
            shop.hold(what)
        _publish(client, project, shop)
        begun = {shape: _begin(client, project, shape, count) for shape, count in _wanted()}
        _wait_for_their_middle(shop, begun)
        for each in psutil.Process(process.pid).children():
            each.kill()
        shop.is_open.set()
        eventually(client.answers, 60)
        for shape, runs in begun.items():
            if shape.signal is not None:
                name, payload = shape.signal
                client.call("POST", f"{_path(project)}/{runs[0]}/signal", {"name": name, "args": [payload]})
        results = {shape.name: [_result(client, project, run) for run in runs] for shape, runs in begun.items()}
        numbers = sorted(each["number"] for each in results.pop("variables"))
        assert results == {shape.name: [shape.drawing["expectedOutput"]] for shape in TEN if shape.name != "variables"}
        assert numbers == list(range(1, INVOICES + 1))
        kept = f"/projects/{project}/variables/project"
        assert client.call("GET", f"{kept}/invoice_number")["value"] == INVOICES
        issued = client.call("GET", f"{kept}/issued")["value"]
        assert sorted(issued) == [f"R-{number}" for number in numbers]
        assert process.end() == 0


def _path(project: str) -> str:
    return f"/projects/{project}/executions"


def _wanted() -> list[tuple[Shape, int]]:
    return [(shape, INVOICES if shape.name == "variables" else 1) for shape in TEN]


def _publish(client: RestClient, project: str, shop: Shop) -> None:
    """Publish all ten at once, with the activities beside the first, and start the project."""
    client.call("PUT", f"/projects/{project}", {})
    bodies = [{"name": shape.name, **body_of("1", shape.drawing, shop)} for shape in TEN]
    for each in bodies[1:]:
        del each["activitiesCode"]
    client.call("PUT", f"/projects/{project}/workflows", {"workflows": bodies})
    client.call("POST", "/workers/start", {"projectId": project})


def _begin(client: RestClient, project: str, shape: Shape, count: int) -> list[str]:
    given = shape.drawing["sampleInput"]
    if shape.name == "webhook":
        return [client.call("POST", f"/hooks/{project}/webhook", given)["workflowId"]]
    body = {"workflowType": shape.name, "args": [given]}
    return [client.call("POST", _path(project), body)["workflowId"] for _ in range(count)]


def _wait_for_their_middle(shop: Shop, begun: dict[Shape, list[str]]) -> None:
    held = [shape.held for shape in begun if shape.held is not None]
    for what in [*held, *_invoices()]:
        eventually(functools.partial(shop.asked, what))
    for shape, runs in begun.items():
        if shape.held is None:
            eventually(functools.partial(shop.done, runs[0]))


def _invoices() -> list[str]:
    return [f"Invoice R-{number + 1}" for number in range(INVOICES)]


def _result(client: RestClient, project: str, run: str) -> object:
    ended = client.call("GET", f"{_path(project)}/{run}?wait=40")
    assert ended["status"] == "COMPLETED", ended
    return ended["result"]
