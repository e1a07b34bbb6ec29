"""Each row of the REST contract, on a real service."""

import sqlite3
from pathlib import Path

import pytest

from support import greeting
from workerhost.code.sealing.survey import survey
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, unique_id

FAILING = """
from temporalio import workflow
from temporalio.exceptions import ApplicationError


@workflow.defn
class Failing:
    @workflow.run
    async def run(self) -> str:
        raise ApplicationError("the shop is closed")
"""


def _connect(service: Service) -> sqlite3.Connection:
    return sqlite3.connect(str(service.store.database.url.database))


def _write_code_rows(service: Service, project_id: str, code: str) -> None:
    """Write a workflow the way a product's own compiler does, with an id of its own."""
    connection = _connect(service)
    with connection:
        connection.execute(
            "INSERT OR IGNORE INTO workflows (id, project_id, name) VALUES (?, ?, 'drawn')",
            (f"uuid-of-{project_id}", project_id),
        )
        connection.execute(
            "UPDATE workflow_compiled_code SET is_active = false WHERE workflow_id = ?", (f"uuid-of-{project_id}",)
        )
        connection.execute(
            "INSERT INTO workflow_compiled_code (workflow_id, version, workflow_code, is_active) "
            "VALUES (?, ?, ?, true)",
            (f"uuid-of-{project_id}", unique_id("v"), code),
        )
    connection.close()


def test_health_has_exactly_two_keys(api: Api) -> None:
    assert api.get("/health") == {"status": "ok", "service": "temporal-worker-service"}


def test_ready_names_each_check(api: Api) -> None:
    answer = api.get("/ready")
    assert answer["status"] == "ready"
    assert answer["checks"]["database"] == answer["checks"]["temporal"] == "ok"
    assert "plugins" in answer["checks"]


def test_start_and_stop_can_be_repeated(api: Api, project_id: str) -> None:
    api.deploy(project_id, start=False)
    assert api.get(f"/workers/status/{project_id}")["status"] == "stopped"
    body = {"projectId": project_id}
    for _ in range(2):
        answer = api.post("/workers/start", body, expect=200)
        assert answer == {"success": True, "message": f"Worker started for project {project_id}"}
    assert api.get("/workers") == {"workers": [project_id], "count": 1}
    for _ in range(2):
        answer = api.post("/workers/stop", body, expect=200)
        assert answer == {"success": True, "message": f"Worker stopped for project {project_id}"}
    assert api.get("/workers") == {"workers": [], "count": 0}


def test_status_says_everything_about_a_worker(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id)
    status = api.get(f"/workers/status/{project_id}")
    assert status["projectId"] == project_id
    assert status["status"] == "running"
    assert status["isRunning"] is True
    assert status["taskQueue"] == f"{project_id}-queue"
    assert status["hostId"] == service.host.id
    assert status["error"] is None
    assert len(status["buildId"]) == 32
    assert status["startedAt"].endswith("Z")
    assert status["lastHeartbeat"].endswith("Z")
    assert status["workerId"]


def test_the_operators_query_works(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id)
    connection = _connect(service)
    rows = connection.execute(
        "SELECT worker_id, project_id, status, last_heartbeat FROM workflow_workers WHERE status = 'running'"
    ).fetchall()
    connection.close()
    [(worker_id, row_project, status, heartbeat)] = rows
    assert (row_project, status) == (project_id, "running")
    assert worker_id == api.get(f"/workers/status/{project_id}")["workerId"]
    assert heartbeat


def test_a_project_is_created_changed_listed_and_deleted(api: Api, project_id: str) -> None:
    created = api.put(f"/projects/{project_id}", {}, expect=201)
    assert created == {
        "id": project_id,
        "name": project_id,
        "taskQueue": f"{project_id}-queue",
        "desiredState": "stopped",
        "settings": {},
    }
    changes = {"name": "The shop", "taskQueue": f"{project_id}-own", "settings": {"maxConcurrentActivities": 3}}
    changed = api.put(f"/projects/{project_id}", changes, expect=200)
    assert changed == {**created, **changes}
    assert api.put(f"/projects/{project_id}", {}, expect=200) == changed
    assert api.get(f"/projects/{project_id}") == changed
    assert changed in api.get("/projects")["projects"]
    api.delete(f"/projects/{project_id}")
    api.get(f"/projects/{project_id}", expect=404)


