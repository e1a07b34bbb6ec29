"""What both Python clients send, and how they take answers, refusals, strangers and silence; no service is needed."""

import inspect
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.client_calls import CALLS, CODE
from support.clients import Blocking, Recorder
from workerhost import AsyncClient, Client
from workerhost.client import ApiError, ExecutionError, NoServiceError, Smoke
from workerhost.client.calls.call import CHECK_SECONDS, START_SECONDS
from workerhost.client.calls.publishing import publish_all
from workerhost.errors import InvalidRequestError
from workerhost.testing import free_port

RUN = {"workflowId": "one", "runId": "r1", "workflowType": "Order", "startedAt": "2026-01-31T12:00:00.000Z"}
MOVE = {"moveId": "m1", "from": "a", "to": "b", "total": 2, "moved": 1}

Make = Callable[..., Any]


@pytest.fixture(params=[Client, Blocking], ids=["blocking", "asynchronous"])
def make(request: pytest.FixtureRequest) -> Make:
    """Makes a client of either kind."""
    kind: Make = request.param
    return kind


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield server
        server.shutdown()


def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    def public(kind: type) -> dict[str, str]:
        names = (name for name in dir(kind) if not name.startswith("_"))
        return {name: str(list(inspect.signature(getattr(kind, name)).parameters.values())) for name in names}

    assert public(Client) == public(AsyncClient)
    assert len(public(Client)) > 20


def test_every_method_of_both_clients_says_what_it_does_in_words_of_its_own_kind() -> None:
    for kind in (Client, AsyncClient):
        for name in (name for name in dir(kind) if not name.startswith("_")):
            assert inspect.getdoc(getattr(kind, name)), name
    assert "await" not in (inspect.getdoc(Client) or "")
    assert "await client.deploy" in (inspect.getdoc(AsyncClient) or "")


@pytest.mark.parametrize(("call", "answer", "request_made"), CALLS)
def test_a_call_sends_what_the_api_takes_and_returns_what_it_answers(
    make: Make, recorder: Recorder, call: Callable[[Any], Any], answer: Any, request_made: tuple[str, str, Any]
) -> None:
    recorder.put(request_made[1].partition("?")[0], answer | {"new": "key"})
    with make(recorder.url) as client:
        found = call(client)
    assert recorder.requests == [request_made]
    assert found.raw == answer | {"new": "key"}
    assert found.to_json() == answer


def test_headers_go_with_every_call_and_the_address_may_end_with_a_slash(make: Make, recorder: Recorder) -> None:
    recorder.put("/workers", {"workers": ["shop"], "count": 1})
    with make(f"{recorder.url}/", headers={"X-Password": "sesame"}) as client:
        assert client.workers() == ("shop",)
        assert client.workers() == ("shop",)
    assert [each["x-password"] for each in recorder.headers] == ["sesame", "sesame"]


def test_deploying_makes_the_project_publishes_all_and_starts(make: Make, recorder: Recorder, tmp_path: Path) -> None:
    (tmp_path / "order").mkdir()
    (tmp_path / "order" / "workflow.py").write_text("code")
    project = {"id": "shop", "name": "shop", "taskQueue": "q", "desiredState": "stopped", "settings": {}}
    recorder.put("/projects/shop", project)
    recorder.put("/projects/shop/workflows", {"success": True, "message": "live", "buildId": "b", "changed": True})
    recorder.put("/workers/start", {"success": True, "message": "starting", "status": "starting"}, status=202)
    with make(recorder.url) as client:
        deployed = client.deploy("shop", tmp_path, version="7")
        assert (deployed.build_id, deployed.worker.message, deployed.worker.status) == ("b", "starting", "starting")
        tried = client.deploy("shop", [CODE], dry_run=True)
        assert tried.worker is None
    assert [path for _, path, _ in recorder.requests] == [
        "/projects/shop",
        "/projects/shop/workflows",
        "/workers/start",
        "/projects/shop/workflows?dryRun=true",
    ]
    sent = {"name": "order", "version": "7", "workflowCode": "code", "activitiesCode": None}
    assert recorder.requests[1][2] == {"workflows": [sent]}


def test_a_run_is_begun_and_looked_at_until_it_ends(make: Make, recorder: Recorder) -> None:
    recorder.put("/projects/shop/executions", {"workflowId": "one", "runId": "r1"}, status=202)
    goes_on, ended = RUN | {"status": "RUNNING"}, RUN | {"status": "COMPLETED", "result": 9}
    recorder.put("/projects/shop/executions/one", goes_on, goes_on, ended)
    with make(recorder.url) as client:
        assert client.run("shop", "Order", "kettle", workflow_id="one") == 9
    assert recorder.requests[0][2] == {"workflowType": "Order", "args": ["kettle"], "workflowId": "one"}
    assert [path for _, path, _ in recorder.requests[1:]] == ["/projects/shop/executions/one?wait=20.0"] * 3


def test_a_run_that_ends_otherwise_or_not_in_time_is_an_error(make: Make, recorder: Recorder) -> None:
    recorder.put("/projects/shop/executions", {"workflowId": "one", "runId": "r1"}, status=202)
    failed = RUN | {"status": "FAILED", "error": "it is out of stock"}
    recorder.put("/projects/shop/executions/one", failed, RUN | {"status": "RUNNING"})
    with make(recorder.url) as client:
        with pytest.raises(ExecutionError, match="execution one is FAILED: it is out of stock"):
            client.run("shop", "Order")
        with pytest.raises(ExecutionError, match=r"execution one is RUNNING$"):
            client.run("shop", "Order", timeout=0)
    reason = "project shop is stopped, and the run waits for its start"
    stuck = {"since": "2026-01-31T12:00:00.000Z", "reason": reason, "code": "no_worker", "attempts": 0}
    recorder.put("/projects/shop/executions/one", RUN | {"status": "RUNNING", "stuck": stuck})
    with make(recorder.url) as client, pytest.raises(ExecutionError, match=f"execution one is RUNNING: {reason}"):
        client.run("shop", "Order", timeout=0)


