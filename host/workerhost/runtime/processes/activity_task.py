"""The message with which an activity starts, made again of what the SDK tells of one that has started.

`temporalio.bridge.proto` is not promised to stay: setup.cfg bounds the SDK's version.
"""

from collections.abc import Mapping, Sequence

import temporalio.activity
from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.activity_task import ActivityTask


def start_task(
    info: temporalio.activity.Info, payloads: Sequence[Payload], headers: Mapping[str, Payload]
) -> ActivityTask:
    """Return the message.

    Args:
        info: of the activity; its heartbeat's details are converted once more.
        payloads: its arguments.
        headers: its headers.
    """
    task = ActivityTask(task_token=info.task_token)
    start = task.start
    start.workflow_namespace = info.workflow_namespace or ""
    start.workflow_type = info.workflow_type or ""
    start.workflow_execution.workflow_id = info.workflow_id or ""
    start.workflow_execution.run_id = info.workflow_run_id or ""
    start.activity_id, start.activity_type = info.activity_id, info.activity_type
    start.attempt, start.is_local = info.attempt, info.is_local
    start.run_id = info.activity_run_id or ""
    for name, header in headers.items():
        start.header_fields[name].CopyFrom(header)
    start.input.extend(payloads)
    start.heartbeat_details.extend(temporalio.activity.payload_converter().to_payloads(info.heartbeat_details))
    for time in ("scheduled_time", "current_attempt_scheduled_time", "started_time"):
        getattr(start, time).FromDatetime(getattr(info, time))
    for timeout in ("schedule_to_close_timeout", "start_to_close_timeout", "heartbeat_timeout"):
        if (value := getattr(info, timeout)) is not None:
            getattr(start, timeout).FromTimedelta(value)
    if info.retry_policy is not None:
        info.retry_policy.apply_to_proto(start.retry_policy)
    start.priority.CopyFrom(info.priority._to_proto())  # noqa: SLF001  the SDK has no public way
    return task
