"""The words of workerhost as values: what hooks, store, code and runtime hand to each other."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$"
"""What an id of a project, workflow or execution looks like."""

DYNAMIC = "(dynamic)"
"""Stands for the name of a dynamic workflow or activity, which answers for every name that is not defined."""

_ID = re.compile(ID_PATTERN.removesuffix("$"))

PROJECT_ID: ContextVar[str | None] = ContextVar("workerhost_project_id", default=None)
"""The project whose activity runs in this context; set by the host around each activity."""


def is_valid_id(value: str) -> bool:
    """Tell whether `value` may name a project, a workflow or an execution."""
    return _ID.fullmatch(value) is not None


def current_project_id() -> str | None:
    """Return the id of the project whose activity is running here, or None outside of an activity.

    For activities of plugins, in any thread that the activity's context reaches.
    """
    return PROJECT_ID.get()


class ProjectSettings(BaseModel):
    """Limits of one project; what is unset follows the host's settings."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)

    max_concurrent_activities: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    """Activities of this project that may run at once."""
    max_concurrent_workflow_tasks: Annotated[int, Field(ge=2, le=1000, strict=True)] | None = None
    """Workflow tasks of this project that may run at once; the SDK needs two, one of them for cached runs."""
    max_activities_per_second: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)] | None = None
    """Activities of this project that may start each second, over all of its replicas; kept by Temporal."""
    replicas: Annotated[int, Field(ge=1, le=100, strict=True)] | None = None
    """How many hosts run the project at once; 1 where it is unset."""
    pool: Annotated[str, Field(pattern=ID_PATTERN)] | None = None
    """The pool of hosts that run the project; `default` where it is unset."""


@dataclass(frozen=True)
class Project:
    """A tenant: its id, its name, its task queue, whether it should run, its limits."""

    id: str
    name: str
    task_queue: str
    desired_state: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    """As stored; a product may have written anything there, `ProjectSettings` says what is valid."""
    current_build: str | None = None
    """Digest of the build that new runs take; None until the first publish or start."""
    generation: int = 0
    """Counts the restarts that were asked for; a worker of an earlier generation is replaced."""


@dataclass(frozen=True)
class WorkflowCode:
    """The active code of one workflow, as Python source."""

    name: str
    version: str
    workflow_code: str
    activities_code: str | None = None


@dataclass(frozen=True)
class ProjectCode:
    """All active code of a project, as a code loader answers it."""

    workflows: tuple[WorkflowCode, ...]
    loader: str
    """Name of the code loader that answered."""


@dataclass(frozen=True)
class Problem:
    """Why a build cannot run: the module and line where that shows, and the reason as a sentence."""

    reason: str
    module: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.module}, line {self.line}: " if self.line else f"{self.module}: " if self.module else ""
        return place + self.reason


@dataclass(frozen=True)
class BuildSummary:
    """What checking a build found in it."""

    project_id: str
    digest: str
    modules: dict[str, str]
    """Source text by module name within the project, for example `billing.workflow`."""
    workflow_types: tuple[str, ...]
    activity_names: tuple[str, ...]
    required_plugins: tuple[str, ...] = ()
    """Names of the plugins whose activities or packages its sources name."""

    def runs(self, workflow_type: str) -> bool:
        """Tell whether executions of that type run on this build."""
        return workflow_type in self.workflow_types or DYNAMIC in self.workflow_types


@dataclass(frozen=True)
class ActivitySet:
    """A named group of activities: functions or bound methods decorated with `temporalio.activity.defn`."""

    name: str
    activities: Sequence[Callable[..., Any]]


@dataclass(frozen=True)
class SampleRun:
    """One execution that shows a sample project at work."""

    workflow_type: str
    args: tuple[Any, ...] = ()
    expected: Any = None
    """The result, or the part of it that every run has: an object matches if it has these keys and values."""


@dataclass(frozen=True)
class SampleProject:
    """A project that `workerhost dev` deploys and `workerhost check` runs."""

    id: str
    workflows: tuple[WorkflowCode, ...]
    runs: tuple[SampleRun, ...] = field(default=())
