"""What the SDK has to say, and the code of projects through it: to Python's log, in few words."""

import logging

import temporalio.activity
import temporalio.workflow
from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter


def set_up_sdk_log() -> None:
    """Have the SDK's core, which is no Python, write to the logger `temporalio.core` instead of raw text.

    To be called once in each process, before it connects and after any fork.
    """
    # Where a line comes from is in the record, for whoever writes it.
    temporalio.activity.logger.activity_info_on_message = False
    temporalio.workflow.logger.workflow_info_on_message = False
    forwarding = LogForwardingConfig(logging.getLogger("temporalio.core"), append_target_to_name=False)
    levels = TelemetryFilter(core_level="WARN", other_level="ERROR")
    runtime = Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(levels, forwarding=forwarding)))
    try:
        Runtime.set_default(runtime)
    except RuntimeError:
        logging.getLogger(__name__).debug("the SDK's runtime is made already")
