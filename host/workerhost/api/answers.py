"""How values of workerhost look in answers: camelCase keys, times in ISO 8601 with Z."""

from datetime import UTC, datetime
from typing import Any

from workerhost.model import Project
from workerhost.runtime.executions import Execution
from workerhost.store import HostRecord, StoredWorkflow


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


def execution(value: Execution) -> dict[str, Any]:
    """Return an execution's fields; `result` where it completed, `error` where it ended otherwise."""
    fields = {
        "workflowId": value.workflow_id,
        "runId": value.run_id,
        "workflowType": value.workflow_type,
        "status": value.status,
        "startedAt": time(value.started_at),
        "closedAt": time(value.closed_at),
    }
    if value.error is not None:
        fields["error"] = value.error
    elif value.status == "COMPLETED":
        fields["result"] = value.result
    return fields
