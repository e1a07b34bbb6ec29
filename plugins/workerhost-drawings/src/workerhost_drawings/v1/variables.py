"""Variables that workerhost keeps for a project, read and changed in the code of drawn workflows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workerhost_drawings.v1 import js

START_TO_CLOSE = timedelta(seconds=30)
"""How long one try to read or change a variable may take, the wait for other writers included."""

_NO_DEFAULT = object()


async def read(
    scope: str,
    name: object,
    *,
    default: object = _NO_DEFAULT,
    throw_if_missing: bool = False,
    node: str | None = None,
) -> Any:
    """Return the value of a variable.

    Args:
        scope: `project` or `service`.
        name: of the variable; a text.
        default: the value of one that is not there; JavaScript's undefined where it is left out.
        throw_if_missing: whether one that is not there, and has no default, is an error.
        node: of the drawing; it stands in the summary of the activity.

    Raises:
        ApplicationError: it is not there; not retryable.
    """
    found = await _call("getVariable", {"scope": scope, "name": _text(name)}, node)
    if found["found"]:
        return found["value"]
    if default is not _NO_DEFAULT and default is not js.undefined:
        return default
    if throw_if_missing:
        raise _missing(scope, name)
    return js.undefined


async def change(  # noqa: PLR0913  all of it says what is wanted
    scope: str,
    name: object,
    compute: Callable[[Any], object],
    *,
    create_if_missing: bool = True,
    only_if_missing: bool = False,
    merge: bool = False,
    node: str | None = None,
) -> Any:
    """Change a variable as one atomic change, and return its new value.

    Where another run changes the variable at the same moment, `compute` is called again with what that one wrote. One
    of the two has got on then, so this ends.

    Args:
        scope: `project` or `service`.
        name: of the variable; a text.
        compute: returns the new value for the present one, which is JavaScript's undefined where it is not there. It
            may be called several times.
        create_if_missing: whether a variable that is not there is made; where not, that is an error.
        only_if_missing: whether the variable is only made; one that is there stays, and its value is returned.
        merge: whether the new value, an object, is merged into the present one, where that is an object too.
        node: of the drawing; it stands in the summaries of the activities.

    Raises:
        ApplicationError: it is not there and is not to be made, or the value is none that can be kept; not retryable.
    """
    place = {"scope": scope, "name": _text(name)}
    found = await _call("getVariable", place, node)
    while True:
        if found["found"] and only_if_missing:
            return found["value"]
        if not found["found"] and not create_if_missing:
            raise _missing(scope, name)
        present = found["value"] if found["found"] else js.undefined
        value = js.plain(_merged(present, compute(present)) if merge else compute(present))
        found = await _call("changeVariable", {**place, "value": value, "ifVersion": found["version"]}, node)
        if found["changed"]:
            return value


async def _call(activity: str, argument: dict[str, Any], node: str | None) -> dict[str, Any]:
    found: dict[str, Any] = await workflow.execute_activity(
        activity, argument, start_to_close_timeout=START_TO_CLOSE, summary=f"[node: {node}]" if node else None
    )
    return found


def _merged(present: object, new: object) -> object:
    return {**present, **new} if isinstance(present, dict) and isinstance(new, dict) else new


def _text(name: object) -> str:
    if not isinstance(name, str):
        raise ApplicationError("the name of a variable must be a text", type="InvalidVariableName", non_retryable=True)
    return name


def _missing(scope: str, name: object) -> ApplicationError:
    return ApplicationError(
        f"the {scope} has no variable {name}; declare it, or set it first", type="VariableNotFound", non_retryable=True
    )
