"""What the SDK has to say, and the code of projects through it: to Python's log, in few words; and its metrics."""

import logging

import temporalio.activity
import temporalio.workflow
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    MetricBuffer,
    MetricBufferDurationFormat,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

BUFFERED_UPDATES = 200_000
"""Updates of metrics that the SDK keeps until they are taken, some hundred bytes each: those of seconds of a busy
host. It drops further ones, and says so."""

_buffers: list[MetricBuffer] = []
"""At most one: the SDK's runtime, to which it belongs, is the process's."""


def set_up_sdk_log(*, with_metrics: bool = False) -> None:
    """Have the SDK's core, which is no Python, write to the logger `temporalio.core` instead of raw text.

    To be called once in each process, before it connects and after any fork.

    Args:
        with_metrics: whether it keeps metrics, for `sdk_metrics`.
    """
    # Where a line comes from is in the record, for whoever writes it.
    temporalio.activity.logger.activity_info_on_message = False
    temporalio.workflow.logger.workflow_info_on_message = False
    forwarding = LogForwardingConfig(logging.getLogger("temporalio.core"), append_target_to_name=False)
    levels = TelemetryFilter(core_level="WARN", other_level="ERROR")
    buffer = MetricBuffer(BUFFERED_UPDATES, MetricBufferDurationFormat.SECONDS) if with_metrics else None
    telemetry = TelemetryConfig(logging=LoggingConfig(levels, forwarding=forwarding), metrics=buffer)
    try:
        Runtime.set_default(Runtime(telemetry=telemetry))
    except RuntimeError:
        logging.getLogger(__name__).debug("the SDK's runtime is made already")
    else:
        _buffers[:] = [buffer] if buffer is not None else []


def sdk_metrics() -> MetricBuffer | None:
    """Return where the SDK puts the metrics of this process; None where it keeps none. Whoever takes them has them."""
    return _buffers[0] if _buffers else None
