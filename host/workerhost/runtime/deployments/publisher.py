"""Publishes versions of workflows: checks, tries and stores them, and has all hosts take them over."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from workerhost.code.build import make_build
from workerhost.default_plugins.database_loader import DatabaseLoader
from workerhost.drawing import Compilation, DrawnWorkflow
from workerhost.errors import (
    BuildRefusedError,
    ConflictError,
    DrawingRefusedError,
    NotConfirmedError,
    PublishConflictError,
    SmokeFailedError,
)
from workerhost.model import ActiveRamp, BuildSummary, Project, ProjectCode, Ramp, Smoke, SmokeOutcome, WorkflowCode
from workerhost.runtime.builds.builder import Builder
from workerhost.runtime.builds.loader import BuildLoader
from workerhost.runtime.builds.ready_build import ProjectBuild
from workerhost.runtime.deployments.deployer import Deployer, LiveVersions, refuse_foreign_code
from workerhost.runtime.deployments.ramping import ramp_event, ramp_of, refuse_second_ramp
from workerhost.runtime.deployments.smoke import SmokeRunner
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.triggers.operations import Triggers
from workerhost.runtime.triggers.setting_up import TriggerWarning
from workerhost.runtime.triggers.wanted import read_triggers
from workerhost.store import Store
from workerhost.store.deployments import DeploymentChange
from workerhost.store.workflows import workflow_not_found
from workerhost.words import BuildId, DeploymentEventKind, HostId


@dataclass(frozen=True)
class PublishPlan:
    """How code is published: with checks alone, after a smoke run, or with a ramp."""

    is_dry_run: bool = False
    """Whether only the checks are run, and nothing is stored."""
    smoke: Smoke | None = None
    ramp: Ramp | None = None


@dataclass(frozen=True)
class Publication:
    """What a publish did."""

    project_id: str
    codes: Sequence[WorkflowCode]
    build_id: BuildId
    has_changed: bool = True
    """False where the build was current already and nothing had to be stored."""
    ramp: ActiveRamp | None = None
    smoke: SmokeOutcome | None = None
    unconfirmed_hosts: tuple[HostId, ...] = ()
    """Hosts that were taken for dead and have not followed; they may live, cut off from the database."""
    trigger_warnings: tuple[TriggerWarning, ...] = ()
    """What of the triggers of drawings is not as it should be yet."""


@dataclass(frozen=True)
class _Candidate:
    """Code that is to be published, and the build that it makes."""

    project: Project
    """The project as it was when the publish began."""
    codes: tuple[WorkflowCode, ...]
    summary: BuildSummary
    loaded: ProjectBuild | None = field(repr=False)


class Publisher:
    """Changes the code of projects. Safe to use from any thread; every call may block.

    Of two calls for one project at once the first to be stored wins, on whichever host it is; the other one is told
    the winner's build.

    Args:
        store: where code and builds are.
        builder: finds the code of projects and checks builds of it.
        loader: loads builds.
        deployer: has the hosts take builds over.
        smoke_runner: runs executions on builds that are not current.
        triggers: of drawings.
        observer: learns of each publish, and whether it was accepted.
    """

    def __init__(  # noqa: PLR0913, PLR0917  the parts of a host that a publish needs
        self,
        store: Store,
        builder: Builder,
        loader: BuildLoader,
        deployer: Deployer,
        smoke_runner: SmokeRunner,
        triggers: Triggers,
        observer: Observer,
    ) -> None:
        self._store = store
        self._builder = builder
        self._loader = loader
        self._deployer = deployer
        self._smoke_runner = smoke_runner
        self._triggers = triggers
        self._observer = observer

    def publish(
        self, project_id: str, workflows: Sequence[WorkflowCode | DrawnWorkflow], plan: PublishPlan
    ) -> Publication:
        """Store versions of workflows and make them active, in one build; new runs take it when this returns.

        Drawings are compiled first. With a ramp, a share of the new runs takes the build, and the versions become
        active when the ramp is promoted.

        Raises:
            NotFoundError: there is no such project.
            ConflictError: a version exists with other code, the project's code is not from the database, another
                build is being tried, there is no build for the runs that a ramp leaves out, or a schedule or a webhook
                has the name of a drawing's already.
            PublishConflictError: another call has published meanwhile.
            BuildRefusedError: the project does not load with the code; nothing is stored.
            DrawingRefusedError: drawings have problems; nothing is stored.
            UnknownFormatError: nobody compiles drawings of that format.
            SmokeFailedError: the execution that was to try the build did not complete; nothing is published.
            NotConfirmedError: it is stored, and a host has not taken it in time.
        """
        try:
            result = self._publish(project_id, workflows, plan)
        except (BuildRefusedError, ConflictError, DrawingRefusedError, SmokeFailedError) as error:
            self._tell(project_id, plan, is_accepted=False, code=error.code)
            raise
        except NotConfirmedError:
            self._tell(project_id, plan, is_accepted=True)
            raise
        if result.has_changed:
            self._tell(project_id, plan, is_accepted=True)
        return result

    def _tell(self, project_id: str, plan: PublishPlan, *, is_accepted: bool, code: str = "") -> None:
        if not plan.is_dry_run:
            self._observer.published(project_id, is_accepted=is_accepted, code=code)

    def _publish(
        self, project_id: str, workflows: Sequence[WorkflowCode | DrawnWorkflow], plan: PublishPlan
    ) -> Publication:
        project = self._store.projects.get(project_id)
        if plan.ramp is not None and project.current_build is None:
            raise ConflictError(
                f"project {project_id} has no current build for the other runs; publish this one without ramp",
                code="nothing_to_ramp_from",
            )
        codes = self._builder.codes(project, workflows)
        for code in codes:
            self._store.workflows.refuse_other_code(project_id, code)
        self._triggers.check(project, codes)
        candidate = self._candidate(project, codes, removed=None)
        build_id = candidate.summary.id
        refuse_second_ramp(project, build_id)
        has_changed = build_id != project.current_build or not self._is_active(project_id, codes)
        result = Publication(project_id, codes, build_id, has_changed)
        if build_id == project.current_build and plan.ramp is not None and project.deployment.ramp is None:
            return replace(result, has_changed=False)  # there is nothing to try
        if plan.smoke is not None:
            # The hosts take the build from the database, where nothing else refers to it yet.
            self._store.builds.add(candidate.summary)
            result = replace(result, smoke=self._smoke_runner.run(project, candidate.summary, plan.smoke))
        if plan.is_dry_run:
            return result
        return self._deploy(candidate, result, plan.ramp)

    def compile(self, project_id: str, drawn: DrawnWorkflow) -> Compilation:
        """Return what comes of a drawing; its problems are in the answer, and nothing is stored.

        Raises:
            NotFoundError: there is no such project.
            UnknownFormatError: nobody compiles drawings of that format.
            BuildRefusedError: the activities that are sent with it do not load.
        """
        made = self._builder.compile(self._store.projects.get(project_id), drawn)
        _, unfit = read_triggers(project_id, drawn.name, made.triggers)
        return Compilation(made.compiler, problems=unfit, warnings=made.warnings) if unfit else made

    def activate(self, project_id: str, name: str, version: str) -> Publication:
        """Make an earlier version active again.

        Raises:
            NotFoundError: the project, the workflow or the version does not exist.
            ConflictError: the project's code is not from the database, or another build is being tried.
            PublishConflictError: another call has published meanwhile.
            BuildRefusedError: the project does not load with that version; nothing is changed.
            NotConfirmedError: it is stored, and a host has not taken it in time.
        """
        found = self._store.workflows.version(project_id, name, version)
        return self.publish(project_id, [found.code], PublishPlan())

    def remove_workflow(self, project_id: str, name: str) -> BuildId | None:
        """Delete a workflow. The build without it becomes current, and its open runs end on their builds.

        Returns the id of the build that is current then; None where that was the last workflow of the project.

        Raises:
            NotFoundError: there is no such project or workflow.
            BuildRefusedError: what is left does not load without it; nothing is changed.
            ConflictError: the project's code is not from the database, or another build is being tried.
            PublishConflictError: another call has published meanwhile.
            NotConfirmedError: the workflow is deleted, and a host has not taken the new build in time.
        """
        project = self._store.projects.get(project_id)
        if not self._store.workflows.exists(project_id, name):
            raise workflow_not_found(project_id, name)
        refuse_second_ramp(project, None)
        others = any(code.name != name for code in self._active(project))
        candidate = self._candidate(project, (), removed=name) if others else None
        change = DeploymentChange(
            project.id,
            expected=project.deployment,
            current=candidate.summary.id if candidate else None,
            kind=DeploymentEventKind.PUBLISHED,
            message=f"workflow {name} was deleted",
            build=candidate.summary if candidate else None,
            removes=name,
        )
        deployment = self._store.deployments.change(change)
        self._deployer.go_live_with_triggers(project.id, deployment, candidate.loaded if candidate else None)
        return change.current

    def candidate(self, project_id: str, workflow: WorkflowCode | DrawnWorkflow) -> tuple[Project, BuildSummary]:
        """Return the project, and the build of its active code with the workflow in it, checked but not stored.

        Raises:
            NotFoundError: there is no such project.
            BuildRefusedError: the project does not load with the code.
            DrawingRefusedError: the drawing has problems.
            UnknownFormatError: nobody compiles drawings of that format.
        """
        project = self._store.projects.get(project_id)
        return project, self._candidate(project, self._builder.codes(project, [workflow]), removed=None).summary

    def _deploy(self, candidate: _Candidate, result: Publication, asked: Ramp | None) -> Publication:
        project, build_id = candidate.project, candidate.summary.id
        known = project.deployment.ramp
        if not result.has_changed:  # a ramp that is under way goes on
            live = self._deployer.go_live_with_triggers(project.id, project.deployment, candidate.loaded)
            return _live(replace(result, ramp=known), live)
        ramp = ramp_of(known, build_id, asked, is_current=build_id == project.current_build)
        if ramp is not None and ramp == known and ramp.build == build_id:
            return replace(result, has_changed=False, ramp=known)
        change = self._change(candidate, ramp)
        try:
            deployment = self._store.deployments.change(change)
        except PublishConflictError:
            deployment = self._store.projects.get(project.id).deployment
            if deployment.current != build_id or change.ramp or not self._is_active(project.id, candidate.codes):
                raise
            result = replace(result, has_changed=False)  # another call has published just the same
        live = self._deployer.go_live_with_triggers(project.id, deployment, candidate.loaded)
        return _live(replace(result, ramp=deployment.ramp), live)

    def _change(self, candidate: _Candidate, ramp: ActiveRamp | None) -> DeploymentChange:
        project, build_id = candidate.project, candidate.summary.id
        is_tried = ramp is not None and ramp.build == build_id
        kind = ramp_event(project) if is_tried else DeploymentEventKind.PUBLISHED
        return DeploymentChange(
            project.id,
            expected=project.deployment,
            current=project.current_build if is_tried else build_id,
            ramp=ramp,
            kind=kind,
            message=_describe(candidate.codes, ramp if is_tried else None),
            build=candidate.summary,
            codes=candidate.codes,
            activates=not is_tried,
        )

    def _candidate(self, project: Project, codes: Sequence[WorkflowCode], removed: str | None) -> _Candidate:
        """Return the project's build with `codes` in place of those workflows' active code, checked and loaded."""
        named = {code.name for code in codes} | {removed}
        others = [each for each in self._active(project) if each.name not in named]
        workflows = sorted([*others, *codes], key=lambda each: each.name)
        build = make_build(project.id, ProjectCode(tuple(workflows), DatabaseLoader.name))
        summary = self._builder.checked(build)
        return _Candidate(project, tuple(codes), summary, self._loader.try_load(project, summary))

    def _active(self, project: Project) -> Sequence[WorkflowCode]:
        code = self._builder.find_code(project)
        refuse_foreign_code(project, code)
        return code.workflows if code else ()

    def _is_active(self, project_id: str, codes: Sequence[WorkflowCode]) -> bool:
        active = {each.name: each.active_version for each in self._store.workflows.all(project_id)}
        return all(active.get(code.name) == code.version for code in codes)


def _live(result: Publication, live: LiveVersions) -> Publication:
    return replace(result, unconfirmed_hosts=live.unconfirmed_hosts, trigger_warnings=tuple(live.trigger_warnings))


def _describe(codes: Sequence[WorkflowCode], ramp: ActiveRamp | None) -> str:
    versions = ", ".join(f"{code.name} {code.version}" for code in codes)
    return f"{versions} for {ramp.percent:g}% of new runs" if ramp else versions
