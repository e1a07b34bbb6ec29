"""Spans of what a project's worker executes: its activities, and its runs."""

import logging
from typing import TYPE_CHECKING, Any

import temporalio.activity
import temporalio.workflow
from opentelemetry.trace import SpanKind, use_span
from temporalio.bridge.proto.workflow_activation import RemoveFromCache, WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from workerhost.runtime.tracing.run_spans import RunSpans, jobs_of
from workerhost.runtime.tracing.seam import BuildOf
from workerhost.runtime.tracing.spans import (
    ACTIVITY_ID,
    BUILD,
    PROJECT,
    RUN_ID,
    WORKFLOW_ID,
    SpanMaker,
    context_in,
    headers_with,
    note_exception,
)

if TYPE_CHECKING:
    from workerhost.runtime.builds.ready_build import ProjectBuild
    from workerhost.runtime.builds.runner import BuildChooser, BuildInstance
    from workerhost.words import BuildId

log = logging.getLogger(__name__)


class TracedActivities(Interceptor):
    """Makes a span of each attempt of an activity. Lives on the project worker's event loop.

    Args:
        maker: starts spans.
        project_id: whose activities they are.
        build_of: says which build the headers of an activity name.
    """

    def __init__(self, maker: SpanMaker, project_id: str, build_of: BuildOf) -> None:
        self.maker = maker
        self.project_id = project_id
        self.build_of = build_of

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Return the interceptor of one activity task."""
        return _TracedActivity(next, self)


class _TracedActivity(ActivityInboundInterceptor):
    def __init__(self, next_: ActivityInboundInterceptor, traced: TracedActivities) -> None:
        super().__init__(next_)
        self._traced = traced

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002  the SDK's name
        info = temporalio.activity.info()
        known = {
            ACTIVITY_ID: info.activity_id,
            WORKFLOW_ID: info.workflow_id,
            RUN_ID: info.workflow_run_id,
            PROJECT: self._traced.project_id,
            BUILD: self._traced.build_of(input.headers),
            "temporalActivityAttempt": info.attempt,
        }
        attributes = {name: value for name, value in known.items() if value is not None}
        name = f"RunActivity:{info.activity_type}"
        span = self._traced.maker.start(name, context_in(input.headers), SpanKind.SERVER, attributes)
        with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            input.headers = headers_with(input.headers)  # a project process learns of the span from these
            try:
                return await super().execute_activity(input)
            except BaseException as error:
                note_exception(span, error)
                raise


class TracedRuns:
    """Chooses builds as another one does, and makes spans of what the runs do.

    Called on threads of the workflow task executor, as a `BuildChooser` is.

    Args:
        maker: starts spans.
        project_id: whose runs they are.
        chooser: who says which build a run takes.
    """

    def __init__(self, maker: SpanMaker, project_id: str, chooser: "BuildChooser") -> None:
        self._maker = maker
        self._project_id = project_id
        self._chooser = chooser
        self._runs: dict[str, RunSpans] = {}
        self._has_failed = False

    def build_of(self, info: temporalio.workflow.Info, recorded: "BuildId | None") -> "ProjectBuild":
        """Return the build of a run.

        Raises:
            BuildUnavailableError: it is not at hand.
        """
        return self._chooser.build_of(info, recorded)

    def after_task(
        self, run: "BuildInstance", completion: WorkflowActivationCompletion, activation: WorkflowActivation
    ) -> None:
        """Make spans of what the run did, which must not fail because of that."""
        try:
            self._trace(run, completion, activation)
        except Exception:
            if not self._has_failed:
                self._has_failed = True
                log.exception("project %s: not all that its runs do gets spans", self._project_id)
        self._chooser.after_task(run, completion, activation)

    def after_eviction(self, run: "BuildInstance", reason: RemoveFromCache) -> None:
        """Forget the run's spans, which go on where it is replayed."""
        self._runs.pop(run.get_info().run_id, None)
        self._chooser.after_eviction(run, reason)

    def _trace(
        self, run: "BuildInstance", completion: WorkflowActivationCompletion, activation: WorkflowActivation
    ) -> None:
        if run.build is None or not completion.HasField("successful"):
            return
        if all(kind == "query_workflow" for kind in jobs_of(activation)):
            return  # which has a span where it is asked
        info = run.get_info()
        spans = self._runs.get(info.run_id)
        if spans is None:
            spans = self._runs[info.run_id] = RunSpans(self._maker, info, self._project_id, run.build.id)
        spans.take(activation, completion)
