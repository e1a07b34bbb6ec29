"""What is deployed is shown as it is, and going back brings back all that was there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.publishing import (
    active_version,
    begin,
    build_shown,
    end,
    mark_of,
    publish,
    replace_worker,
    shown,
    stored,
    work,
)
from support.refusals import refused
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.testing import ECHO, Api, eventually, free_port, running_service


def _builds(api: Api, project_id: str) -> list[tuple[str, str]]:
    return [(each["digest"], each["state"]) for each in shown(api, project_id)["builds"]]


def _settled(api: Api, project_id: str, digest: str, **expected: Any) -> Any:
    """Wait until a build is shown with these fields; the counts are a little behind the runs."""

    def look() -> Any:
        build = build_shown(api, project_id, digest)
        return build if {key: build[key] for key in expected} == expected else None

    return eventually(look)


def _roll_back(api: Api, project_id: str, body: Any = None) -> Any:
    """Go back, without any body where none is given."""
    return api.call("POST", f"/projects/{project_id}/deployment/rollback", body, 200)


@pytest.fixture
def builds(api: Api, project_id: str) -> Callable[..., list[str]]:
    """Publishes builds one after the other and returns their digests."""

    def publish_all(*marks: str) -> list[str]:
        api.deploy(project_id, "work", work(marks[0]))
        first = str(shown(api, project_id)["currentBuild"])
        return [first, *(str(publish(api, project_id, mark)["buildId"]) for mark in marks[1:])]

    return publish_all


Builds = Callable[..., list[str]]


def test_a_project_without_code_has_nothing_deployed(api: Api, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    answer = shown(api, project_id)
    assert answer["projectId"] == project_id
    assert (answer["currentBuild"], answer["ramp"], answer["builds"], answer["events"]) == (None, None, [], [])
    refused(api, "GET", "/projects/nobody/deployment", None, 404, "nobody")


def test_builds_are_current_ramping_draining_or_drained(api: Api, project_id: str, builds: Builds) -> None:
    a, b = builds("A", "B")
    begin(api, project_id, f"{project_id}-1", "Work", "wait")
    begin(api, project_id, f"{project_id}-2", "Work", "wait")
    _settled(api, project_id, b, openRunCount=2)
    c = publish(api, project_id, "C")["buildId"]
    d = publish(api, project_id, "D", ramp=1)["buildId"]

    _settled(api, project_id, b, state="draining", openRuns={"Work": 2}, openRunCount=2)
    assert sorted(_builds(api, project_id)) == sorted([(a, "drained"), (b, "draining"), (c, "current"), (d, "ramping")])
    order = [digest for digest, state in _builds(api, project_id) if state != "ramping"]
    assert order == [c, b, a], "the newest comes first"
    answer = shown(api, project_id)
    by_digest = {each["digest"]: each for each in answer["builds"]}
    for digest, mark in ((a, "A"), (b, "B"), (c, "C"), (d, "D")):
        assert by_digest[digest]["versions"] == {"work": mark}
    times = [by_digest[digest]["becameCurrentAt"] for digest in (a, b, c)]
    assert times == sorted(times)
    assert times[0].endswith("Z")
    assert by_digest[d]["becameCurrentAt"] is None
    assert by_digest[a]["openRuns"] == {}
    assert by_digest[a]["openRunCount"] == 0
    assert answer["visibility"]["error"] is None
    assert 0 <= answer["visibility"]["ageMs"] < 60_000
    assert [event["kind"] for event in answer["events"]] == ["ramp_started", "published", "published", "published"]
    assert answer["events"][0]["build"] == d

    for number in (1, 2):
        assert end(api, project_id, f"{project_id}-{number}") == "B"
    _settled(api, project_id, b, state="drained", openRuns={}, openRunCount=0)


def test_open_runs_are_counted_by_type_and_a_moved_run_where_it_is(api: Api, project_id: str, builds: Builds) -> None:
    [a] = builds("A")
    body = {"version": "1", "workflowCode": work("A")["workflowCode"].replace("class Work", "class Other")}
    body["workflowCode"] = body["workflowCode"].split("@workflow.defn\nclass Chain")[0]
    both = api.put(f"/projects/{project_id}/workflows/other", body, expect=200)["buildId"]
    for number, workflow_type in enumerate(("Work", "Work", "Other")):
        begin(api, project_id, f"{project_id}-{number}", workflow_type, "wait")
    _settled(api, project_id, both, openRuns={"Work": 2, "Other": 1}, openRunCount=3)

    move = f"/projects/{project_id}/executions/{project_id}-0/move"
    answer = api.post(move, {"build": a}, expect=200)
    assert (answer["from"], answer["to"], answer["changed"]) == (both, a, True)
    _settled(api, project_id, a, state="draining", openRuns={"Work": 1}, openRunCount=1)
    _settled(api, project_id, both, state="current", openRuns={"Work": 1, "Other": 1}, openRunCount=2)

    api.post(move, {"build": "current"}, expect=200)
    _settled(api, project_id, a, state="drained", openRunCount=0)
    _settled(api, project_id, both, openRuns={"Work": 2, "Other": 1})
    assert api.post(move, {"build": a}, expect=200)["changed"] is True
    assert end(api, project_id, f"{project_id}-0") == "A"
    _settled(api, project_id, a, state="drained", openRunCount=0)
    _settled(api, project_id, both, openRuns={"Work": 1, "Other": 1})


def test_with_temporal_away_the_builds_are_shown_without_counts_and_with_the_reason(
    settings: Settings, project_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")
    with running_service(settings) as service:
        api = Api.of(service)
        api.deploy(project_id, "work", work("A"), start=False)
        publish(api, project_id, "B")
        answer = shown(api, project_id)
    assert [each["state"] for each in answer["builds"]] == ["current", "draining"]
    for build in answer["builds"]:
        assert (build["openRuns"], build["openRunCount"]) == (None, None)
    assert (answer["visibility"]["asOf"], answer["visibility"]["ageMs"]) == (None, None)
    assert "Temporal does not answer" in answer["visibility"]["error"]


def test_going_back_takes_the_build_before_and_then_the_other_one_again(
    api: Api, service: Service, project_id: str, builds: Builds
) -> None:
    _, b, c = builds("A", "B", "C")
    begin(api, project_id, f"{project_id}-waits", "Work", "wait")
    assert mark_of(service, f"{project_id}-waits") == "C"
    for mark, digest in (("B", b), ("C", c), ("B", b)):
        answer = _roll_back(api, project_id)
        assert (answer["success"], answer["changed"], answer["buildId"]) == (True, True, digest)
        after = shown(api, project_id)
        assert (after["currentBuild"], after["builds"][0]["digest"]) == (digest, digest)
        assert (after["events"][0]["kind"], after["events"][0]["build"]) == ("rolled_back", digest)
        assert active_version(api, project_id) == mark
        assert api.run(project_id, "Work") == mark
    assert end(api, project_id, f"{project_id}-waits") == "C"
    replace_worker(api, project_id)
    assert api.run(project_id, "Work") == "B", "the tables say the same as the deployment"


def test_going_back_to_a_build_or_a_version_that_is_named(
    api: Api, service: Service, project_id: str, builds: Builds
) -> None:
    a, b, c = builds("A", "B", "C")
    assert _roll_back(api, project_id, {"build": a})["buildId"] == a
    assert (active_version(api, project_id), api.run(project_id, "Work")) == ("A", "A")
    assert _roll_back(api, project_id, {"version": "B"})["buildId"] == b
    assert (active_version(api, project_id), api.run(project_id, "Work")) == ("B", "B")
    assert _roll_back(api, project_id, {"version": "C", "workflow": "work"})["buildId"] == c

    before = stored(service, project_id)
    for body in ({"build": c}, {"version": "C"}):
        answer = _roll_back(api, project_id, body)
        assert (answer["changed"], answer["buildId"]) == (False, c)
        assert "already" in answer["message"]
    assert stored(service, project_id) == before


def test_going_back_to_what_is_not_there_is_refused(
    api: Api, service: Service, project_id: str, builds: Builds
) -> None:
    builds("A")
    path = f"/projects/{project_id}/deployment/rollback"
    before = stored(service, project_id)
    assert refused(api, "POST", path, None, 409, "no other build")["code"] == "nothing_to_roll_back_to"
    assert refused(api, "POST", path, {}, 409, "no other build")["code"] == "nothing_to_roll_back_to"
    for body, status, code in (
        ({"build": "0" * 32}, 404, "build_not_found"),
        ({"version": "Z"}, 404, "version_not_found"),
        ({"version": "A", "workflow": "nothing"}, 404, "workflow_not_found"),
        ({"build": "0" * 32, "version": "A"}, 400, "invalid_request"),
        ({"build": "../x"}, 400, "invalid_request"),
        ({"to": "A"}, 400, "invalid_request"),
    ):
        assert refused(api, "POST", path, body, status)["code"] == code, body
    refused(api, "POST", "/projects/nobody/deployment/rollback", None, 404, "nobody")
    assert stored(service, project_id) == before
    echo = {"version": "1", "workflowCode": ECHO}
    api.put(f"/projects/{project_id}/workflows/echo", echo, expect=200)
    refused(api, "POST", path, {"version": "A"}, 400, "workflow is required", "echo, work")


def test_going_back_brings_a_deleted_workflow_back_with_its_version(api: Api, project_id: str, builds: Builds) -> None:
    builds("A", "B")
    echo = f"/projects/{project_id}/workflows/echo"
    both = api.put(echo, {"version": "7", "workflowCode": ECHO}, expect=200)["buildId"]
    api.delete(echo)
    assert active_version(api, project_id, "echo") is None
    body = {"workflowType": "Echo", "args": ["x"]}
    api.post(f"/projects/{project_id}/executions", body, expect=404)

    assert _roll_back(api, project_id, {"build": both})["buildId"] == both
    assert active_version(api, project_id, "echo") == "7"
    assert active_version(api, project_id) == "B"
    assert api.run(project_id, "Echo", "x") == "echo: x"


def test_going_back_to_before_a_workflow_was_added_leaves_it_without_an_active_version(
    api: Api, project_id: str, builds: Builds
) -> None:
    _, b = builds("A", "B")
    echo = f"/projects/{project_id}/workflows/echo"
    both = api.put(echo, {"version": "7", "workflowCode": ECHO}, expect=200)["buildId"]
    assert _roll_back(api, project_id)["buildId"] == b
    assert active_version(api, project_id, "echo") is None
    api.post("/workers/restart", {"projectId": project_id}, expect=200)
    assert shown(api, project_id)["currentBuild"] == b
    assert _roll_back(api, project_id)["buildId"] == both
    assert active_version(api, project_id, "echo") == "7"


def test_going_back_after_the_last_workflow_was_deleted_brings_the_build_back(
    api: Api, project_id: str, builds: Builds
) -> None:
    [a] = builds("A")
    api.delete(f"/projects/{project_id}/workflows/work")
    assert shown(api, project_id)["currentBuild"] is None
    assert _roll_back(api, project_id)["buildId"] == a
    assert api.run(project_id, "Work") == "A"


def test_going_back_to_a_named_build_ends_a_ramp_that_is_under_way(api: Api, project_id: str, builds: Builds) -> None:
    a, _ = builds("A", "B")
    publish(api, project_id, "C", ramp=50)
    assert _roll_back(api, project_id, {"build": a})["buildId"] == a
    after = shown(api, project_id)
    assert (after["currentBuild"], after["ramp"]) == (a, None)
    assert active_version(api, project_id) == "A"


def test_a_project_from_a_folder_is_rolled_back_in_its_folder(api: Api, service: Service, project_id: str) -> None:
    assert service.settings.projects_dir is not None
    folder: Path = service.settings.projects_dir / project_id / "work"
    folder.mkdir(parents=True)
    api.put(f"/projects/{project_id}")
    for mark in ("A", "B"):
        (folder / "workflow.py").write_text(work(mark)["workflowCode"], encoding="utf-8")
        api.post("/workers/start", {"projectId": project_id}, expect=200)
        assert api.run(project_id, "Work") == mark
    first, second = [digest for digest, _ in reversed(_builds(api, project_id))]
    before = stored(service, project_id)
    path = f"/projects/{project_id}/deployment/rollback"
    for body in (None, {"build": first}):
        answer = refused(api, "POST", path, body, 409, "code loader directory")
        assert answer["code"] == "code_not_in_database"
    assert stored(service, project_id) == before
    assert shown(api, project_id)["currentBuild"] == second