def test_a_move_is_looked_at_until_it_ends_and_each_look_is_told(make: Make, recorder: Recorder) -> None:
    recorder.put("/projects/shop/deployment/move", MOVE | {"status": "running"}, status=202)
    recorder.put("/projects/shop/deployment/moves/m1", MOVE | {"status": "completed", "moved": 2})
    told: list[Any] = []
    with make(recorder.url) as client:
        found = client.move_all("shop", "a", "b", progress=told.append)
    assert (found.status, found.moved, found.from_build, found.to_build) == ("completed", 2, "a", "b")
    assert [each.status for each in told] == ["running", "completed"]
    assert recorder.requests[0] == ("POST", "/projects/shop/deployment/move?timeout=1.0", {"from": "a", "to": "b"})


def test_a_move_is_left_alone_when_the_time_is_over(make: Make, recorder: Recorder) -> None:
    recorder.put("/projects/shop/deployment/move", MOVE | {"status": "running"}, status=202)
    with make(recorder.url) as client:
        assert client.move_all("shop", "a", timeout=0).status == "running"
    assert recorder.requests == [("POST", "/projects/shop/deployment/move?timeout=0", {"from": "a", "to": "current"})]


def test_all_pages_of_runs_are_iterated(make: Make, recorder: Recorder) -> None:
    pages = [
        {"executions": [RUN | {"workflowId": name, "status": "RUNNING"} for name in names], "cursor": cursor}
        for names, cursor in ((("c", "b"), "next"), (("a",), None))
    ]
    recorder.put("/projects/shop/executions", *pages)
    with make(recorder.url) as client:
        assert [each.workflow_id for each in client.executions("shop", page_size=2)] == ["c", "b", "a"]
    assert [path.partition("?")[2] for _, path, _ in recorder.requests] == ["limit=2", "limit=2&cursor=next"]


def test_a_refusal_has_the_sentence_the_code_and_the_details_of_the_api(make: Make, recorder: Recorder) -> None:
    problem = {"reason": "SyntaxError", "module": "order.workflow", "line": 2}
    refusal = {"success": False, "error": "it does not load", "code": "build_refused", "problems": [problem]}
    recorder.put("/projects/shop/workflows/order", refusal, status=422)
    with make(recorder.url) as client, pytest.raises(ApiError, match="it does not load") as caught:
        client.publish("shop", CODE)
    assert (caught.value.code, caught.value.status) == ("build_refused", 422)
    assert caught.value.details == {"problems": [problem]}
    assert [(each.module, each.line) for each in caught.value.problems] == [("order.workflow", 2)]


@pytest.mark.parametrize(
    ("name", "sent"),
    [("..", "%2E%2E"), (".", "%2E"), ("a/b", "a%2Fb"), ("a?b=c", "a%3Fb%3Dc"), ("%2e", "%252e"), ("ä", "%C3%A4")],
)
def test_an_id_stays_one_part_of_the_path(make: Make, recorder: Recorder, name: str, sent: str) -> None:
    with make(recorder.url) as client, pytest.raises(ApiError, match="was answered with 404"):
        client.status(name)
    assert [path for _, path, _ in recorder.requests] == [f"/workers/status/{sent}"]


def test_an_empty_id_and_what_json_cannot_hold_are_refused_before_anything_is_sent(
    make: Make, recorder: Recorder
) -> None:
    with make(recorder.url) as client:
        with pytest.raises(InvalidRequestError, match="is empty"):
            client.status("")
        with pytest.raises(InvalidRequestError, match="cannot be written as JSON"):
            client.execute("shop", "Echo", object())
    assert recorder.requests == []


def test_where_nothing_answers_the_sentence_says_where(make: Make) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    sentence = f"no workerhost answers at {address}"
    with make(address, retries=0) as client, pytest.raises(NoServiceError, match=sentence):
        client.workers()


def test_a_stranger_who_answers_is_not_taken_for_a_workerhost(make: Make, recorder: Recorder) -> None:
    recorder.put("/workers", b"<html>")
    recorder.put("/projects", {"unknown": 1})
    with make(recorder.url) as client:
        with pytest.raises(NoServiceError, match=r"is not a workerhost$"):
            client.workers()
        with pytest.raises(NoServiceError, match="projects does not fit"):
            client.projects()


def test_a_service_that_is_silent_is_given_up_in_time(make: Make) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        make(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2) as client,
        pytest.raises(NoServiceError, match="does not answer in time"),
    ):
        client.workers()


def test_the_blocking_client_is_used_by_several_threads_at_once(recorder: Recorder) -> None:
    recorder.put("/workers", {"workers": ["shop"], "count": 1})
    found: list[Any] = []
    with Client(recorder.url) as client:
        threads = [threading.Thread(target=lambda: found.append(client.workers())) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [("shop",)] * 20


def test_a_publish_may_take_as_long_as_its_checks_and_its_smoke_run() -> None:
    assert publish_all("shop", [CODE], None, None, dry_run=False).seconds == CHECK_SECONDS + START_SECONDS
    with_smoke = publish_all("shop", [CODE], Smoke("Order", timeout=100), None, dry_run=False)
    assert with_smoke.seconds == CHECK_SECONDS + START_SECONDS + 100
