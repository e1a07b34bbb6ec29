"""Ten drawings of different shape: they run, they outlive the next version of themselves, and a killed host."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from drawings_ten import TEN, Run, Shape, Shop, body_of, next_version, running_shop

from workerhost.settings import Settings
from workerhost.testing import Api, eventually

pytestmark = pytest.mark.samples

BY_NAME = {each.name: each for each in TEN}
each_shape = pytest.mark.parametrize("shape", TEN, ids=lambda shape: shape.name)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Activities reach the shop."""
    return settings.model_copy(update={"open_networks": (ip_network("127.0.0.0/8"),)})


@pytest.fixture
def shop() -> Iterator[Shop]:
    with running_shop() as running:
        yield running


class Project:
    """A project whose workflows are of the ten.

    Args:
        api: of the service.
        project_id: is made.
        shop: what their activities ask.
    """

    def __init__(self, api: Api, project_id: str, shop: Shop) -> None:
        self.api, self.id, self.shop = api, project_id, shop
        api.put(f"/projects/{project_id}")

    def publish(self, shape: Shape, version: str = "1", **changed: Any) -> str:
        """Publish a drawing after those of the workflows that it calls, and return the id of the build."""
        for name in shape.calls:
            self.publish(BY_NAME[name])
        body = body_of(version, changed.get("drawing") or shape.drawing, self.shop)
        if shape.calls:
            del body["activitiesCode"]
        made = self.api.put(f"/projects/{self.id}/workflows/{shape.name}", body)
        return str(made["buildId"])

    def start(self) -> None:
        self.api.post("/workers/start", {"projectId": self.id})

    def restart(self) -> None:
        """Replace the worker, so that every run is replayed."""
        self.api.post("/workers/stop", {"projectId": self.id})
        self.start()

    def begin(self, shape: Shape, given: object = None) -> Run:
        """Begin a run, as its trigger does."""
        given = shape.drawing["sampleInput"] if given is None else given
        if shape.name == "webhook":
            begun = self.api.post(f"/hooks/{self.id}/webhook", given)["workflowId"]
        else:
            begun = self.api.begin(self.id, shape.name, given)
        return Run(self.api, self.id, shape, begun)

    def replays(self, shape: Shape, drawing: dict[str, Any]) -> bool:
        """Tell whether the runs of a workflow would replay on a drawing."""
        body = body_of("", drawing, self.shop)
        del body["version"]
        if shape.calls:
            del body["activitiesCode"]
        found = self.api.post(f"/projects/{self.id}/workflows/{shape.name}/check", body)
        assert found["types"][shape.name]["open"]["checked"] == 1, found
        return bool(found["types"][shape.name]["open"]["replayed"])


@pytest.fixture
def project(api: Api, project_id: str, shop: Shop) -> Project:
    return Project(api, project_id, shop)


@each_shape
def test_a_drawing_runs_to_its_result_over_the_nodes_that_it_shows(project: Project, shape: Shape) -> None:
    project.publish(shape)
    project.start()
    run = project.begin(shape)
    if shape.signal is not None:
        run.wait_for_its_middle(project.shop)
        run.go_on()
    assert run.outcome() == shape.drawing["expectedOutput"]
    nodes = run.nodes
    assert sorted(nodes) == sorted(shape.passed.split())
    if shape.name != "parallel":
        assert list(nodes) == shape.passed.split()
    assert {each["status"] for each in nodes.values()} == {"completed"}
    assert {name: each["attempts"] for name, each in nodes.items() if each["attempts"] > 1} == shape.tries
    assert set(project.shop.done(run.id).values()) <= {1}


@each_shape
def test_a_run_ends_on_its_own_drawing_and_a_new_one_on_the_next(project: Project, shape: Shape) -> None:
    if shape.held is not None:
        project.shop.hold(shape.held)
    build = project.publish(shape)
    project.start()
    old = project.begin(shape)
    old.wait_for_its_middle(project.shop)
    following = next_version(shape)
    assert project.replays(shape, shape.drawing)
    assert not project.replays(shape, following)
    next_build = project.publish(shape, "2", drawing=following)
    assert next_build != build
    project.restart()
    project.shop.is_open.set()
    old.go_on()
    assert old.outcome() == shape.drawing["expectedOutput"]
    assert old.shown["buildId"] == build
    new = project.begin(shape)
    if shape.signal is not None:
        new.wait_for_its_middle(project.shop)
        new.go_on()
    assert new.outcome() == {"version": 2, "was": _second(shape)}
    assert new.shown["buildId"] == next_build


def _second(shape: Shape) -> Any:
    """Return what the second run of a drawing gives."""
    expected = shape.drawing["expectedOutput"]
    return {**expected, "invoice": "R-2", "number": 2} if shape.name == "variables" else expected


def test_a_wait_that_is_over_gives_up(project: Project) -> None:
    shape = BY_NAME["approval"]
    drawing = shape.drawing
    drawing["definition"]["nodes"][2]["data"]["config"]["timeout"] = "100ms"
    project.publish(shape, drawing=drawing)
    project.start()
    run = project.begin(shape)
    assert run.outcome() == {"approved": False, "said": "Nobody approved a-17"}
    assert list(run.nodes) == ["start", "ask", "wait", "came", "stop", "not-approved"]


def test_a_small_order_takes_the_other_branch(project: Project) -> None:
    shape = BY_NAME["condition"]
    project.publish(shape)
    project.start()
    run = project.begin(shape, {"order": "b-1", "amount": 10})
    assert run.outcome() == {"order": "B-1", "outcome": "accepted"}
    assert list(run.nodes) == ["start", "is-large", "accept", "note", "done"]


def test_a_loop_that_continues_as_new_goes_on_with_the_next_version(project: Project) -> None:
    shape = BY_NAME["loop"]
    project.shop.hold("piece 3")
    project.publish(shape)
    project.start()
    run = project.begin(shape)
    eventually(lambda: project.shop.asked("piece 3"))
    project.publish(shape, "2", drawing=next_version(shape))
    project.shop.is_open.set()
    assert run.outcome() == {"version": 2, "was": shape.drawing["expectedOutput"]}
    assert set(project.shop.done(run.id)) == {f"piece {number}" for number in range(1, 6)}


@each_shape
def test_nodes_that_moved_and_another_order_of_them_change_no_byte(project: Project, shape: Shape) -> None:
    for name in shape.calls:
        project.publish(BY_NAME[name])
    drawing = shape.drawing
    codes = []
    for _ in range(2):
        body = body_of("", drawing, project.shop)
        del body["version"]
        made = project.api.post(f"/projects/{project.id}/compile", {"name": shape.name, **body})
        assert made["problems"] == []
        codes.append(made["workflowCode"])
        drawing["definition"]["nodes"].reverse()
        drawing["definition"]["edges"].reverse()
        for each in drawing["definition"]["nodes"]:
            each["position"]["x"] += 10
    assert codes[0] == codes[1]
