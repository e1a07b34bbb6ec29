"""Deploying the sample projects of plugins through the REST API and running their sample executions."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import click

from workerhost.cli.rest import RestApi, RestError
from workerhost.errors import ConfigurationError
from workerhost.model import SampleProject, SampleRun, WorkflowCode
from workerhost.plugins import create_plugins

WAIT_SECONDS = 30


def sample_projects() -> list[SampleProject]:
    """Return the sample projects of all installed plugins."""
    found = create_plugins().collect("workerhost_register_sample_projects")
    return [project for _, projects in found for project in projects or ()]


def deploy(api: RestApi, project: SampleProject) -> None:
    """Store the project's workflows, as any product would, and start it.

    Raises:
        RestError: the service refuses a step.
    """
    api.call("PUT", f"/projects/{project.id}", {})
    for code in project.workflows:
        body = {"version": _version(code), "workflowCode": code.workflow_code}
        if code.activities_code is not None:
            body["activitiesCode"] = code.activities_code
        api.call("PUT", f"/projects/{project.id}/workflows/{code.name}", body)
    api.call("POST", "/workers/start", {"projectId": project.id})


def run_samples(api: RestApi, projects: list[SampleProject]) -> bool:
    """Deploy the projects, run their executions, print each result, and tell whether all were as expected.

    Raises:
        ConfigurationError: no plugin brings a sample project.
    """
    if not projects:
        raise ConfigurationError("no plugin brings a sample project; install one with: pip install workerhost-samples")
    results = []
    for project in projects:
        click.echo(f"Deploying the project {project.id} …")
        deploy(api, project)
        results += list(_run_all(api, project))
    return all(results)


def _run_all(api: RestApi, project: SampleProject) -> Iterator[bool]:
    for run in project.runs:
        try:
            execution = _run(api, project, run)
        except RestError as error:
            execution = {"status": "FAILED", "error": str(error)}
        passed = execution["status"] == "COMPLETED" and _matches(execution.get("result"), run.expected)
        mark = click.style("ok", fg="green") if passed else click.style("FAILED", fg="red")
        outcome = execution.get("result") if execution["status"] == "COMPLETED" else execution
        click.echo(f"{mark} {run.workflow_type}: {json.dumps(outcome, ensure_ascii=False)}")
        yield passed


def _run(api: RestApi, project: SampleProject, run: SampleRun) -> dict[str, Any]:
    path = f"/projects/{project.id}/executions"
    started = api.call("POST", path, {"workflowType": run.workflow_type, "args": list(run.args)})
    return api.call("GET", f"{path}/{started['workflowId']}?wait={WAIT_SECONDS}")


def _matches(result: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return isinstance(result, dict) and all(_matches(result.get(key), value) for key, value in expected.items())
    return expected is None or bool(result == expected)


def _version(code: WorkflowCode) -> str:
    """Return a version that names the content too, so that a changed sample is a new version."""
    digest = hashlib.sha256(f"{code.workflow_code}\0{code.activities_code}".encode()).hexdigest()
    return f"{code.version}+{digest[:8]}"
