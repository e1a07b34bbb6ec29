"""Ten drawings of different shape, the shop whose activities they call, and what is to become of their runs."""

import contextlib
import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from support.web import web_server
from workerhost.testing import Api, eventually

FOLDER = Path(__file__).parent / "drawings"
ACTIVITIES = (FOLDER / "activities.py").read_text()

Drawing = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Shape:
    """One of the drawings.

    Args:
        name: of the drawing and of its workflow.
        held: what the shop is asked in the middle of a run, as the activities say it; None for a run that waits for a
            signal there.
        passed: the nodes that a run comes to, in their order. Of branches that run side by side the order is not told.
        tries: of the nodes that take several.
        calls: the workflows that it starts.
        signal: what ends the wait.
        changed: the node after which the next version of the drawing has a further activity.
    """

    name: str
    held: str | None
    passed: str
    tries: Mapping[str, int] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    signal: tuple[str, Any] | None = None
    changed: str = "start"

    @property
    def drawing(self) -> Drawing:
        """What the file holds."""
        found: Drawing = json.loads((FOLDER / f"{self.name}.json").read_text())
        return found


TEN = (
    Shape("sequence", "Welcome, ADA!", "start customer check capitals note mail done"),
    Shape("condition", "review a-17", "start is-large review note done"),
    Shape("loop", "piece 5", "again pack count done", changed="again"),
    Shape("each", "Dear Grace, come!", "start guests invite collect done"),
    Shape("parallel", "piece 6", "start label pack check note send done"),
    Shape("approval", None, "start ask wait came go approved", signal=("approve", {"by": "Ada"})),
    Shape("child", "Welcome, GRACE!", "start welcome done", calls=("sequence",)),
    Shape("variables", "Invoice R-1", "start declare number prefix text send issued year done"),
    Shape(
        "retries",
        "slow",
        "start keep three slower once twice last done",
        {"keep": 4, "three": 3, "slower": 2, "last": 2},
    ),
    Shape("webhook", "accept order-17", "start taking take answer done"),
)

FAILURES = {"slow": 3, "busy": 2, "full": 1, "late": 1}
"""How often each carrier does not answer a run at first."""


class Shop:
    """What the activities ask, as a server on loopback. Safe to use from any thread.

    Args:
        url: of the server.
    """

    def __init__(self) -> None:
        self.url = ""
        self.is_open = threading.Event()
        self._lock = threading.Lock()
        self._held: dict[str, bool] = {}
        self._asked: Counter[tuple[str, str]] = Counter()
        self._done: Counter[tuple[str, str]] = Counter()

    def hold(self, what: str, *, silent: bool = False) -> None:
        """Do what is asked once the shop is open, and refuse it till then; where silent, do not even answer."""
        with self._lock:
            self.is_open.clear()
            self._held[what] = silent

    def asked(self, what: str) -> int:
        """Return how often something was asked for by whatever run."""
        with self._lock:
            return sum(count for (_, asked), count in self._asked.items() if asked == what)

    def done(self, run: str) -> dict[str, int]:
        """Return what was done for a run, and how often."""
        with self._lock:
            return {what: count for (who, what), count in self._done.items() if who == run}

    def take(self, run: str, what: str) -> bool:
        """Take a call, and tell whether it was done."""
        with self._lock:
            self._asked[run, what] += 1
            is_refused = self._asked[run, what] <= FAILURES.get(what, 0)
            silent = self._held.get(what)
        if silent:
            self.is_open.wait(20)
        if is_refused or (silent is not None and not self.is_open.is_set()):
            return False
        with self._lock:
            self._done[run, what] += 1
        return True


@contextlib.contextmanager
def running_shop() -> Iterator[Shop]:
    """Run a shop until the block ends."""
    shop = Shop()

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = 200 if shop.take(asked["run"], asked["what"]) else 503
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with web_server(Desk) as server:
        shop.url = f"http://127.0.0.1:{server.server_port}"
        yield shop
        shop.is_open.set()


def body_of(version: str, drawing: Drawing, shop: Shop) -> dict[str, Any]:
    """Return the body of a publish: a drawing beside the shop's activities."""
    source = {"format": "canvas", "document": drawing}
    return {
        "version": version,
        "source": source,
        "activitiesCode": ACTIVITIES.replace("http://127.0.0.1:0", shop.url),
    }


def next_version(shape: Shape) -> Drawing:
    """Return a drawing with a further activity, whose result says so."""
    changed = deepcopy(shape.drawing)
    nodes, edges = changed["definition"]["nodes"], changed["definition"]["edges"]
    config = {"data": "${input}", "transformation": "json-stringify"}
    look = {"label": "Look at it", "componentName": "transformData", "config": config}
    nodes.append({"id": "look", "type": "activity", "position": {"x": 0, "y": 50}, "data": look})
    moved = [each for each in edges if each["source"] == shape.changed and each.get("sourceHandle") != "done"]
    edges.append({**moved[0], "id": "to-look", "target": "look"})
    for each in moved:
        each["source"] = "look"
        each.pop("sourceHandle", None)
        each.pop("label", None)
    for each in nodes:
        if each["type"] == "end":
            data = each["data"]
            data["resultMapping"] = f"{{ version: 2, was: ({data.get('resultMapping', 'answer')}) }}"
    return changed


class Run:
    """A run of one of the drawings.

    Args:
        api: of the service.
        project_id: of the project.
        shape: of the drawing.
        workflow_id: of the run.
    """

    def __init__(self, api: Api, project_id: str, shape: Shape, workflow_id: str) -> None:
        self.api, self.shape, self.id = api, shape, workflow_id
        self.path = f"/projects/{project_id}/executions/{workflow_id}"

    @property
    def shown(self) -> Any:
        """How the API shows it."""
        return self.api.get(self.path)

    @property
    def nodes(self) -> dict[str, Any]:
        """What has become of its nodes, in the order in which it came to them."""
        found = self.api.get(f"{self.path}/nodes")
        assert found["complete"]
        return {each["node"]: each for each in found["nodes"]}

    def wait_for_its_middle(self, shop: Shop) -> None:
        """Wait until it has come to what is held."""
        held = self.shape.held
        if held is not None:
            eventually(lambda: shop.asked(held))
        else:
            eventually(lambda: shop.done(self.id))
            eventually(lambda: self.nodes["ask"]["status"] == "completed")

    def go_on(self) -> None:
        """Send the signal that it waits for, if it waits for one."""
        if self.shape.signal is not None:
            name, payload = self.shape.signal
            self.api.post(f"{self.path}/signal", {"name": name, "args": [payload]})

    def outcome(self) -> Any:
        """Wait for its end; return its result, or how it ended."""
        ended = self.api.get(f"{self.path}?wait=20")
        return ended["result"] if ended["status"] == "COMPLETED" else ended
