"""What the SDK's core has to say: to Python's log, in few words; and its metrics."""

import logging
import re
from typing import Any

from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    MetricBuffer,
    MetricBufferDurationFormat,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from workerhost.service_log.configuring import CORE_LOGGER
from workerhost.service_log.repeated_failures import RepeatedFailures
from workerhost.service_log.tenants import is_of_tenants

BUFFERED_UPDATES = 200_000
"""Updates of metrics that the SDK keeps until they are taken, some hundred bytes each: those of seconds of a busy
host. It drops further ones, and says so."""

_buffers: list[MetricBuffer] = []
"""At most one: the SDK's runtime, to which it belongs, is the process's."""

log = logging.getLogger(__name__)

_FIELDS = ("workflow_id", "run_id", "workflow_type", "activity_type", "task_queue", "namespace")
"""What is taken over of what the core says beside its message; the rest is debug text of Rust's."""

_REASON = re.compile(r'(?:message|details): "((?:[^"\\]|\\.){1,300})')
_CODE = re.compile(r"(?:code: |status: )'?([A-Z][A-Za-z ]{1,40})")
"""Of a failed call, in the debug text of its error."""

_NUMBER = re.compile(r"\d+")
"""Messages that differ in numbers alone, as how often something was tried, are about the same thing."""


class CoreLines(logging.Handler):
    """Takes the core's records, and writes short lines of them, those that repeat once. Used from any thread."""

    def __init__(self) -> None:
        super().__init__()
        self._log = logging.getLogger(CORE_LOGGER)
        self._failures = RepeatedFailures(self._log, most_sentences=1)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, or count it."""
        try:
            said = getattr(getattr(record, "temporal_log", None), "fields", None)
            fields: dict[str, Any] = said if isinstance(said, dict) else {}
            message = record.getMessage().split("\n", 1)[0]
            sentence = f"the SDK says: {message}{_reason(fields)}"
            known: dict[str, Any] = {name: str(fields[name]) for name in _FIELDS if fields.get(name)}
            if is_of_tenants(record):
                self._log.debug("%s", sentence, extra=known)
            else:
                self._failures.note(_NUMBER.sub("", message), sentence, level=record.levelno, **known)
        except Exception:
            self.handleError(record)


def set_up_sdk_log(*, with_metrics: bool = False) -> None:
    """Have the SDK's core, which is no Python, write to the logger `temporalio.core` instead of raw text.

    To be called once in each process, before it connects and after any fork.

    Args:
        with_metrics: whether it keeps metrics, for `sdk_metrics`.
    """
    received = logging.getLogger(f"{CORE_LOGGER}.received")
    received.propagate = False
    received.handlers = [CoreLines()]
    forwarding = LogForwardingConfig(
        received, append_target_to_name=False, prepend_target_on_message=False, append_log_fields_to_message=False
    )
    levels = TelemetryFilter(core_level="WARN", other_level="ERROR")
    buffer = MetricBuffer(BUFFERED_UPDATES, MetricBufferDurationFormat.SECONDS) if with_metrics else None
    telemetry = TelemetryConfig(logging=LoggingConfig(levels, forwarding=forwarding), metrics=buffer)
    try:
        Runtime.set_default(Runtime(telemetry=telemetry))
    except RuntimeError:
        log.debug("the SDK's runtime is made already")
    else:
        _buffers[:] = [buffer] if buffer is not None else []


def sdk_metrics() -> MetricBuffer | None:
    """Return where the SDK puts the metrics of this process; None where it keeps none. Whoever takes them has them."""
    return _buffers[0] if _buffers else None


def _reason(fields: dict[str, Any]) -> str:
    """Return why something failed, of the debug text of an error."""
    text = next((str(fields[name]) for name in ("error", "err", "failure", "reason") if fields.get(name)), "")
    found = [match[1] for match in (_CODE.search(text), _REASON.search(text)) if match]
    return f": {': '.join(found)}" if found else ""
