"""Every error that workerhost raises on purpose. One place, the API's error handler, turns them into answers."""

from workerhost.model import Problem


class WorkerhostError(Exception):
    """An error with a sentence for the caller.

    Attributes:
        status: the HTTP status it is answered with.
        code: its stable name in answers.
    """

    status = 500
    code = "internal_error"


class InvalidRequestError(WorkerhostError):
    """The request itself is wrong: a body, an id or a parameter."""

    status = 400
    code = "invalid_request"


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


class BuildOutdatedError(ConflictError):
    """Another build became current while one was made of what was there before; making it anew helps."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="changed_meanwhile")


class BuildRefusedError(WorkerhostError):
    """Code that does not load.

    Attributes:
        problems: every reason, with module and line.
    """

    status = 422
    code = "build_refused"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


class WorkerFailedError(WorkerhostError):
    """A project worker that was asked to start could not."""

    status = 500
    code = "worker_failed"


class TemporalUnavailableError(WorkerhostError):
    """Temporal does not answer, or refuses this service."""

    status = 503
    code = "temporal_unavailable"


class StoreUnavailableError(WorkerhostError):
    """The database does not answer."""

    status = 503
    code = "database_unavailable"


class NotConfirmedError(WorkerhostError):
    """What was asked for is stored, and a host has not taken it in time."""

    status = 503
    code = "not_confirmed"


class HostStoppingError(WorkerhostError):
    """This host is shutting down and takes no more commands."""

    status = 503
    code = "host_stopping"


class ConfigurationError(WorkerhostError):
    """A setting, a port or a database that this process cannot start with."""

    code = "configuration"
