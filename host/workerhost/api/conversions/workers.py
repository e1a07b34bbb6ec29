"""Project workers."""

from workerhost.answers import ReplicasInfo, WorkerInfo, WorkerTotalsInfo
from workerhost.runtime.hosts.project_status import ProjectStatus
from workerhost.store import WorkerTotals
from workerhost.words import WorkerStatus


def worker_info(found: ProjectStatus, totals: WorkerTotals | None) -> WorkerInfo:
    """Return what a project's worker does, and what has ended on its host, as the API shows it."""
    worker = found.worker
    return WorkerInfo(
        project_id=found.project.id,
        status=found.status,
        is_running=found.status == WorkerStatus.RUNNING,
        worker_id=worker.worker_id if worker else None,
        task_queue=found.project.task_queue,
        host_id=worker.host_id if worker else None,
        build_id=(worker.build_id if worker else None) or found.project.current_build,
        started_at=worker.started_at if worker else None,
        last_heartbeat=worker.last_heartbeat if worker else None,
        error=found.error,
        replicas=ReplicasInfo(wanted=found.replicas, running=found.running),
        totals=_totals_info(totals) if totals else None,
    )


def _totals_info(totals: WorkerTotals) -> WorkerTotalsInfo:
    return WorkerTotalsInfo(
        runs=totals.runs,
        failed_runs=totals.failed_runs,
        activities=totals.activities,
        failed_activities=totals.failed_activities,
    )
