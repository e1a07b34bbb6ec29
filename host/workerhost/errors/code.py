"""Errors of a project's code and of drawings: what is refused, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from workerhost.drawing import DrawingProblem
from workerhost.errors.base import ConflictError, InvalidRequestError, WorkerhostError
from workerhost.model import Problem, SmokeOutcome
from workerhost.words import BuildId


class RefusedByCodeError(WorkerhostError):
    """A project's code refuses what it is asked, or fails at it."""

    status = 422

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class PublishConflictError(ConflictError):
    """Another call has changed the project's deployment since this one looked at it.

    Attributes:
        build: id of the build that the other call made current.
    """

    def __init__(self, project_id: str, build: BuildId | None) -> None:
        super().__init__(
            f"another call changed the code of project {project_id} at the same time, and build {build} is current "
            "now; look at it and publish again if you still want to",
            code="publish_conflict",
        )
        self.build = build

    @property
    def details(self) -> Mapping[str, Any]:
        """The id of the build that the other call made current."""
        return {"buildId": self.build}


class BuildRefusedError(WorkerhostError):
    """Code was refused, since it does not load.

    Attributes:
        problems: every reason, with module and line.
    """

    status = 422
    code = "build_refused"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems

    @property
    def details(self) -> Mapping[str, Any]:
        """Every problem, with its reason, module and line."""
        return {"problems": [asdict(problem) for problem in self.problems]}


class DrawingRefusedError(WorkerhostError):
    """Drawings were refused; nothing is stored.

    Attributes:
        problems: every one, by the name of the workflow that the drawing was to become.
    """

    status = 422
    code = "drawing_refused"

    def __init__(self, problems: Mapping[str, Sequence[DrawingProblem]]) -> None:
        found = [(name, problem) for name, each in problems.items() for problem in each]
        name, first = found[0]
        count = f"{len(found)} problems; the first" if len(found) > 1 else "1 problem"
        drawings = f"the drawing of workflow {name} has" if len(problems) == 1 else "the drawings have"
        place = f"workflow {name}, {first}" if len(problems) > 1 else str(first)
        super().__init__(f"{drawings} {count}: {place}")
        self.problems = problems

    @property
    def details(self) -> Mapping[str, Any]:
        """Every problem, with its reason, its workflow, and its node and path where they are known."""
        found = ({"workflow": name, **problem.to_json()} for name, each in self.problems.items() for problem in each)
        return {"problems": list(found)}


class UnknownFormatError(InvalidRequestError):
    """No compiler that is installed knows the format of a drawing."""

    code = "format_unknown"

    def __init__(self, format: str) -> None:
        super().__init__(
            f"no installed compiler knows the format {format[:100]!r}; install workerhost-drawings for canvas and "
            "open-workflow"
        )


class SmokeFailedError(WorkerhostError):
    """The execution that was to show that a build works did not complete; nothing was published.

    Attributes:
        outcome: how it went.
    """

    status = 422
    code = "smoke_failed"

    def __init__(self, message: str, outcome: SmokeOutcome) -> None:
        super().__init__(message)
        self.outcome = outcome


class DoesNotReplayError(ConflictError):
    """A run's history does not fit the build that the run should go on with; the run stays on its build.

    Attributes:
        event: id and type of the event where history and code part, as far as they are known.
    """

    def __init__(self, message: str, event: Mapping[str, Any] | None) -> None:
        super().__init__(message, code="does_not_replay")
        self.event = event

    @property
    def details(self) -> Mapping[str, Any]:
        """The event where history and code part."""
        return {"event": self.event}
