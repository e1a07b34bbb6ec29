"""The words of workerhost as values: what hooks, store, code and runtime hand to each other."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workerhost.drawing import CompiledDrawing, DrawnWorkflow
from workerhost.words import BuildId, DesiredState, ExecutionStatus, RunId, WorkflowId

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$"
"""What an id of a project, workflow or execution looks like."""

BYTE_ORDER_MARK = "\ufeff"

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


@dataclass(frozen=True)
class Smoke:
    """A run that a new build must complete before it goes live. The project must be running."""

    workflow_type: str
    """What to run."""
    args: Sequence[Any] = ()
    timeout: float = 60
    """Seconds that it may take, at most 280."""


@dataclass(frozen=True)
class SmokeOutcome:
    """How a smoke run went."""

    workflow_id: WorkflowId
    run_id: RunId
    status: ExecutionStatus
    duration_ms: int
    result: Any = None
    """What it returned, where it completed."""
    error: str | None = None
    """Why it did not complete."""


@dataclass(frozen=True)
class Ramp:
    """A share of new runs takes a new build, until that is promoted or taken back."""

    percent: float
    """Of new runs, more than 0 and less than 100."""
    failure_threshold: float = 0.1
    """How much higher than the current build's its failure rate may be, 0 to 1, before the ramp is rolled back."""
    minimum_runs: int = 5
    """How many of its runs must have ended before the rates are compared."""


@dataclass(frozen=True)
class ActiveRamp:
    """A ramp that is under way: a share of new runs tries a build before it becomes current."""

    build: BuildId
    """Id of the build that is tried."""
    percent: float
    """Of new runs, more than 0 and less than 100."""
    failure_threshold: float
    """How much higher than the current build's its failure rate may be, 0 to 1, before the ramp is rolled back."""
    minimum_runs: int
    """How many of its runs must have ended before the rates are compared."""
    since: int
    """The revision of the deployment at which it began: names the ramp."""
    started_at: datetime


@dataclass(frozen=True)
class Deployment:
    """Which builds the new runs of a project take."""

    revision: int = 0
    """Grows with each change, so that hosts can say how much they know of."""
    current: BuildId | None = None
    """Id of the build that new runs take; None until the first publish or start."""
    ramp: ActiveRamp | None = None

    @property
    def builds(self) -> tuple[BuildId, ...]:
        """Ids of the builds that a new run may take."""
        return tuple(build_id for build_id in (self.current, self.ramp.build if self.ramp else None) if build_id)

    def choose(self, workflow_id: WorkflowId) -> BuildId | None:
        """Return the id of the build that a new run takes: the same one for each run of that workflow id."""
        if self.ramp is None:
            return self.current
        mark = hashlib.blake2b(f"{self.ramp.build}/{workflow_id}".encode(), digest_size=8).digest()
        return self.ramp.build if 100 * int.from_bytes(mark) / 2**64 < self.ramp.percent else self.current


@dataclass(frozen=True)
class Pause:
    """A project waits: none of its workers runs, and what is started waits with the rest."""

    since: datetime
    reason: str | None = None

    def sentence(self, project_id: str) -> str:
        """Return that the project is paused, and what to do."""
        reason = f" ({self.reason})" if self.reason else ""
        return f"project {project_id} is paused since {self.since:%Y-%m-%dT%H:%M:%SZ}{reason}; resume it"


@dataclass(frozen=True)
class Project:
    """A tenant: its id, its name, its task queue, whether it should run, its limits."""

    id: str
    name: str
    task_queue: str
    desired_state: DesiredState
    settings: Mapping[str, Any] = field(default_factory=dict)
    """As stored; a product may have written anything there, `ProjectSettings` says what is valid."""
    generation: int = 0
    """Counts the restarts that were asked for; a worker of an earlier generation is replaced."""
    deployment: Deployment = field(default=Deployment())
    pause: Pause | None = None
    """Set while it waits, whatever its desired state is."""

    @property
    def current_build(self) -> BuildId | None:
        """Id of the build that new runs take; None until the first publish or start."""
        return self.deployment.current


def _without_mark(text: Any) -> Any:
    return text.removeprefix(BYTE_ORDER_MARK) if isinstance(text, str) else text


@dataclass(frozen=True)
class WorkflowCode:
    """The active code of one workflow, as Python source."""

    name: str
    version: str
    workflow_code: str
    activities_code: str | None = None
    modules: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Further modules, as source by name: `models`, `rules.prices` in a subpackage, `..shared` for all workflows of the
    project. As stored; a product may have written anything there, which is refused when a build is made of it."""
    drawing: CompiledDrawing | None = field(default=None, hash=False)
    """The drawing that the code was compiled from, where there is one and it was asked for."""

    def __post_init__(self) -> None:
        """Leave out the mark that some editors put before UTF-8; Python takes it in a file, and not in a text."""
        object.__setattr__(self, "workflow_code", _without_mark(self.workflow_code))
        object.__setattr__(self, "activities_code", _without_mark(self.activities_code))
        if isinstance(self.modules, Mapping):
            object.__setattr__(self, "modules", {name: _without_mark(text) for name, text in self.modules.items()})


@dataclass(frozen=True)
class ProjectCode:
    """All active code of a project, as a code loader answers it."""

    workflows: tuple[WorkflowCode, ...]
    loader: str
    """Name of the code loader that answered."""
    drawings: tuple[DrawnWorkflow, ...] = ()
    """Workflows that are drawn, and that the host compiles."""

    @property
    def versions(self) -> dict[str, str]:
        """The version of each workflow by its name."""
        return {code.name: code.version for code in self.workflows}


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
    id: BuildId
    modules: dict[str, str]
    """Source text by module name within the project, for example `billing.workflow`."""
    workflow_types: tuple[str, ...]
    activity_names: tuple[str, ...]
    required_plugins: tuple[str, ...] = ()
    """Names of the plugins whose activities or packages its sources name."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """The version of each workflow by its name. The same sources may have been published under other versions."""
    types: Mapping[str, Any] | None = None
    """What its types take and return, in the form that is stored; None where that was not looked up."""

    def runs(self, workflow_type: str) -> bool:
        """Tell whether executions of that type run on this build."""
        return workflow_type in self.workflow_types or DYNAMIC in self.workflow_types


@dataclass(frozen=True)
class ActivitySet:
    """A named group of activities: functions or bound methods decorated with `temporalio.activity.defn`."""

    name: str
    activities: Sequence[Callable[..., Any]]
    beside_code: bool = False
    """Whether they run where the code of the project runs that calls them, sealed as that is, and not in the host. Then
    they are functions at the top level of an installed module."""


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
