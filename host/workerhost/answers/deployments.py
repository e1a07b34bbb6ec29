"""Answers about which builds the runs of a project take."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from workerhost.answers.base import Answer, CommandResult, OrText, Time
from workerhost.answers.drawings import DrawingProblemInfo
from workerhost.words import BuildId, BuildState, DeploymentEventKind, HostId


class RampOutcomesInfo(Answer):
    """How the runs of one build have ended since a ramp began."""

    ended: int = 0
    failed: int = 0
    """How many of those that ended have failed."""


class RampInfo(Answer):
    """A build that a share of the new runs takes."""

    build: BuildId
    percent: float
    """Of new runs, more than 0 and less than 100."""
    failure_threshold: float
    """How much higher than the current build's its failure rate may be, 0 to 1, before the ramp is rolled back."""
    minimum_runs: int
    """How many of its runs must have ended before the rates are compared."""
    started_at: Time | None = None
    outcomes: Mapping[BuildId, RampOutcomesInfo] = {}
    """By build id. Known where a deployment is shown; empty where a publish is answered."""


class BuildInfo(Answer):
    """A build of a project and the runs that are open on it."""

    id: Annotated[BuildId, Field(validation_alias="digest", serialization_alias="digest")]
    """Its key is `digest`."""
    state: OrText[BuildState]
    versions: Mapping[str, str]
    """The version of each workflow in it, by the workflow's name."""
    became_current_at: Time | None = None
    open_runs: Mapping[str, int] | None = None
    """By workflow type; None where the runs could not be counted."""
    open_run_count: int | None = None


class VisibilityInfo(Answer):
    """How old the counts of open runs are."""

    as_of: Time | None = None
    age_ms: int | None = None
    error: str | None = None
    """Why the open runs could not be counted, or not anew."""


class DeploymentEventInfo(Answer):
    """Something that happened to a project's builds."""

    at: Time
    kind: OrText[DeploymentEventKind]
    build: BuildId | None = None
    message: str


class DeploymentInfo(Answer):
    """A project's builds, newest first, and what happened to them, newest first."""

    project_id: str
    revision: int
    """Grows with each change."""
    current_build: BuildId | None
    ramp: RampInfo | None
    builds: tuple[BuildInfo, ...]
    visibility: VisibilityInfo
    events: tuple[DeploymentEventInfo, ...]


class BuildChangeResult(CommandResult):
    """The build that is current after a promotion or a step back."""

    build_id: BuildId
    changed: bool
    """False where it was current already."""
    unconfirmed_hosts: tuple[HostId, ...] = ()
    """Hosts that were taken for dead and have not followed; they may live, cut off from the database."""
    warnings: tuple[DrawingProblemInfo, ...] = ()
    """What of the triggers of drawings is not as it should be yet."""
