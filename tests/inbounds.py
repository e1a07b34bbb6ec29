"""Interceptors of workflows that plugins of tests add, in a module that a project's process imports in no time."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.worker import ExecuteWorkflowInput, WorkflowInboundInterceptor


class WaitingInbound(WorkflowInboundInterceptor):
    """Has each run begin with a timer."""

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        await workflow.sleep(0.01)
        return await self.next.execute_workflow(input)


class MarkingInbound(WorkflowInboundInterceptor):
    """Has each run begin with a marker."""

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        workflow.patched("checked-by-the-plugin")
        return await self.next.execute_workflow(input)


class CallingInbound(WorkflowInboundInterceptor):
    """Has each run begin with a local activity of its build."""

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        await workflow.execute_local_activity("greet", "the plugin", start_to_close_timeout=timedelta(seconds=10))
        return await self.next.execute_workflow(input)