def test_deleting_a_project_stops_its_worker(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    api.delete(f"/projects/{project_id}")
    assert api.get("/workers") == {"workers": [], "count": 0}


def test_versions_are_stored_listed_and_activated_again(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    api.put(f"/projects/{project_id}/workflows/echo", {"version": 2, "workflowCode": ECHO.replace("echo:", "two:")})
    workflow = {
        "workflowId": f"{project_id}/echo",
        "name": "echo",
        "activeVersion": "2",
        "versions": ["1", "2"],
    }
    assert api.get(f"/projects/{project_id}/workflows") == {"workflows": [workflow]}
    assert api.run(project_id, "Echo", "hello") == "two: hello"

    answer = api.post(f"/projects/{project_id}/workflows/echo/activate", {"version": "1"}, expect=200)
    assert answer["success"] is True
    assert api.run(project_id, "Echo", "hello") == "echo: hello"
    assert api.get(f"/projects/{project_id}/workflows")["workflows"][0]["activeVersion"] == "1"
    api.post(f"/projects/{project_id}/workflows/echo/activate", {"version": "9"}, expect=404)
    api.post(f"/projects/{project_id}/workflows/other/activate", {"version": "1"}, expect=404)


def test_a_deleted_workflow_is_gone_from_the_next_build(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    api.put(f"/projects/{project_id}/workflows/greeting", greeting("A"))
    api.delete(f"/projects/{project_id}/workflows/greeting")
    answer = api.post(f"/projects/{project_id}/executions", {"workflowType": "Greeting"}, expect=404)
    assert answer["code"] == "workflow_type_not_found"
    assert api.run(project_id, "Echo", "hello") == "echo: hello"
    api.delete(f"/projects/{project_id}/workflows/greeting", expect=404)
    api.delete(f"/projects/{project_id}/workflows/echo")
    assert api.get(f"/projects/{project_id}/workflows") == {"workflows": []}


@pytest.mark.parametrize("named_by", ["row id", "path"])
def test_reload_takes_code_that_a_product_wrote_into_the_tables(
    api: Api, service: Service, project_id: str, named_by: str
) -> None:
    api.put(f"/projects/{project_id}")
    _write_code_rows(service, project_id, ECHO)
    api.post("/workers/start", {"projectId": project_id})
    _write_code_rows(service, project_id, ECHO.replace("echo:", "drawn:"))
    assert api.run(project_id, "Echo", "hello") == "echo: hello"

    workflow_id = f"uuid-of-{project_id}" if named_by == "row id" else f"{project_id}/drawn"
    answer = api.post("/workflows/reload", {"workflowId": workflow_id}, expect=200)
    assert answer["success"] is True
    assert answer["workflowId"] == workflow_id
    assert api.run(project_id, "Echo", "hello") == "drawn: hello"


def test_reload_with_broken_rows_is_refused_and_the_old_code_goes_on(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id)
    _write_code_rows(service, project_id, "x = (")
    answer = api.post("/workflows/reload", {"workflowId": f"{project_id}/drawn"}, expect=422)
    assert "drawn.workflow, line 1" in answer["error"]
    assert api.run(project_id, "Echo", "hello") == "echo: hello"


def test_broken_rows_are_never_started(api: Api, service: Service, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    _write_code_rows(service, project_id, "import nowhere")
    answer = api.post("/workers/start", {"projectId": project_id}, expect=422)
    assert "No module named 'nowhere'" in answer["error"]
    assert api.get(f"/projects/{project_id}")["desiredState"] == "stopped"


def test_an_execution_is_started_waited_for_and_shown(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    body = {"workflowType": "Echo", "args": ["hello"], "workflowId": project_id}
    started = api.post(f"/projects/{project_id}/executions", body, expect=202)
    assert started["workflowId"] == project_id
    execution = api.get(f"/projects/{project_id}/executions/{project_id}?wait=20")
    assert execution["runId"] == started["runId"]
    assert execution["workflowType"] == "Echo"
    assert execution["status"] == "COMPLETED"
    assert execution["result"] == "echo: hello"
    assert execution["startedAt"].endswith("Z")
    assert execution["closedAt"].endswith("Z")
    assert "error" not in execution


def test_a_failed_execution_says_why(api: Api, project_id: str) -> None:
    api.deploy(project_id, "failing", {"version": "1", "workflowCode": FAILING})
    execution = api.outcome(project_id, api.begin(project_id, "Failing"))
    assert execution["status"] == "FAILED"
    assert execution["error"] == "the shop is closed"
    assert "result" not in execution


def test_a_running_id_is_refused_and_a_signal_cancel_and_terminate_reach_it(api: Api, project_id: str) -> None:
    api.deploy(project_id, "greeting", greeting("A"))
    path = f"/projects/{project_id}/executions"
    body = {"workflowType": "Greeting", "args": ["you"], "workflowId": project_id}
    api.post(path, body, expect=202)
    assert api.post(path, body, expect=409)["code"] == "execution_running"
    api.post(f"{path}/{project_id}/signal", {"name": "say", "args": ["bye"]}, expect=202)
    assert api.outcome(project_id, project_id)["status"] == "COMPLETED"

    for action, status in (("cancel", "CANCELED"), ("terminate", "TERMINATED")):
        workflow_id = api.begin(project_id, "Greeting", "you")
        api.post(f"{path}/{workflow_id}/{action}", {"reason": "a test"}, expect=202)
        assert api.outcome(project_id, workflow_id)["status"] == status
        api.post(f"{path}/{workflow_id}/{action}", {}, expect=409)


def test_hosts_say_what_their_machine_gives_to_seal_code_with(api: Api) -> None:
    [host] = api.get("/hosts")["hosts"]
    assert host["isolation"] == list(survey().names)
    assert "process" in host["isolation"]


def test_plugins_are_listed_with_what_they_bring(api: Api) -> None:
    plugins = {plugin["name"]: plugin for plugin in api.get("/plugins")["plugins"]}
    assert plugins["database"]["hooks"] == ["workerhost_load_code"]
    assert set(plugins["database"]) >= {"name", "version", "hooks", "activities", "error"}
    assert plugins["directory"]["error"] is None


@pytest.mark.samples
def test_the_catalogue_describes_the_sample_activities(api: Api) -> None:
    activities = {activity["name"]: activity for activity in api.get("/activities")["activities"]}
    assert set(activities) >= {
        "sampleActivity",
        "buildPackage",
        "httpRequest",
        "transformData",
        "waitFor",
        "logMessage",
        "validateData",
    }
    sample = activities["sampleActivity"]
    assert sample["plugin"] == "samples"
    assert sample["description"]
    assert sample["inputSchema"]["properties"]["message"]["type"] == "string"
    assert sample["outputSchema"] == {"type": "string"}


def test_a_folder_of_the_directory_loader_runs_and_refuses_a_publish(
    api: Api, service: Service, project_id: str
) -> None:
    assert service.settings.projects_dir is not None
    folder = Path(service.settings.projects_dir) / project_id / "echo"
    folder.mkdir(parents=True)
    (folder / "workflow.py").write_text(ECHO)
    api.put(f"/projects/{project_id}")
    api.post("/workers/start", {"projectId": project_id}, expect=200)
    assert api.run(project_id, "Echo", "hello") == "echo: hello"
    body = {"version": "1", "workflowCode": ECHO}
    answer = api.put(f"/projects/{project_id}/workflows/echo", body, expect=409)
    assert "directory" in answer["error"]
