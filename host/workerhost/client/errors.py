"""What goes wrong between a client and its service, each as a sentence."""

from collections.abc import Mapping
from typing import Any

from workerhost.answers import ExecutionInfo
from workerhost.drawing import DrawingProblem
from workerhost.errors import WorkerhostError
from workerhost.model import Problem


class ApiError(WorkerhostError):
    """The service refuses a call; the message is its sentence.

    Attributes:
        code: its stable name, for programs.
        status: the HTTP status.
        request_id: under which the log of the service names the call; None where nothing was answered.
    """

    def __init__(
        self, message: str, code: str, status: int, details: Mapping[str, Any], request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.request_id = request_id
        self._details = details

    @property
    def details(self) -> Mapping[str, Any]:
        """What else the answer holds, by key."""
        return self._details

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why code was refused: each reason with module and line. Of a drawing, each reason begins with its place.

        Empty for other errors.
        """
        found = self.details.get("problems") or ()
        return tuple(Problem(_reason(each), each.get("module"), each.get("line")) for each in found)


def _reason(problem: Mapping[str, Any]) -> str:
    """Return the reason of a problem, behind its place in a drawing where it names one."""
    reason = DrawingProblem(str(problem.get("reason")), problem.get("node"), problem.get("path"))
    return f"workflow {problem['workflow']}, {reason}" if problem.get("workflow") else str(reason)


class NoServiceError(ApiError):
    """No workerhost answers, or not in time."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="no_service", status=503, details={})


class ExecutionError(WorkerhostError):
    """An execution that did not complete: it ended otherwise, or still runs when the time is over.

    Attributes:
        execution: as it is now; its `status` and `error` say what happened, its `stuck` why it does not go on.
    """

    code = "execution_not_completed"

    def __init__(self, execution: ExecutionInfo) -> None:
        reason = execution.error or (execution.stuck.reason if execution.stuck else None)
        said = f": {reason}" if reason else ""
        super().__init__(f"execution {execution.workflow_id} is {execution.status}{said}")
        self.execution = execution
