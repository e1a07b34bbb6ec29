"""Projects are paused, and what is started meanwhile waits; runs are paused where Temporal does that."""

from support.basket import BASKET
from support.refusals import refused
from workerhost.settings import Settings
from workerhost.testing import Api, eventually, running_service


def test_what_is_started_while_a_project_is_paused_waits_and_goes_on_after(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    path = f"/projects/{project_id}"
    answer = api.post(f"{path}/pause", {"reason": "month's end"}, expect=200)
    assert answer["message"] == f"Project {project_id} is paused"
    paused = answer["paused"]
    assert paused["reason"] == "month's end"
    assert api.post(f"{path}/pause", {"reason": "another"}, expect=200)["paused"] == paused
    shown = api.get(path)
    assert (shown["paused"], shown["desiredState"]) == (paused, "running")
    status = api.get(f"/workers/status/{project_id}")
    assert status["status"] == "stopped"
    assert status["error"].startswith(f"project {project_id} is paused since ")
    run = api.begin(project_id, "Echo", "tea")
    found = api.get(f"{path}/executions/{run}")
    assert (found["status"], found["stuck"]["code"]) == ("RUNNING", "no_worker")
    assert found["stuck"]["reason"] == status["error"]
    query = refused(api, "POST", f"{path}/executions/{run}/query", {"name": "x"}, 409, "(month's end); resume it")
    assert query["code"] == "no_worker"
    start = api.post("/workers/start", {"projectId": project_id}, expect=202)
    assert status["error"] in start["message"]
    assert api.post(f"{path}/resume", expect=200) == {
        "success": True,
        "message": f"Project {project_id} goes on",
        "paused": None,
    }
    assert api.outcome(project_id, run)["result"] == "echo: tea"
    assert "paused" not in api.get(path)
    api.post(f"{path}/resume", expect=200)


def test_a_pause_holds_on_every_host_and_a_stopped_project_stays_stopped(
    api: Api, project_id: str, settings: Settings
) -> None:
    api.deploy(project_id)
    path = f"/projects/{project_id}"
    api.post(f"{path}/pause", expect=200)
    with running_service(settings) as other:
        there = Api.of(other)
        assert there.get(path)["paused"]
        run = there.begin(project_id, "Echo", "tea")
        assert there.get(f"/workers/status/{project_id}")["status"] == "stopped"
        there.post(f"{path}/resume", expect=200)
        assert api.outcome(project_id, run)["status"] == "COMPLETED"
        api.post(f"{path}/pause", expect=200)
        there.post("/workers/stop", {"projectId": project_id}, expect=200)
        there.post(f"{path}/resume", expect=200)
        assert api.get(f"/workers/status/{project_id}")["status"] == "stopped"


def test_a_run_is_paused_and_goes_on(api: Api, project_id: str) -> None:
    api.deploy(project_id, "basket", {"version": "1", "workflowCode": BASKET})
    run = api.begin(project_id, "Basket")
    path = f"/projects/{project_id}/executions"
    eventually(lambda: api.get(f"{path}/{run}")["buildId"])
    for _ in range(2):
        api.post(f"{path}/{run}/pause", {"reason": "wait"}, expect=202)
    api.post(f"{path}/{run}/signal", {"name": "close"})
    found = api.get(f"{path}/{run}")
    assert (found["status"], found["stuck"]) == ("RUNNING", None)
    eventually(lambda: [each["status"] for each in api.get(path)["executions"]] == ["RUNNING"])
    refused(api, "POST", f"{path}/{run}/update", {"name": "add", "args": ["x"]}, 409, "paused")
    api.post(f"{path}/{run}/resume", expect=202)
    assert api.outcome(project_id, run)["status"] == "COMPLETED"
    refused(api, "POST", f"{path}/{run}/pause", None, 409, "no longer runs")


def test_a_run_that_is_paused_before_a_worker_takes_it_up_goes_on(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    api.post("/workers/stop", {"projectId": project_id})
    run = api.begin(project_id, "Echo", "tea")
    path = f"/projects/{project_id}/executions/{run}"
    for what in ("pause", "resume"):
        api.post(f"{path}/{what}", expect=202)
    api.post("/workers/start", {"projectId": project_id})
    assert api.outcome(project_id, run)["result"] == "echo: tea"


def test_pauses_of_what_is_not_there_are_refused(api: Api, project_id: str) -> None:
    for what in ("pause", "resume"):
        refused(api, "POST", f"/projects/{project_id}-none/{what}", None, 404, "does not exist")
    api.put(f"/projects/{project_id}")
    for what in ("pause", "resume"):
        refused(api, "POST", f"/projects/{project_id}/executions/none/{what}", None, 404, "has no execution")
        refused(api, "POST", f"/projects/{project_id}/{what}", {"why": "x"}, 400, "why is not a known field")
