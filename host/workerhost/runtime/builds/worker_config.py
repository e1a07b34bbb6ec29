"""What a project's worker and the replays of its runs are configured with alike."""

import os
import socket
from datetime import timedelta

from temporalio.worker import WorkerConfig

from workerhost.code.executing.activity_call import any_activity
from workerhost.model import Project
from workerhost.runtime.builds.limits import project_limits
from workerhost.runtime.builds.runner import AnyWorkflow
from workerhost.settings import Settings


def worker_options(project: Project, settings: Settings) -> WorkerConfig:
    """Return the arguments of a project's worker, without client, workflow runner and executors.

    Args:
        project: whose task queue the worker polls.
        settings: of the host.

    Raises:
        WorkerFailedError: the project's settings are not valid.
    """
    limits = project_limits(project, settings)
    return {
        "task_queue": project.task_queue,
        "workflows": [AnyWorkflow],
        "activities": [any_activity],
        "interceptors": [],
        "plugins": [],
        # Named here because the SDK would otherwise walk through every loaded module to make one up.
        "build_id": "workerhost",
        "identity": worker_identity(project),
        "max_cached_workflows": settings.max_cached_workflows,
        "max_concurrent_activities": limits.max_concurrent_activities,
        "max_concurrent_workflow_tasks": limits.max_concurrent_workflow_tasks,
        # The server's limit, for the queue: it holds for all replicas together.
        "max_task_queue_activities_per_second": limits.max_activities_per_second,
        # Few, since a host runs many workers and a namespace allows so many polls in all. Pollers that scale by
        # themselves cost an idle worker 0.013% of a core, twenty times what these do.
        "max_concurrent_workflow_task_polls": 2,
        "max_concurrent_activity_task_polls": 1,
        "graceful_shutdown_timeout": timedelta(seconds=settings.drain_timeout),
    }


def worker_identity(project: Project) -> str:
    """Return how Temporal shows this process's workers of a project."""
    return f"{os.getpid()}@{socket.gethostname()}/{project.id}"
