"""What the SDK says of code of projects that fails: the projects' matter, which stands in their logs."""

import logging

SDK_LOGGERS = ("temporalio.activity", "temporalio.workflow")
"""The loggers that the SDK gives to code of activities and workflows, and with which it says how activities fail."""

SDK_WORKER_LOGGERS = ("temporalio.worker._workflow", "temporalio.worker._workflow_instance")
"""With which the SDK says that a workflow task has failed."""

FAILURE_MARK = "__temporal_error_identifier"
"""Attribute of the records with which the SDK says that an activity or a workflow task has failed."""

_ACTIVITY_FAILURE = "ActivityFailure"

_FAILED_TASK = "Failed handling activation on workflow"

_EXPECTED = frozenset(
    {"BuildUnavailableError", "NoAnswerError", "NotPermittedError", "NotReadyYetError", "ProcessEndedError"}
)
"""Types of errors with which workflow tasks fail before any code of the project can."""

_OF_CORE = ("Failing workflow task", "Error while completing workflow activation")
"""How messages of the SDK's core begin."""


def is_activity_failure(record: logging.LogRecord) -> bool:
    """Tell whether the SDK says with a record that an attempt of an activity has failed."""
    return getattr(record, FAILURE_MARK, None) == _ACTIVITY_FAILURE


def is_of_tenants(record: logging.LogRecord) -> bool:
    """Tell whether a record says no more than that code of a project fails."""
    if hasattr(record, FAILURE_MARK):
        return True
    if not isinstance(record.msg, str) or not record.msg.startswith((_FAILED_TASK, *_OF_CORE)):
        return False
    error = record.exc_info[1] if record.exc_info else None
    return not record.msg.startswith(_FAILED_TASK) or type(error).__name__ in _EXPECTED


def tell_less_of_tenants(record: logging.LogRecord) -> bool:
    """Keep an activity or a workflow task that fails out of the service's log, unless that is at DEBUG.

    Of each, one line is left then, without a traceback.
    """
    if not is_of_tenants(record):
        return True
    if not logging.getLogger("workerhost").isEnabledFor(logging.DEBUG):
        return False
    what = "an activity failed" if is_activity_failure(record) else "a workflow task failed"
    error = record.exc_info[1] if record.exc_info else None
    record.msg, record.args = f"{what}: {type(error).__name__}: {error}" if error else what, ()
    record.levelno, record.levelname, record.exc_info = logging.DEBUG, "DEBUG", None
    return True
