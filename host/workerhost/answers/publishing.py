"""Answers about code that is published, deployed or checked."""

from collections.abc import Mapping
from typing import Any

from workerhost.answers.base import Answer, CommandResult, OrText
from workerhost.answers.deployments import RampInfo
from workerhost.answers.drawings import DrawingProblemInfo
from workerhost.answers.moves import DivergedRunInfo
from workerhost.answers.workers import WorkerCommandResult
from workerhost.words import BuildId, ExecutionStatus, HostId, RunId, WorkflowId


class SmokeInfo(Answer):
    """How the run went that a new build had to complete before it went live."""

    workflow_id: WorkflowId
    run_id: RunId | None = None
    status: OrText[ExecutionStatus]
    duration_ms: int | None = None
    result: Any = None
    """What it returned, where it completed."""
    error: str | None = None
    """Why it did not complete."""


class PublishedVersionInfo(Answer):
    """A workflow and the version of it that was published."""

    workflow_id: str
    """`<project>/<name>`."""
    version: str


class PublishResult(CommandResult):
    """What a publish came to."""

    build_id: BuildId
    changed: bool = True
    """False where that build is current already, and nothing was stored."""
    dry_run: bool = False
    """Whether the build was checked only, and nothing was stored."""
    smoke: SmokeInfo | None = None
    ramp: RampInfo | None = None
    workflow_id: str | None = None
    """`<project>/<name>`, where one workflow was published alone."""
    version: str | None = None
    workflows: tuple[PublishedVersionInfo, ...] = ()
    """What was published, where the call named a list of workflows."""
    unconfirmed_hosts: tuple[HostId, ...] = ()
    """Hosts that were taken for dead and have not followed; they may live, cut off from the database."""
    warnings: tuple[DrawingProblemInfo, ...] = ()
    """What may not be meant as it is drawn, where drawings were published, and what of triggers is not set up yet."""


class WorkflowDeletionResult(CommandResult):
    """That a workflow was deleted."""

    build_id: BuildId | None
    """The build without it, which is current; None where it was the last workflow of the project."""
    changed: bool = True
    workflow_id: str
    """`<project>/<name>`."""
    version: None = None


class DeployResult(PublishResult):
    """What a deployment came to: a publish, and what the project's worker did."""

    worker: WorkerCommandResult | None = None
    """What starting the project was answered with; None where it was not asked for."""


class ReplayCountsInfo(Answer):
    """How many runs were replayed, and how many of them fit."""

    checked: int
    replayed: int


class TypeReplayInfo(Answer):
    """The runs of one workflow type that were checked."""

    open: ReplayCountsInfo
    """Runs that are open."""
    recent: ReplayCountsInfo
    """Runs that ended lately."""


class ReplayCheckResult(CommandResult):
    """Whether runs that exist could go on with new code."""

    build_id: BuildId
    """The build that the code would make."""
    replays: bool
    """Whether all runs that were checked could go on with it."""
    checked: int
    replayed: int
    types: Mapping[str, TypeReplayInfo]
    """By workflow type."""
    diverged: tuple[DivergedRunInfo, ...]
