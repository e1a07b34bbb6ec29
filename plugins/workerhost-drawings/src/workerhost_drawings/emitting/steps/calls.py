"""Steps that have something else run: activities and children."""

import ast

from workerhost_drawings.emitting.steps.durations import timedelta_of
from workerhost_drawings.emitting.syntax import assign, assign_or_call, awaited, call, constant, name
from workerhost_drawings.emitting.writing import Writing
from workerhost_drawings.flow.steps import Activity, Child, Retry

START_TO_CLOSE = 10 * 60 * 1000
"""Milliseconds that one try of an activity may take, where the drawing does not say."""


def write_activity(step: Activity, writing: Writing) -> list[ast.stmt]:
    """Execute an activity and keep its result."""
    arguments = [constant(step.activity)]
    if step.input is not None:
        arguments.append(writing.expressions.plain(step.input, step.node))
    made = call(
        "workflow.execute_activity",
        *arguments,
        start_to_close_timeout=timedelta_of(START_TO_CLOSE if step.start_to_close is None else step.start_to_close),
        heartbeat_timeout=_optional(step.heartbeat),
        retry_policy=_retry_policy(step.retry),
        summary=writing.summary(step),
    )
    return [assign_or_call(writing.kept(step.result), awaited(made))]


def write_child(step: Child, writing: Writing) -> list[ast.stmt]:
    """Execute a child and keep its result, or begin it and keep its id."""
    arguments = [constant(step.workflow_type)]
    if step.input is not None:
        arguments.append(writing.expressions.plain(step.input, step.node))
    policy = name(f"workflow.ParentClosePolicy.{step.parent_close_policy.upper()}")
    made = awaited(
        call(
            "workflow.execute_child_workflow" if step.waits else "workflow.start_child_workflow",
            *arguments,
            id=writing.optional(step.workflow_id, step),
            parent_close_policy=None if step.parent_close_policy == "terminate" else policy,
            retry_policy=_retry_policy(step.retry),
            static_summary=writing.summary(step),
        )
    )
    result = writing.kept(step.result)
    if step.waits or result is None:
        return [assign_or_call(result, made)]
    return [assign(result, ast.Attribute(made, "id", ast.Load()))]


def _retry_policy(retry: Retry | None) -> ast.expr | None:
    if retry is None:
        return None
    types = [constant(each) for each in retry.non_retryable_error_types]
    return call(
        "RetryPolicy",
        initial_interval=_optional(retry.initial_interval),
        backoff_coefficient=None if retry.backoff_coefficient is None else constant(retry.backoff_coefficient),
        maximum_interval=_optional(retry.maximum_interval),
        maximum_attempts=constant(retry.maximum_attempts) if retry.maximum_attempts else None,
        non_retryable_error_types=ast.List(list(types), ast.Load()) if types else None,
    )


def _optional(milliseconds: int | None) -> ast.expr | None:
    return None if milliseconds is None else timedelta_of(milliseconds)
