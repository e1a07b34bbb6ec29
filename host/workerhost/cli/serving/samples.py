"""Deploying the sample projects of plugins through the REST API and running their sample executions."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import click

from workerhost.client import ApiError, Client
from workerhost.errors import ConfigurationError
from workerhost.folders import code_digest
from workerhost.model import SampleProject, SampleRun, WorkflowCode
from workerhost.plugins import create_plugins

WAIT_SECONDS = 30


def sample_projects() -> list[SampleProject]:
    """Return the sample projects of all installed plugins."""
    return create_plugins().sample_projects()


def deploy(client: Client, project: SampleProject) -> None:
    """Publish the project's workflows, as any product would, and start the project.

    Raises:
        ApiError: the service refuses a step.
    """
    client.deploy(project.id, [replace(code, version=_version(code)) for code in project.workflows])


def run_samples(client: Client, projects: list[SampleProject]) -> bool:
    """Deploy the projects, run their executions, print each result, and tell whether all were as expected.

    Raises:
        ConfigurationError: no plugin brings a sample project.
    """
    if not projects:
        raise ConfigurationError("no plugin brings a sample project; install one with: pip install workerhost-samples")
    results = []
    for project in projects:
        click.echo(f"Deploying the project {project.id} …")
        deploy(client, project)
        results += list(_run_all(client, project))
    return all(results)


def _run_all(client: Client, project: SampleProject) -> Iterator[bool]:
    for run in project.runs:
        try:
            execution = _run(client, project, run)
        except ApiError as error:
            execution = {"status": "FAILED", "error": str(error)}
        passed = execution["status"] == "COMPLETED" and _matches(execution.get("result"), run.expected)
        mark = click.style("ok", fg="green") if passed else click.style("FAILED", fg="red")
        outcome = execution.get("result") if execution["status"] == "COMPLETED" else execution
        click.echo(f"{mark} {run.workflow_type}: {json.dumps(outcome, ensure_ascii=False)}")
        yield passed


def _run(client: Client, project: SampleProject, run: SampleRun) -> Mapping[str, Any]:
    begun = client.execute(project.id, run.workflow_type, *run.args)
    return client.wait(project.id, begun.workflow_id, WAIT_SECONDS).raw


def _matches(result: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return isinstance(result, dict) and all(_matches(result.get(key), value) for key, value in expected.items())
    return expected is None or bool(result == expected)


def _version(code: WorkflowCode) -> str:
    """Return the sample's version with a digest of its code, so that a changed sample is a new version."""
    return f"{code.version}+{code_digest(code)[:8]}"
