"""What the SDK's core, which is no Python, has to say: to Python's log instead of raw text on standard output."""

import logging

from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter


def forward_core_log() -> None:
    """Have the core write to the logger `temporalio.core`, as of the first client of this process.

    To be called in each process before it connects, and after any fork. Calling it again does nothing.
    """
    forwarding = LogForwardingConfig(logging.getLogger("temporalio.core"), append_target_to_name=False)
    levels = TelemetryFilter(core_level="WARN", other_level="ERROR")
    runtime = Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(levels, forwarding=forwarding)))
    try:
        Runtime.set_default(runtime)
    except RuntimeError:
        logging.getLogger(__name__).debug("the SDK's runtime is made already")
