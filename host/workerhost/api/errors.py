"""The one place that turns errors into answers: a sentence, a code, a fitting status, nothing else."""

import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from workerhost.answers import ErrorInfo
from workerhost.api.conversions import error_info
from workerhost.api.request_fields import request_id
from workerhost.api.response import respond
from workerhost.api.serving.limits import MAX_BODY_BYTES
from workerhost.errors import WorkerhostError
from workerhost.service_log.repeated_failures import RepeatedFailures

log = logging.getLogger(__name__)
failures = RepeatedFailures(log)

_HTTP_ERRORS = {
    404: ("not_found", "there is nothing at this path"),
    405: ("method_not_allowed", "this path does not take that method"),
    413: ("body_too_large", f"the body is larger than {MAX_BODY_BYTES // 1024**2} MiB"),
}


def install(app: Flask) -> None:
    """Make the application answer every error by this module."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.register_error_handler(WorkerhostError, _known)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def _known(error: WorkerhostError) -> Response:
    if error.status >= 500:  # as all calls may be, while the database or Temporal is away
        failures.note(error.code, f"calls are refused: {error}", method=request.method, path=request.path)
    response = respond(error_info(error), error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    code, sentence = _HTTP_ERRORS.get(status, ("http_error", error.name.lower()))
    response = respond(ErrorInfo(success=False, error=sentence, code=code), status)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _unknown(error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    more = {"requestId": found} if (found := request_id()) else {}
    info = ErrorInfo(success=False, error="the service failed; its log says why", code="internal_error", **more)
    return respond(info, 500)
