"""How values and errors become messages for Temporal: as pydantic does it, and no larger than Temporal takes.

What is larger can never succeed: the server refuses it each time, and the activity or the workflow task would be tried
again without end. So it is an error where it arises, which says how large it is and what the limit is.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverter, PayloadConverter
from temporalio.exceptions import ApplicationError

from workerhost.code.cutting import cut

LONGEST_MESSAGE, LONGEST_TRACE = 10_000, 20_000
"""Characters of an error's message, and of its stack trace."""

MOST_CAUSES = 10
"""Errors in a chain of causes."""


class PayloadTooLargeError(ApplicationError):
    """A value is larger than Temporal takes; nothing that tries again will succeed."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            f"the arguments or the result have {size / 1024**2:.1f} MiB as JSON; "
            f"Temporal takes {limit / 1024**2:g} MiB",
            type="PayloadTooLarge",
            non_retryable=True,
        )


class BoundedPayloadConverter(PydanticPayloadConverter):
    """Refuses values that are too large. Used on loops of workers and of the API, and in threads of workflow tasks."""

    limit = 0
    """Bytes of the values of one call together; a subclass has the limit that is set."""

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        """Return the values as messages.

        Raises:
            PayloadTooLargeError: they are too large.
        """
        payloads = super().to_payloads(values)
        size = sum(len(payload.data) for payload in payloads)
        if size > self.limit:
            raise PayloadTooLargeError(size, self.limit)
        return payloads


class BoundedFailureConverter(DefaultFailureConverter):
    """Cuts errors that are too long, and says so; describes also those whose own code fails when it is asked."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Write the error into `failure`."""
        try:
            super().to_failure(exception, payload_converter, failure)
        except BaseException as error:
            kind = type(exception).__name__
            failure.Clear()
            failure.message = f"{kind}, which cannot be shown: {type(error).__name__}"
            own = exception if isinstance(exception, ApplicationError) else None  # what its author said still holds
            failure.application_failure_info.type = (own and own.type) or kind
            failure.application_failure_info.non_retryable = bool(own and own.non_retryable) or isinstance(
                error, PayloadTooLargeError
            )
        failure.message = cut(failure.message, LONGEST_MESSAGE)
        if len(failure.stack_trace) > LONGEST_TRACE:  # the last lines are those of the project's code
            failure.stack_trace = f"… (cut to {LONGEST_TRACE} characters)\n{failure.stack_trace[-LONGEST_TRACE:]}"
        _cut_causes(failure)


def bounded_data_converter(limit: int) -> DataConverter:
    """Return the data converter of all clients and workers.

    Args:
        limit: bytes that the values of one call may have together.
    """
    return dataclasses.replace(
        pydantic_data_converter,
        payload_converter_class=bounded_payload_converter(limit),
        failure_converter_class=BoundedFailureConverter,
    )


def bounded_payload_converter(limit: int) -> type[BoundedPayloadConverter]:
    """Return the class of converters that refuse what has more bytes than that."""
    return type("HostPayloadConverter", (BoundedPayloadConverter,), {"limit": limit})


def _cut_causes(failure: Failure) -> None:
    last = failure
    for _ in range(MOST_CAUSES):
        if not last.HasField("cause"):
            return
        last = last.cause
    if last.HasField("cause"):
        last.ClearField("cause")
        last.message += " (its further causes are left out)"
