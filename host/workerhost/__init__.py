"""Runs the workflows of many projects on Temporal, one worker per project, their code from a database.

Plugin authors need nothing but this module::

    from workerhost import ActivitySet, hookimpl
"""

from workerhost.hookspecs import hookimpl
from workerhost.model import (
    ActivitySet,
    BuildSummary,
    Problem,
    Project,
    ProjectCode,
    ProjectSettings,
    SampleProject,
    SampleRun,
    WorkflowCode,
    current_project_id,
)

__all__ = [
    "ActivitySet",
    "BuildSummary",
    "Problem",
    "Project",
    "ProjectCode",
    "ProjectSettings",
    "SampleProject",
    "SampleRun",
    "WorkflowCode",
    "current_project_id",
    "hookimpl",
]
