"""The names of operations say what a call does, by its method and path alone."""

import pytest

from workerhost.api.describing.names import operation_name

PROJECT = "/projects/{projectId}"


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/projects", "listProjects"),
        ("GET", PROJECT, "getProject"),
        ("PUT", PROJECT, "putProject"),
        ("DELETE", PROJECT, "deleteProject"),
        ("POST", f"{PROJECT}/pause", "pauseProject"),
        ("GET", f"{PROJECT}/usage", "getUsage"),
        ("GET", f"{PROJECT}/workflow-types", "listWorkflowTypes"),
        ("GET", f"{PROJECT}/executions", "listExecutions"),
        ("GET", f"{PROJECT}/executions/{{workflowId}}", "getExecution"),
        ("POST", f"{PROJECT}/executions/{{workflowId}}/cancel", "cancelExecution"),
        ("GET", f"{PROJECT}/executions/{{workflowId}}/steps", "listExecutionSteps"),
        ("GET", f"{PROJECT}/executions/{{workflowId}}/steps/{{stepId}}", "getExecutionStep"),
        ("GET", f"{PROJECT}/executions/{{workflowId}}/history", "getExecutionHistory"),
        ("PUT", f"{PROJECT}/workflows", "putWorkflows"),
        ("GET", f"{PROJECT}/workflows/{{name}}/versions/{{version}}", "getWorkflowVersion"),
        ("POST", f"{PROJECT}/batches", "createBatch"),
        ("POST", f"{PROJECT}/batches/{{batchId}}/stop", "stopBatch"),
        ("POST", f"{PROJECT}/deployment/promote", "promoteDeployment"),
        ("POST", "/hooks/{projectId}/{name}", "sendHook"),
        ("POST", "/workers/start", "startWorker"),
        ("GET", "/workers/status/{projectId}", "getWorkerStatus"),
        ("POST", "/workflows/reload", "reloadWorkflow"),
        ("GET", "/openapi.json", "getOpenapiJson"),
        ("GET", "/", "getRoot"),
    ],
)
def test_an_operation_is_named_by_what_it_does(method: str, path: str, name: str) -> None:
    assert operation_name(method, path, ()) == name


def test_a_name_that_is_taken_says_more_or_is_counted() -> None:
    taken = {"listActivities"}
    assert operation_name("GET", f"{PROJECT}/activities", taken) == "listProjectActivities"
    assert operation_name("GET", "/activities", taken) == "listActivities2"
    assert operation_name("GET", "/activities", {*taken, "listActivities2"}) == "listActivities3"
