"""What is deployed."""

from typing import Any

from workerhost.answers import (
    BuildChangeResult,
    BuildInfo,
    DeploymentEventInfo,
    DeploymentInfo,
    RampInfo,
    RampOutcomesInfo,
    VisibilityInfo,
)
from workerhost.api.conversions.drawings import trigger_warnings
from workerhost.model import ActiveRamp
from workerhost.runtime.deployments.deployer import CurrentBuild
from workerhost.runtime.deployments.publisher import Publication
from workerhost.runtime.deployments.view import BuildView, DeploymentView
from workerhost.store.deployments import DeploymentEvent


def ramp_info(ramp: ActiveRamp) -> RampInfo:
    """Return a ramp as the answer to a publish shows it."""
    return RampInfo(
        build=ramp.build,
        percent=ramp.percent,
        failure_threshold=ramp.failure_threshold,
        minimum_runs=ramp.minimum_runs,
        started_at=ramp.started_at,
    )


def deployment_info(view: DeploymentView) -> DeploymentInfo:
    """Return what is deployed as the API shows it."""
    return DeploymentInfo(
        project_id=view.project.id,
        revision=view.project.deployment.revision,
        current_build=view.project.current_build,
        ramp=_ramp_with_outcomes(view),
        builds=tuple(_build_info(build) for build in view.builds),
        visibility=VisibilityInfo(
            as_of=view.open_runs.counted_at if view.open_runs else None,
            age_ms=view.open_runs.age_ms if view.open_runs else None,
            error=view.error,
        ),
        events=tuple(_event_info(event) for event in view.events),
    )


def build_change_result(project_id: str, current: CurrentBuild | Publication) -> BuildChangeResult:
    """Return what a promotion or a step back came to."""
    again = "" if current.has_changed else " already"
    optional: dict[str, Any] = {}
    if current.unconfirmed_hosts:
        optional["unconfirmed_hosts"] = current.unconfirmed_hosts
    if current.trigger_warnings:
        optional["warnings"] = tuple(trigger_warnings(current.trigger_warnings))
    return BuildChangeResult(
        success=True,
        message=f"Build {current.build_id} is the current build of project {project_id}{again}",
        build_id=current.build_id,
        changed=current.has_changed,
        **optional,
    )


def _ramp_with_outcomes(view: DeploymentView) -> RampInfo | None:
    ramp = view.project.deployment.ramp
    if ramp is None:
        return None
    outcomes = {
        build_id: RampOutcomesInfo(ended=counts.ended, failed=counts.failed)
        for build_id, counts in view.outcomes.items()
    }
    return ramp_info(ramp).model_copy(update={"outcomes": outcomes})


def _build_info(view: BuildView) -> BuildInfo:
    return BuildInfo(
        id=view.build.id,
        state=view.state,
        versions=view.build.versions,
        became_current_at=view.build.became_current_at,
        open_runs=view.open_runs,
        open_run_count=None if view.open_runs is None else sum(view.open_runs.values()),
    )


def _event_info(event: DeploymentEvent) -> DeploymentEventInfo:
    return DeploymentEventInfo(at=event.at, kind=event.kind, build=event.build, message=event.message)
