"""Code that is published, tried or checked."""

from collections.abc import Iterator, Sequence
from typing import Any

from workerhost.answers import (
    DivergedRunInfo,
    DrawingProblemInfo,
    HistoryEventInfo,
    PublishedVersionInfo,
    PublishResult,
    ReplayCheckResult,
    ReplayCountsInfo,
    SmokeInfo,
    TypeReplayInfo,
    WorkflowDeletionResult,
)
from workerhost.api.conversions.deployments import ramp_info
from workerhost.api.conversions.drawings import problem_info, trigger_warnings
from workerhost.model import SmokeOutcome, WorkflowCode
from workerhost.runtime.deployments.publisher import Publication
from workerhost.runtime.deployments.replay_check import ReplayFindings, Tally
from workerhost.runtime.executions.replay import Divergence
from workerhost.runtime.executions.visibility import Run
from workerhost.words import BuildId


def smoke_info(outcome: SmokeOutcome) -> SmokeInfo:
    """Return how a smoke run went, with `result` where it completed and `error` where it did not."""
    end = {"result": outcome.result} if outcome.error is None else {"error": outcome.error}
    return SmokeInfo(
        workflow_id=outcome.workflow_id,
        run_id=outcome.run_id,
        status=outcome.status,
        duration_ms=outcome.duration_ms,
        **end,
    )


def publish_result(published: Publication, *, is_dry_run: bool) -> PublishResult:
    """Return what publishing one workflow did."""
    [code] = published.codes
    what = f"Workflow {code.name} of project {published.project_id}"
    return _publish_result(
        published,
        _sentence(published, what, "is", f" in version {code.version}", is_dry_run=is_dry_run),
        is_dry_run=is_dry_run,
        workflow_id=f"{published.project_id}/{code.name}",
        version=code.version,
    )


def publish_list_result(published: Publication, *, is_dry_run: bool) -> PublishResult:
    """Return what publishing a list of workflows did; the list may hold one."""
    count, project_id = len(published.codes), published.project_id
    what = f"1 workflow of project {project_id}" if count == 1 else f"{count} workflows of project {project_id}"
    return _publish_result(
        published,
        _sentence(published, what, "is" if count == 1 else "are", "", is_dry_run=is_dry_run),
        is_dry_run=is_dry_run,
        workflows=tuple(
            PublishedVersionInfo(workflow_id=f"{project_id}/{code.name}", version=code.version)
            for code in published.codes
        ),
    )


def workflow_deletion_result(project_id: str, name: str, build_id: BuildId | None) -> WorkflowDeletionResult:
    """Return that a workflow was deleted.

    Args:
        project_id: its project.
        name: its name.
        build_id: of the build that is current now.
    """
    return WorkflowDeletionResult(
        success=True,
        message=f"Workflow {name} of project {project_id} is deleted",
        build_id=build_id,
        changed=True,
        workflow_id=f"{project_id}/{name}",
        version=None,
    )


def replay_check_result(findings: ReplayFindings) -> ReplayCheckResult:
    """Return which runs would replay on code that is not published."""
    tallies = [*findings.open_runs.values(), *findings.recent_runs.values()]
    checked, replayed = sum(each.checked for each in tallies), sum(each.replayed for each in tallies)
    types = sorted({*findings.open_runs, *findings.recent_runs})
    return ReplayCheckResult(
        success=True,
        message=f"The code loads, and {replayed} of {checked} runs would replay on it",
        build_id=findings.build_id,
        replays=checked == replayed,
        checked=checked,
        replayed=replayed,
        types={
            name: TypeReplayInfo(open=_counts(findings.open_runs[name]), recent=_counts(findings.recent_runs[name]))
            for name in types
        },
        diverged=tuple(_diverged_run_info(run, divergence) for run, divergence in findings.diverged),
    )


def _publish_result(published: Publication, message: str, *, is_dry_run: bool, **named: Any) -> PublishResult:
    optional: dict[str, Any] = {}
    if is_dry_run:
        optional["dry_run"] = True
    if published.smoke:
        optional["smoke"] = smoke_info(published.smoke)
    if published.ramp:
        optional["ramp"] = ramp_info(published.ramp)
    if published.unconfirmed_hosts:
        optional["unconfirmed_hosts"] = published.unconfirmed_hosts
    if any(code.drawing for code in published.codes) or published.trigger_warnings:
        optional["warnings"] = (*_warnings(published.codes), *trigger_warnings(published.trigger_warnings))
    return PublishResult(
        success=True,
        message=message,
        build_id=published.build_id,
        changed=published.has_changed,
        **optional,
        **named,
    )


def _warnings(codes: Sequence[WorkflowCode]) -> Iterator[DrawingProblemInfo]:
    for code in codes:
        for warning in code.drawing.warnings if code.drawing else ():
            yield problem_info(warning, code.name if len(codes) > 1 else None)


def _sentence(published: Publication, what: str, verb: str, version: str, *, is_dry_run: bool) -> str:
    if is_dry_run:
        return f"{what} would load{version}; nothing was stored"
    ramp = published.ramp
    is_tried = ramp is not None and ramp.build == published.build_id  # otherwise the ramp of another build goes on
    share = f" for {ramp.percent:g}% of new runs" if ramp and is_tried else ""
    again = "" if published.has_changed else " already; nothing has changed"
    return f"{what} {verb} live{version}{share}{again}"


def _counts(tally: Tally) -> ReplayCountsInfo:
    return ReplayCountsInfo(checked=tally.checked, replayed=tally.replayed)


def _diverged_run_info(run: Run, divergence: Divergence) -> DivergedRunInfo:
    return DivergedRunInfo(
        workflow_id=run.workflow_id,
        run_id=run.run_id,
        workflow_type=run.workflow_type,
        event=HistoryEventInfo.model_validate(divergence.event) if divergence.event else None,
        reason=divergence.reason,
        status=run.status,
    )
