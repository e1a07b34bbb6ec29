"""What a publish makes of a ramp."""

from dataclasses import replace
from datetime import UTC, datetime

from workerhost.errors import ConflictError
from workerhost.model import ActiveRamp, Project, Ramp
from workerhost.words import BuildId, DeploymentEventKind


def ramp_of(known: ActiveRamp | None, build_id: BuildId, asked: Ramp | None, *, is_current: bool) -> ActiveRamp | None:
    """Return the ramp that is to be under way when the build of that id is published."""
    if is_current:
        return known  # that build is not tried, it is there already
    if asked is None:
        return None
    ramp = ActiveRamp(
        build_id, asked.percent, asked.failure_threshold, asked.minimum_runs, since=0, started_at=datetime.now(UTC)
    )
    return replace(ramp, since=known.since, started_at=known.started_at) if known else ramp


def refuse_second_ramp(project: Project, build_id: BuildId | None) -> None:
    """Refuse a publish of that build while another one is tried; None for a publish that leaves no build.

    Raises:
        ConflictError: another build than that one is being tried.
    """
    ramp = project.deployment.ramp
    if ramp is not None and build_id not in (ramp.build, project.current_build):
        raise ConflictError(
            f"project {project.id} is trying build {ramp.build} with {ramp.percent:g}% of its new runs; "
            "promote it or roll it back first",
            code="ramp_under_way",
        )


def ramp_event(project: Project) -> DeploymentEventKind:
    """Return the kind of the event: that the project begins a ramp, or goes on with another share."""
    return DeploymentEventKind.RAMP_CHANGED if project.deployment.ramp else DeploymentEventKind.RAMP_STARTED
