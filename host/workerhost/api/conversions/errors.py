"""Errors."""

from workerhost.answers import ErrorInfo
from workerhost.api.conversions.publishing import smoke_info
from workerhost.errors import SmokeFailedError, WorkerhostError


def error_info(error: WorkerhostError) -> ErrorInfo:
    """Return an error as the API answers it, with its details beside sentence and code."""
    details = dict(error.details)
    if isinstance(error, SmokeFailedError):
        details["smoke"] = smoke_info(error.outcome)
    return ErrorInfo(success=False, error=str(error), code=error.code, **details)
