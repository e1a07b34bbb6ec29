"""What many publishes leave behind in a host process: a service in this one, which must be a fresh one."""

import os
import sys
import threading
from dataclasses import dataclass
from typing import Any

import psutil
from flask.testing import FlaskClient

from publish_workloads import JOURNEY, of_build
from workerhost.api.app import create_app
from workerhost.code.build import PACKAGE
from workerhost.code.importer import FINDER
from workerhost.runtime.service import Service
from workerhost.settings import Settings

LOOK_EVERY = 20
"""Publishes between two looks."""


@dataclass(frozen=True)
class Footprint:
    """What the process takes at one moment."""

    publishes: int
    megabytes: float
    threads: int
    modules: int
    """In `sys.modules`, of builds."""
    sources: int
    """In the finder, of builds."""


def publish_again_and_again(database_url: str, temporal_address: str, project: str, count: int) -> list[Footprint]:
    """Publish so many builds of a project that should run, with an execution on each, and look at this process.

    Belongs to the process's main thread.
    """
    os.environ["TEMPORAL_ADDRESS"] = temporal_address
    service = Service(Settings(database_url=database_url))
    service.start()
    found: list[Footprint] = []
    try:
        api = create_app(service).test_client()
        _call(api, "POST", "/workers/start", {"projectId": project})
        for number in range(1, count + 1):
            _publish_and_run(api, project, number)
            if number % LOOK_EVERY == 0:
                found.append(_footprint(number))
    finally:
        service.stop()
    return found


def _publish_and_run(api: FlaskClient, project: str, number: int) -> None:
    code = {"version": str(number + 1), "workflowCode": of_build(number, JOURNEY)}
    _call(api, "PUT", f"/projects/{project}/workflows/main", code)
    started = _call(api, "POST", f"/projects/{project}/executions", {"workflowType": "Stage"})
    ended = _call(api, "GET", f"/projects/{project}/executions/{started['workflowId']}?wait=60")
    if set(ended.get("result") or ()) != {number}:
        raise RuntimeError(f"build {number} was published, and the execution ended with {ended}")


def _footprint(publishes: int) -> Footprint:
    return Footprint(
        publishes,
        round(psutil.Process().memory_info().rss / 1024**2, 1),
        threading.active_count(),
        sum(name.startswith(f"{PACKAGE}.") for name in list(sys.modules)),
        len(FINDER._sources),  # noqa: SLF001  nobody else needs to know
    )


def _call(api: FlaskClient, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    answer = api.open(path, method=method, json=body)
    if answer.status_code >= 400:
        raise RuntimeError(f"{method} {path} was answered with {answer.status_code}: {answer.text}")
    return answer.get_json()
