"""Writing a response."""

from flask import Response, jsonify

from workerhost.answers import Answer


def respond(answer: Answer, status: int = 200) -> Response:
    """Return the response that holds an answer as JSON, with this HTTP status."""
    response = jsonify(answer.to_json())
    response.status_code = status
    return response
