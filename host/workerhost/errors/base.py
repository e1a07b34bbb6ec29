"""Errors that may arise anywhere, and those of calls, of Temporal, of the database and of this process."""

from collections.abc import Mapping
from typing import Any


class WorkerhostError(Exception):
    """An error with a sentence for the caller.

    Attributes:
        status: the HTTP status it is answered with.
        code: its stable name in answers.
        retry_after: seconds after which the same request may be sent again, where nothing was done about it.
    """

    status = 500
    code = "internal_error"
    retry_after: int | None = None

    @property
    def details(self) -> Mapping[str, Any]:
        """What the answer holds beside the sentence and the code."""
        return {}


class InvalidRequestError(WorkerhostError):
    """The request itself is wrong: a body, an id or a parameter."""

    status = 400
    code = "invalid_request"


class InvalidArgumentsError(InvalidRequestError):
    """Arguments do not fit what a workflow type, a signal, a query or an update takes."""

    code = "invalid_arguments"


class NotFoundError(WorkerhostError):
    """What the request names does not exist."""

    status = 404

    def __init__(self, message: str, code: str = "not_found") -> None:
        super().__init__(message)
        self.code = code


class ConflictError(WorkerhostError):
    """The request does not fit the present state."""

    status = 409

    def __init__(self, message: str, code: str = "conflict") -> None:
        super().__init__(message)
        self.code = code


class WorkerFailedError(WorkerhostError):
    """A project worker that was asked to start could not."""

    status = 500
    code = "worker_failed"


class WorkerSilentError(WorkerFailedError):
    """The worker executes nothing, and may go on later."""


class ProjectPutAsideError(WorkerFailedError):
    """The project's process dies again and again, so that the next one waits."""


class TemporalUnavailableError(WorkerhostError):
    """Temporal does not answer."""

    status = 503
    code = "temporal_unavailable"


class TemporalBusyError(TemporalUnavailableError):
    """Temporal answers that it takes no more requests for now."""

    code = "temporal_busy"
    retry_after = 1


class TemporalRefusedError(WorkerhostError):
    """Temporal answers, and does not let this service in."""

    status = 502
    code = "temporal_refuses"


class StoreUnavailableError(WorkerhostError):
    """The database does not answer."""

    status = 503
    code = "database_unavailable"


class NotConfirmedError(WorkerhostError):
    """A change is stored, but a host has not taken it over in time."""

    status = 503
    code = "not_confirmed"


class HostStoppingError(WorkerhostError):
    """This host is shutting down and takes no more commands."""

    status = 503
    code = "host_stopping"

    def __init__(self, sentence: str = "this host is shutting down; ask again in a moment") -> None:
        super().__init__(sentence)


class BusyError(WorkerhostError):
    """The service has too many requests at once, and has done nothing about this one."""

    status = 503
    code = "busy"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("the service has too many requests at once; send this one again in a moment")


class TooManyWatchersError(WorkerhostError):
    """As many watch runs through this process as may, or follow logs.

    Args:
        most: that may do so.
        what: they do.
        setting: that says how many may.
    """

    status = 503
    code = "too_many_watchers"

    def __init__(self, most: int, what: str = "watch runs", setting: str = "WORKERHOST_WATCHERS") -> None:
        super().__init__(
            f"{most} callers {what} through this host already, as many as {setting} lets it have; "
            "try again when one of them has left"
        )


class BodyTooLargeError(WorkerhostError):
    """The body is larger than this call takes.

    Args:
        limit: the most bytes that it takes.
    """

    status = 413
    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is larger than {limit // 1024**2} MiB")


class CallNotAuthorizedError(WorkerhostError):
    """A call of a webhook does not show who sent it, or there is no such webhook. Which of the two is not said."""

    status = 401
    code = "not_authorized"

    def __init__(self) -> None:
        super().__init__("the call is not authorized")


class TooManyCallsError(WorkerhostError):
    """A webhook is called more often than it takes calls; nothing was done.

    Args:
        seconds: after which it takes one again.
    """

    status = 429
    code = "too_many_calls"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"the webhook is called too often; call it again in {seconds} s")
        self.retry_after = seconds


class MappingFailedError(InvalidRequestError):
    """What a webhook is to take from a call is not in it, or is not what it must be."""

    code = "mapping_failed"


class ConfigurationError(WorkerhostError):
    """A setting, a port or a database that this process cannot start with."""

    code = "configuration"


class NotReadyError(ConfigurationError):
    """Something that this process needs at its start is not there yet, and may come."""
