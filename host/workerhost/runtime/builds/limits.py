"""What a project may take, of its own settings and of its host's."""

from pydantic import ValidationError

from workerhost.errors import WorkerFailedError
from workerhost.model import Project
from workerhost.observed import LogLevel
from workerhost.project_settings import ProjectSettings
from workerhost.settings import Settings
from workerhost.words import Isolation


def project_limits(project: Project, settings: Settings) -> ProjectSettings:
    """Return the limits in the project's settings; those it leaves out are the host's.

    Raises:
        WorkerFailedError: something else was written there, or it asks for what this host does not allow.
    """
    try:
        own = ProjectSettings.model_validate(project.settings)
    except ValidationError as error:
        fields = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise WorkerFailedError(f"the settings of project {project.id} are not valid: {fields}") from error
    isolation = own.isolation or settings.isolation
    if isolation == Isolation.THREAD and settings.isolation != Isolation.THREAD:
        raise WorkerFailedError(
            f"the settings of project {project.id} ask for isolation {isolation}, which this host does not allow "
            "(WORKERHOST_ISOLATION)"
        )
    return ProjectSettings(
        isolation=isolation,
        memory_mb=own.memory_mb,
        activity_cpu_seconds=own.activity_cpu_seconds,
        processes=own.processes,
        network=own.network,
        other_task_queues=own.other_task_queues,
        max_concurrent_activities=own.max_concurrent_activities or settings.max_concurrent_activities,
        max_concurrent_workflow_tasks=own.max_concurrent_workflow_tasks or settings.max_concurrent_workflow_tasks,
        max_activities_per_second=own.max_activities_per_second,
        log_level=own.log_level or LogLevel.INFO,
        environment=own.environment,
    )
