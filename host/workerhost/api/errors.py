"""The one place that turns errors into answers: a sentence, a code, a fitting status, nothing else."""

import logging

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from workerhost.errors import WorkerhostError

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 4 * 1024 * 1024
"""Largest request body; a larger one is answered with 413."""

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
    if error.status >= 500:
        log.warning("%s %s: %s", request.method, request.path, error)
    return _answer(str(error), error.code, error.status, **error.details)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    code, sentence = _HTTP_ERRORS.get(status, ("http_error", error.name.lower()))
    answer = _answer(sentence, code, status)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def _unknown(error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _answer("the service failed; its log says why", "internal_error", 500)


def _answer(sentence: str, code: str, status: int, **more: object) -> Response:
    answer = jsonify({"success": False, "error": sentence, "code": code, **more})
    answer.status_code = status
    return answer
