"""How values of workerhost look in answers: camelCase keys, times in ISO 8601 with Z."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from workerhost.model import ActiveRamp, Project
from workerhost.runtime.deployments.mover import MovedExecution, not_moved_as_json
from workerhost.runtime.deployments.replay_check import ReplayFindings
from workerhost.runtime.deployments.view import BuildView, DeploymentView
from workerhost.runtime.executions.execution import Execution
from workerhost.store import HostRecord, StoredWorkflow
from workerhost.store.moves import BuildMove


def time(value: datetime | None) -> str | None:
    """Return a point in time as `2026-01-31T12:00:00.000Z`."""
    return None if value is None else value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def project(value: Project) -> dict[str, Any]:
    """Return a project's fields."""
    return {
        "id": value.id,
        "name": value.name,
        "taskQueue": value.task_queue,
        "desiredState": value.desired_state,
        "settings": value.settings,
    }


def workflow(value: StoredWorkflow) -> dict[str, Any]:
    """Return a workflow's fields."""
    return {
        "workflowId": f"{value.project_id}/{value.name}",
        "name": value.name,
        "activeVersion": value.active_version,
        "versions": list(value.versions),
    }


def ramp(value: ActiveRamp) -> dict[str, Any]:
    """Return a ramp's fields."""
    return {
        "build": value.build,
        "percent": value.percent,
        "failureThreshold": value.failure_threshold,
        "minimumRuns": value.minimum_runs,
        "startedAt": time(value.started_at),
    }


def deployment(value: DeploymentView) -> dict[str, Any]:
    """Return what is deployed."""
    ramping = value.project.deployment.ramp
    outcomes = {build_id: {"ended": each.ended, "failed": each.failed} for build_id, each in value.outcomes.items()}
    return {
        "projectId": value.project.id,
        "revision": value.project.deployment.revision,
        "currentBuild": value.project.current_build,
        "ramp": ramp(ramping) | {"outcomes": outcomes} if ramping else None,
        "builds": [_build(each) for each in value.builds],
        "visibility": {
            "asOf": time(value.open_runs.counted_at) if value.open_runs else None,
            "ageMs": value.open_runs.age_ms if value.open_runs else None,
            "error": value.error,
        },
        "events": [
            {"at": time(each.at), "kind": each.kind, "build": each.build, "message": each.message}
            for each in value.events
        ],
    }


def _build(value: BuildView) -> dict[str, Any]:
    return {
        "digest": value.build.id,
        "state": value.state,
        "versions": value.build.versions,
        "becameCurrentAt": time(value.build.became_current_at),
        "openRuns": value.open_runs,
        "openRunCount": None if value.open_runs is None else sum(value.open_runs.values()),
    }


def build_move(value: BuildMove) -> dict[str, Any]:
    """Return how far a move of many runs has come."""
    message = value.message or f"{value.moved} of {value.total} runs were moved to build {value.to_build}"
    return {
        "success": value.status != "failed",
        "message": message,
        "moveId": value.id,
        "status": value.status,
        "from": value.from_build,
        "to": value.to_build,
        "total": value.total,
        "moved": value.moved,
        "notMoved": list(value.not_moved),
        "startedAt": time(value.started_at),
        "endedAt": time(value.ended_at),
    }


def moved_execution(value: MovedExecution) -> dict[str, Any]:
    """Return what moving one run did."""
    what = "goes on with" if value.has_changed else "is already on"
    return {
        "success": True,
        "message": f"Execution {value.run.workflow_id} {what} build {value.to_build}",
        "workflowId": value.run.workflow_id,
        "runId": value.run.run_id,
        "from": value.from_build,
        "to": value.to_build,
        "changed": value.has_changed,
    }


def replay_check(value: ReplayFindings) -> dict[str, Any]:
    """Return which runs would replay on code that is not published."""
    tallies = [*value.open_runs.values(), *value.recent_runs.values()]
    checked, replayed = sum(each.checked for each in tallies), sum(each.replayed for each in tallies)
    return {
        "success": True,
        "message": f"The code loads, and {replayed} of {checked} runs would replay on it",
        "buildId": value.build_id,
        "replays": checked == replayed,
        "checked": checked,
        "replayed": replayed,
        "types": {
            name: {"open": asdict(value.open_runs[name]), "recent": asdict(value.recent_runs[name])}
            for name in sorted({*value.open_runs, *value.recent_runs})
        },
        "diverged": [not_moved_as_json(run, divergence) | {"status": run.status} for run, divergence in value.diverged],
    }


def host(value: HostRecord) -> dict[str, Any]:
    """Return a host's fields."""
    return {
        "id": value.id,
        "machine": value.machine,
        "processId": value.process_id,
        "version": value.version,
        "status": "late" if value.is_late else "draining" if value.is_draining else "live",
        "pools": list(value.pools),
        "capacity": value.capacity,
        "running": value.running,
        "plugins": value.plugins,
        "startedAt": time(value.started_at),
        "lastHeartbeat": time(value.last_heartbeat),
    }


def execution(value: Execution, moved_to: str | None) -> dict[str, Any]:
    """Return an execution's fields; `result` where it completed, `error` where it ended otherwise."""
    fields = {
        "workflowId": value.workflow_id,
        "runId": value.run_id,
        "workflowType": value.workflow_type,
        "status": value.status,
        "startedAt": time(value.started_at),
        "closedAt": time(value.closed_at),
        "buildId": moved_to or value.build_id,
    }
    if value.error is not None:
        fields["error"] = value.error
    elif value.status == "COMPLETED":
        fields["result"] = value.result
    return fields
