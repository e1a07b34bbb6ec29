"""What a failure says, as part of a sentence: the project's own line and the errors, without paths of this machine."""

import re

from temporalio.exceptions import ApplicationError, FailureError

from workerhost.code.build import PACKAGE
from workerhost.code.cutting import cut
from workerhost.code.importer import PROJECT_FILE
from workerhost.runtime.builds.cache import BuildUnavailableError
from workerhost.runtime.processes.permissions import NotPermittedError
from workerhost.runtime.processes.questions import ProcessEndedError
from workerhost.runtime.processes.slot import NotReadyYetError

LONGEST = 1000
"""Characters of a failure that are shown at most."""

_PROJECT_LINE = re.compile(rf'File "{PROJECT_FILE}", line (?P<line>\d+)')
"""A line of a traceback in code of a project."""

_NOISE = re.compile(rf"\b{PACKAGE}\.\w+\.| For further information visit \S+")
"""The package of a build, and pydantic's links."""

_SENTENCES = {each.__name__ for each in (BuildUnavailableError, NotPermittedError, NotReadyYetError, ProcessEndedError)}
"""Types of errors of this service, whose messages say all."""

_FILE_OF_IMPORT = re.compile(r" \((?:/[^()]*|unknown location)\)")
"""Where the message of an ImportError names a file of this machine."""


_PATH = re.compile(r'(?<=["\s])/(?:[^/":\n]+/)+(?=[^/":\n]+\.py\b)')
"""The folder of a Python file of this machine, in a trace or as a name; files of projects do not begin so."""


def failure_text(error: BaseException) -> str:
    """Return where in the project's code the failure arose, if it says so, and its errors, outermost first.

    Args:
        error: what Temporal's failure was decoded to.
    """
    chain = [error]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    place = next((found for each in chain if (found := _place(each))), "")
    text = place + ": ".join(dict.fromkeys(text for each in chain if (text := _text(each))))
    return cut(text, LONGEST)


def failure_sentence(error: BaseException | None) -> str:
    """Return the messages of a failure and what caused it, outermost first, each once."""
    messages: list[str] = []
    while error is not None:
        message = message_of(error)
        if message and message not in messages:
            messages.append(message)
        error = error.__cause__
    return cut(": ".join(messages), LONGEST) or "the execution did not complete"


def clean(message: str) -> str:
    """Return what the project's code says, as one line without the package of a build and paths of this machine."""
    return cut(_FILE_OF_IMPORT.sub("", _one_line(message)), LONGEST)


def without_folders(text: str) -> str:
    """Return a text in which Python files of this machine are named without their folders."""
    return _PATH.sub("", text)


def message_of(error: BaseException) -> str:
    """Return what an error says, without the package of a build and without paths of this machine."""
    message = _one_line(error.message if isinstance(error, FailureError) else str(error))
    return _FILE_OF_IMPORT.sub("", message) if failure_type(error) == ImportError.__name__ else message


def failure_type(error: BaseException) -> str | None:
    """Return the type that an error of a project's code or of this service has in Temporal; None for other errors."""
    return error.type if isinstance(error, ApplicationError) else None


def _place(error: BaseException) -> str:
    trace = error.failure.stack_trace if isinstance(error, FailureError) and error.failure else ""
    lines = list(_PROJECT_LINE.finditer(trace))
    if not lines:
        return ""
    module = lines[-1]["path"].replace("/", ".")
    return f"{module}, line {lines[-1]['line']}, of build {lines[-1]['build']}: "


def _text(error: BaseException) -> str:
    message, kind = message_of(error), failure_type(error)
    return message if kind is None or kind in _SENTENCES else f"{kind}: {message}".removesuffix(": ")


def _one_line(message: str) -> str:
    return _NOISE.sub("", " ".join(message.split()))
