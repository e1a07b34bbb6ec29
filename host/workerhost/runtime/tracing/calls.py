"""Spans of what a client asks of Temporal: starts, signals, updates and queries."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from opentelemetry import context as current
from opentelemetry.trace import Span, SpanKind, use_span
from temporalio.client import (
    OutboundInterceptor,
    QueryWorkflowInput,
    SignalWorkflowInput,
    StartWorkflowInput,
    StartWorkflowUpdateInput,
    StartWorkflowUpdateWithStartInput,
    WorkflowHandle,
    WorkflowUpdateHandle,
)
from temporalio.worker import Interceptor

from workerhost.runtime.tracing.seam import BuildOf, ClientTracing
from workerhost.runtime.tracing.spans import WORKFLOW_ID, SpanMaker, headers_with, note_exception
from workerhost.runtime.tracing.workers import TracedActivities, TracedRuns

if TYPE_CHECKING:
    from workerhost.runtime.builds.runner import BuildChooser


class TracedClient(ClientTracing):
    """Makes spans of calls to Temporal, which carry them on. Safe to use from any thread.

    Args:
        maker: starts spans.
    """

    def __init__(self, maker: SpanMaker) -> None:
        self._maker = maker

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002  the SDK's name
        """Return the interceptor of a client's calls."""
        return _TracedCalls(next, self._maker)

    def activities(self, project_id: str, build_of: BuildOf) -> Interceptor:
        """Return what makes spans of the activities of a project."""
        return TracedActivities(self._maker, project_id, build_of)

    def runs(self, project_id: str, chooser: "BuildChooser") -> "BuildChooser":
        """Return what chooses as `chooser` does, and makes spans of the project's runs."""
        return TracedRuns(self._maker, project_id, chooser)


class _TracedCalls(OutboundInterceptor):
    def __init__(self, next_: OutboundInterceptor, maker: SpanMaker) -> None:
        super().__init__(next_)
        self._maker = maker

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002
        call = "SignalWithStartWorkflow" if input.start_signal else "StartWorkflow"
        with self._calling(f"{call}:{input.workflow}", input.id):
            input.headers = headers_with(input.headers)
            return await super().start_workflow(input)

    async def signal_workflow(self, input: SignalWorkflowInput) -> None:  # noqa: A002
        with self._calling(f"SignalWorkflow:{input.signal}", input.id):
            input.headers = headers_with(input.headers)
            await super().signal_workflow(input)

    async def query_workflow(self, input: QueryWorkflowInput) -> Any:  # noqa: A002
        with self._calling(f"QueryWorkflow:{input.query}", input.id):
            return await super().query_workflow(input)

    async def start_workflow_update(
        self,
        input: StartWorkflowUpdateInput,  # noqa: A002
    ) -> WorkflowUpdateHandle[Any]:
        with self._calling(f"StartWorkflowUpdate:{input.update}", input.id):
            input.headers = headers_with(input.headers)
            return await super().start_workflow_update(input)

    async def start_update_with_start_workflow(
        self,
        input: StartWorkflowUpdateWithStartInput,  # noqa: A002
    ) -> WorkflowUpdateHandle[Any]:
        start, update = input.start_workflow_input, input.update_workflow_input
        with self._calling(f"StartUpdateWithStartWorkflow:{start.workflow}", start.id):
            start.headers, update.headers = headers_with(start.headers), headers_with(update.headers)
            return await super().start_update_with_start_workflow(input)

    @contextlib.contextmanager
    def _calling(self, name: str, workflow_id: str) -> Iterator[Span]:
        span = self._maker.start(name, current.get_current(), SpanKind.CLIENT, {WORKFLOW_ID: workflow_id})
        with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield span
            except BaseException as error:
                note_exception(span, error)
                raise
