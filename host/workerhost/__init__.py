"""Runs the workflows of many projects on Temporal, one worker per project, their code from a database.

Plugin authors need nothing but this module::

    from workerhost import ActivitySet, hookimpl

And so do products that call the control API::

    from workerhost import AsyncClient, Client
"""

from typing import TYPE_CHECKING

from workerhost.drawing import (
    Compilation,
    CompileContext,
    Drawing,
    DrawingProblem,
    DrawnWorkflow,
    KnownActivity,
    NodeLine,
    Trigger,
)
from workerhost.hookspecs import hookimpl
from workerhost.model import (
    ActivitySet,
    BuildSummary,
    Problem,
    Project,
    ProjectCode,
    SampleProject,
    SampleRun,
    WorkflowCode,
    current_project_id,
)
from workerhost.project_settings import ProjectSettings
from workerhost.trace_context import trace_headers

if TYPE_CHECKING:
    from workerhost.client import AsyncClient, Client
else:

    def __getattr__(name):
        """Import the clients when they are asked for: most processes that import this need no HTTP library."""
        if name in ("AsyncClient", "Client"):
            from workerhost import client  # noqa: PLC0415

            return getattr(client, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "ActivitySet",
    "AsyncClient",
    "BuildSummary",
    "Client",
    "Compilation",
    "CompileContext",
    "Drawing",
    "DrawingProblem",
    "DrawnWorkflow",
    "KnownActivity",
    "NodeLine",
    "Problem",
    "Project",
    "ProjectCode",
    "ProjectSettings",
    "SampleProject",
    "SampleRun",
    "Trigger",
    "WorkflowCode",
    "current_project_id",
    "hookimpl",
    "trace_headers",
]
