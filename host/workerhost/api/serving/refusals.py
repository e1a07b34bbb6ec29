"""What a connection refuses by itself, before the application sees the request."""

import http
import json

from workerhost.answers import ErrorInfo
from workerhost.api.serving.answer_writer import AnswerWriter
from workerhost.api.serving.limits import MAX_BODY_BYTES
from workerhost.errors import BusyError


class RequestRefusedError(Exception):
    """A request that is answered at once, after which its connection ends.

    Attributes:
        status: of HTTP.
        code: the stable name of the error.
    """

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code

    def write(self, writer: AnswerWriter, request_id: str | None = None) -> bytes:
        """Write the answer, and return its bytes.

        Args:
            writer: of the answer.
            request_id: stands in the body, where the log has more to say.
        """
        more = {"requestId": request_id} if request_id else {}
        info = ErrorInfo(success=False, error=str(self), code=self.code, **more)
        body = json.dumps(info.to_json(), separators=(",", ":")).encode() + b"\n"
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ]
        if self.code == BusyError.code:
            headers.append(("Retry-After", str(BusyError.retry_after)))
        writer.start_response(f"{self.status} {http.HTTPStatus(self.status).phrase}", headers)
        writer.write(body)
        return writer.end()


def malformed(status: int = 400) -> RequestRefusedError:
    """Return the error for a request that is no proper HTTP, with the status that the parser names for it."""
    if status == 431:
        return headers_too_large()
    if status == 501:
        return RequestRefusedError(501, "http_error", "the body comes in a transfer coding other than chunked")
    return RequestRefusedError(400, "http_error", "the request is no proper HTTP")


def headers_too_large() -> RequestRefusedError:
    """Return the error for too many headers, or too large ones."""
    return RequestRefusedError(431, "headers_too_large", "the headers of the request are too large")


def address_too_long() -> RequestRefusedError:
    """Return the error for an address that is too long."""
    return RequestRefusedError(414, "address_too_long", "the path of the request, with its query, is too long")


def body_too_large() -> RequestRefusedError:
    """Return the error for a body that is larger than any may be."""
    return RequestRefusedError(413, "body_too_large", f"the body is larger than {MAX_BODY_BYTES // 1024**2} MiB")


def too_slow() -> RequestRefusedError:
    """Return the error for a request that does not arrive in time."""
    return RequestRefusedError(408, "request_timeout", "the request did not arrive in time; send it again")


def busy() -> RequestRefusedError:
    """Return the error for a request for which there is no room beside the others."""
    return RequestRefusedError(BusyError.status, BusyError.code, str(BusyError()))


def failed() -> RequestRefusedError:
    """Return the error for a request whose answer could not be made."""
    return RequestRefusedError(500, "internal_error", "the service failed; its log says why")
