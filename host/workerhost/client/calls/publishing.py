"""Calls that publish code."""

from collections.abc import Mapping, Sequence
from typing import Any

from workerhost.answers import PublishResult, ReplayCheckResult
from workerhost.client.calls.call import CHECK_SECONDS, START_SECONDS, Call, project_path
from workerhost.client.options import as_flag
from workerhost.drawing import Drawing, DrawnWorkflow
from workerhost.model import Ramp, Smoke, WorkflowCode

REPLAY_SECONDS = 280.0
"""How long replaying runs may take."""


def publish(
    project_id: str,
    code: WorkflowCode | DrawnWorkflow,
    smoke: Smoke | None,
    ramp: float | Ramp | None,
    *,
    dry_run: bool,
) -> Call[PublishResult]:
    """Publish one workflow."""
    path = project_path(project_id, "workflows", code.name)
    return _publish(path, {"version": code.version, **_source(code)}, smoke, ramp, dry_run=dry_run)


def publish_all(
    project_id: str,
    codes: Sequence[WorkflowCode | DrawnWorkflow],
    smoke: Smoke | None,
    ramp: float | Ramp | None,
    *,
    dry_run: bool,
) -> Call[PublishResult]:
    """Publish several workflows in one build."""
    workflows = [{"name": code.name, "version": code.version, **_source(code)} for code in codes]
    return _publish(project_path(project_id, "workflows"), {"workflows": workflows}, smoke, ramp, dry_run=dry_run)


def check(project_id: str, code: WorkflowCode | DrawnWorkflow, sample: int | None) -> Call[ReplayCheckResult]:
    """Have runs that exist replayed on new code."""
    path = project_path(project_id, "workflows", code.name, "check")
    return Call("POST", path, ReplayCheckResult, {**_source(code), "sample": sample}, seconds=REPLAY_SECONDS)


def _publish(
    path: str, body: Mapping[str, Any], smoke: Smoke | None, ramp: float | Ramp | None, *, dry_run: bool
) -> Call[PublishResult]:
    more = {"smoke": smoke and _smoke(smoke), "ramp": _ramp(ramp) if isinstance(ramp, Ramp) else ramp}
    seconds = CHECK_SECONDS + START_SECONDS + (smoke.timeout if smoke else 0)
    return Call("PUT", path, PublishResult, {**body, **more}, {"dryRun": as_flag(dry_run)}, seconds)


def _smoke(smoke: Smoke) -> dict[str, Any]:
    return {"workflowType": smoke.workflow_type, "args": list(smoke.args), "timeoutSeconds": smoke.timeout}


def _ramp(ramp: Ramp) -> dict[str, Any]:
    return {
        "percent": ramp.percent,
        "failureThreshold": ramp.failure_threshold,
        "minimumRuns": ramp.minimum_runs,
    }


def source_of(drawing: Drawing) -> dict[str, Any]:
    """Return a drawing for a body."""
    return {"format": drawing.format, "document": drawing.document}


def _source(code: WorkflowCode | DrawnWorkflow) -> dict[str, Any]:
    if isinstance(code, DrawnWorkflow):
        sources: dict[str, Any] = {"source": source_of(code.drawing), "activitiesCode": code.activities_code}
    else:
        sources = {"workflowCode": code.workflow_code, "activitiesCode": code.activities_code}
    return {**sources, "modules": dict(code.modules)} if code.modules else sources
