"""The answers about a project's builds: publishing, deployments, moving runs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from workerhost.client.answers import Answer, Done


class SmokeReport(Answer):
    """How the run went that a new build had to pass before it went live."""

    workflow_id: str
    run_id: str | None = None
    status: str
    duration_ms: float | None = None
    result: Any = None
    error: str | None = None


class RampInfo(Answer):
    """A build that part of the new runs take."""

    build: str
    percent: float
    failure_threshold: float
    minimum_runs: int
    started_at: datetime | None = None
    outcomes: Mapping[str, Mapping[str, int]] = {}
    """By digest: how many runs have `ended`, and how many of these have `failed`, since it began."""


class PublishedVersion(Answer):
    """A workflow and the version of it that was published."""

    workflow_id: str
    """`<project>/<name>`."""
    version: str


class Published(Answer):
    """What a publish came to."""

    message: str
    build_id: str
    changed: bool = True
    """False where that build is current already, and nothing was stored."""
    dry_run: bool = False
    """Whether the build was checked only, and nothing was stored."""
    smoke: SmokeReport | None = None
    ramp: RampInfo | None = None
    workflows: tuple[PublishedVersion, ...] = ()
    """What was published; of one that was published alone `workflow_id` and `version` say it instead."""
    workflow_id: str | None = None
    version: str | None = None


class Deployed(Published):
    """What a deployment came to."""

    worker: Done | None = None
    """What starting the project was answered with; None where it was not asked for."""


class DeployedBuild(Answer):
    """A build of a project and the runs that are open on it."""

    digest: str
    state: str
    """`current`, `ramping`, `draining` or `drained`."""
    versions: Mapping[str, str]
    """The version of each workflow in it, by the workflow's name."""
    became_current_at: datetime | None = None
    open_runs: Mapping[str, int] | None = None
    """By workflow type; None where the runs could not be counted."""
    open_run_count: int | None = None


class Visibility(Answer):
    """How old the counts of open runs are."""

    as_of: datetime | None = None
    age_ms: float | None = None
    error: str | None = None


class DeploymentEvent(Answer):
    """Something that happened to a project's builds."""

    at: datetime
    kind: str
    build: str | None = None
    message: str


class Deployment(Answer):
    """A project's builds, newest first, and what happened to them, newest first."""

    project_id: str
    revision: int
    current_build: str | None
    ramp: RampInfo | None
    builds: tuple[DeployedBuild, ...]
    visibility: Visibility
    events: tuple[DeploymentEvent, ...]


class BuildChange(Answer):
    """The build that is current after a promotion or a step back."""

    message: str
    build_id: str
    changed: bool


class HistoryEvent(Answer):
    """The event of a run's history where its code parts from it."""

    id: int
    type: str


class NotReplayed(Answer):
    """A run that another build cannot go on with, and why."""

    workflow_id: str
    run_id: str
    workflow_type: str
    status: str | None = None
    event: HistoryEvent | None = None
    reason: str


class Moved(Answer):
    """One run that goes on with another build."""

    message: str
    workflow_id: str
    run_id: str
    from_build: str | None = None
    to_build: str
    changed: bool

    model_config = ConfigDict(alias_generator=lambda name: to_camel(name.removesuffix("_build")))


class MoveReport(Answer):
    """How far the open runs of one build have been moved to another."""

    message: str = ""
    move_id: str
    status: str
    """`running`, `completed` or `failed`."""
    from_build: str
    to_build: str
    total: int
    moved: int
    not_moved: tuple[NotReplayed, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None

    model_config = ConfigDict(alias_generator=lambda name: to_camel(name.removesuffix("_build")))


class TypeCounts(Answer):
    """How many runs were replayed, of those that were checked."""

    checked: int
    replayed: int


class TypeReport(Answer):
    """The runs of one workflow type that were checked: open ones, and those that ended lately."""

    open: TypeCounts
    recent: TypeCounts


class ReplayReport(Answer):
    """Whether runs that exist could go on with new code."""

    message: str
    build_id: str
    replays: bool
    """Whether all that were checked could."""
    checked: int
    replayed: int
    types: Mapping[str, TypeReport]
    diverged: tuple[NotReplayed, ...]
