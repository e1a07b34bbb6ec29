"""A refusal of Temporal is never called absence."""

import pytest
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import (
    InvalidRequestError,
    TemporalBusyError,
    TemporalRefusedError,
    TemporalUnavailableError,
    WorkerhostError,
)
from workerhost.runtime.temporal.rpc_failures import connect_failure, failure_of

TOO_LARGE = "grpc: received message after decompression larger than max 4194304"
BLOB = "Blob data size exceeds limit."


@pytest.mark.parametrize(
    ("status", "message", "kind", "said"),
    [
        (RPCStatusCode.UNAVAILABLE, "connection refused", TemporalUnavailableError, "does not answer at t:7233"),
        (RPCStatusCode.DEADLINE_EXCEEDED, "", TemporalUnavailableError, "does not answer"),
        (RPCStatusCode.RESOURCE_EXHAUSTED, TOO_LARGE, InvalidRequestError, "4 MiB"),
        (RPCStatusCode.RESOURCE_EXHAUSTED, "namespace rate limit exceeded", TemporalBusyError, "rate limit"),
        (RPCStatusCode.INVALID_ARGUMENT, BLOB, InvalidRequestError, "2 MiB"),
        (RPCStatusCode.UNAUTHENTICATED, "no key", TemporalRefusedError, "refuses this service: no key"),
        (RPCStatusCode.PERMISSION_DENIED, "not yours", TemporalRefusedError, "not yours"),
    ],
)
def test_each_status_has_its_meaning(
    status: RPCStatusCode, message: str, kind: type[WorkerhostError], said: str
) -> None:
    failure = failure_of(RPCError(message, status, b""), "t:7233")
    assert type(failure) is kind
    assert said in str(failure)


def test_what_depends_on_the_call_is_left_to_it() -> None:
    for status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.ALREADY_EXISTS):
        assert failure_of(RPCError("x", status, b""), "t:7233") is None


def test_a_connection_that_is_refused_is_told_from_one_that_cannot_be_made() -> None:
    text = "Failed client connect: `get_system_info` call error after connection: Status { code: Unauthenticated }"
    assert isinstance(connect_failure("t:7233", RuntimeError(text)), TemporalRefusedError)
    assert isinstance(connect_failure("t:7233", RuntimeError("transport error")), TemporalUnavailableError)
