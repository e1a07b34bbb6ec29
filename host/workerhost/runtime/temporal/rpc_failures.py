"""What an error of a call to Temporal means: that nobody answers, or that Temporal refuses."""

from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import (
    InvalidRequestError,
    TemporalBusyError,
    TemporalRefusedError,
    TemporalUnavailableError,
    WorkerhostError,
)

_ABSENT = {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}
_REFUSED = {RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.PERMISSION_DENIED}

MESSAGE_TOO_LARGE = "larger than max"
"""In what gRPC says of a message that its receiver does not take; its status is that of a rate limit."""

BLOB_TOO_LARGE = "Blob data size exceeds limit"
"""In what the server says of arguments or a result beyond its limit."""

BLOB_LIMIT = "2 MiB unless its operators have set another limit"
MESSAGE_LIMIT = "4 MiB"
"""What the server takes: https://docs.temporal.io/self-hosted-guide/defaults"""


def unavailable(address: str) -> TemporalUnavailableError:
    """Return the error for a server that does not answer.

    Args:
        address: of the server.
    """
    return TemporalUnavailableError(
        f"Temporal does not answer at {address}; check TEMPORAL_ADDRESS and that the server runs"
    )


def failure_of(error: RPCError, address: str) -> WorkerhostError | None:
    """Return what the error of a call means, or None where that depends on what was asked.

    Args:
        error: as the SDK raised it.
        address: of the server.
    """
    if error.status in _ABSENT:
        return unavailable(address)
    if error.status in _REFUSED:
        return refused(address, error.message)
    if error.status == RPCStatusCode.RESOURCE_EXHAUSTED:
        if MESSAGE_TOO_LARGE in error.message:
            return InvalidRequestError(f"the request is larger than Temporal takes, which is {MESSAGE_LIMIT}")
        return TemporalBusyError(f"Temporal takes no more requests at the moment: {error.message}")
    if error.status == RPCStatusCode.INVALID_ARGUMENT and BLOB_TOO_LARGE in error.message:
        return InvalidRequestError(f"what is sent is larger than Temporal takes, which is {BLOB_LIMIT}")
    return None


def request_refused(reason: str) -> InvalidRequestError:
    """Return the error for a request that Temporal answers, and does not take as it is.

    Args:
        reason: in Temporal's words.
    """
    return InvalidRequestError(f"Temporal refuses the request: {reason}")


def depends_on_call(error: RPCError) -> bool:
    """Tell whether it depends on what was asked what the error means: Temporal was there, and took the question."""
    return failure_of(error, "") is None


def connect_failure(address: str, error: Exception) -> WorkerhostError:
    """Return what it means that a client could not be connected.

    Args:
        address: of the server.
        error: as the SDK raised it; one that is no `RPCError` has the status in its text.
    """
    if isinstance(error, RPCError):
        return failure_of(error, address) or refused(address, error.message)
    if any(word in str(error) for word in ("Unauthenticated", "PermissionDenied")):
        return refused(address, "it does not take this service's credentials")
    return unavailable(address)


def refused(address: str, reason: str) -> TemporalRefusedError:
    """Return the error for a server that does not let this service in."""
    return TemporalRefusedError(
        f"Temporal at {address} refuses this service: {reason}; check TEMPORAL_API_KEY or the TLS "
        "certificate, and what they are allowed to do"
    )
