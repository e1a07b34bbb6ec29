"""Projects do not touch each other, and rows that a product wrote are taken or refused with a sentence."""

from typing import Any

import pytest
from sqlalchemy import text

from support.refusals import refused
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, eventually, unique_id

COUNTING = """
from datetime import timedelta

from temporalio import activity, workflow

calls = []


@activity.defn
def count() -> int:
    calls.append(1)
    return len(calls)


@workflow.defn
class Counting:
    @workflow.run
    async def run(self) -> int:
        return await workflow.execute_activity(count, start_to_close_timeout=timedelta(seconds=10))
"""


def _write(service: Service, statement: str, **values: Any) -> None:
    with service.store.database.writing() as session:
        session.execute(text(statement), values)


def _write_workflow(service: Service, project_id: str, name: str, workflow_id: str) -> None:
    _write(
        service,
        "INSERT INTO workflows (id, project_id, name) VALUES (:id, :project, :name)",
        id=workflow_id,
        project=project_id,
        name=name,
    )
    _write(
        service,
        "INSERT INTO workflow_compiled_code (workflow_id, version, workflow_code, is_active) "
        "VALUES (:id, '1', :code, true)",
        id=workflow_id,
        code=ECHO,
    )


def test_projects_whose_ids_differ_in_a_dash_only_share_no_state(api: Api) -> None:
    ids = [unique_id("shop"), unique_id("shop").replace("-", "_")]
    ids[1] = ids[0].replace("-", "_")
    for project_id in ids:
        api.deploy(project_id, "counting", {"version": "1", "workflowCode": COUNTING})
    assert [api.run(project_id, "Counting") for project_id in ids] == [1, 1]


def test_a_project_that_a_product_wrote_is_shown_started_and_run(api: Api, service: Service, project_id: str) -> None:
    queue = f"{project_id}-theirs"
    _write(service, "INSERT INTO projects (id, task_queue_name) VALUES (:id, :queue)", id=project_id, queue=queue)
    _write_workflow(service, project_id, "drawn", f"row-{project_id}")
    assert api.get(f"/projects/{project_id}")["taskQueue"] == queue
    assert api.get(f"/projects/{project_id}/workflows")["workflows"][0]["activeVersion"] == "1"
    api.post("/workers/start", {"projectId": project_id}, expect=200)
    assert api.run(project_id, "Echo", "hello") == "echo: hello"


def test_a_project_that_a_product_wants_to_run_is_started_by_the_host(
    api: Api, service: Service, project_id: str
) -> None:
    api.put(f"/projects/{project_id}")
    _write_workflow(service, project_id, "drawn", f"row-{project_id}")
    _write(service, "UPDATE projects SET desired_state = 'running' WHERE id = :id", id=project_id)
    eventually(lambda: api.get(f"/workers/status/{project_id}")["isRunning"])
    assert api.run(project_id, "Echo", "hello") == "echo: hello"


@pytest.mark.parametrize("name", ["my flow", "", "../x", "Größe", "a.b", "9 lives", "x" * 300])
def test_a_name_that_a_product_wrote_works_or_is_refused_with_a_sentence(
    api: Api, service: Service, project_id: str, name: str
) -> None:
    api.put(f"/projects/{project_id}")
    _write_workflow(service, project_id, name, f"row-{project_id}")
    answer = api.post("/workflows/reload", {"workflowId": f"row-{project_id}"}, expect=(200, 409, 422))
    if answer["success"]:
        assert api.run(project_id, "Echo", "hello") == "echo: hello"
    else:
        assert name in answer["error"]


def test_settings_that_a_product_wrote_and_that_do_not_fit_are_named(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id, start=False)
    settings = '{"maxConcurrentActivities": "many"}'
    _write(service, "UPDATE projects SET settings = :settings WHERE id = :id", id=project_id, settings=settings)
    refused(api, "POST", "/workers/start", {"projectId": project_id}, 500, project_id, "maxConcurrentActivities")
    path = f"/workers/status/{project_id}"
    status = eventually(lambda: found if (found := api.get(path))["status"] == "failed" else None)  # between two tries
    assert status is not None
    assert not status["isRunning"]
    assert "maxConcurrentActivities" in status["error"]


def test_a_restart_answers_as_the_contract_says_and_gives_a_new_worker(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    before = api.get(f"/workers/status/{project_id}")["workerId"]
    answer = api.post("/workers/restart", {"projectId": project_id}, expect=200)
    assert answer == {"success": True, "message": f"Worker restarted for project {project_id}"}
    assert api.get(f"/workers/status/{project_id}")["workerId"] != before
    assert api.run(project_id, "Echo", "hello") == "echo: hello"


def test_a_project_that_is_made_again_has_nothing_of_the_deleted_one(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    api.put(f"/projects/{project_id}", {"name": "old", "settings": {"maxConcurrentActivities": 3}})
    api.delete(f"/projects/{project_id}")
    made = api.put(f"/projects/{project_id}", {}, expect=201)
    assert (made["name"], made["settings"], made["desiredState"]) == (project_id, {}, "stopped")
    assert api.get(f"/projects/{project_id}/workflows") == {"workflows": []}
    assert refused(api, "POST", "/workers/start", {"projectId": project_id}, 409)["code"] == "no_workflows"


def test_stopping_a_project_that_never_ran_is_no_error(api: Api, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    answer = api.post("/workers/stop", {"projectId": project_id}, expect=200)
    assert answer == {"success": True, "message": f"Worker stopped for project {project_id}"}


def test_a_new_task_queue_is_polled_by_a_running_project(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    api.put(f"/projects/{project_id}", {"taskQueue": f"{project_id}-new"})
    assert api.run(project_id, "Echo", "hello") == "echo: hello"
    eventually(lambda: api.get(f"/workers/status/{project_id}")["isRunning"])
    assert api.get(f"/workers/status/{project_id}")["taskQueue"] == f"{project_id}-new"
