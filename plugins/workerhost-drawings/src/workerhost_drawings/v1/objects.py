"""Objects of drawings: dicts in which members may be undefined, in the meaning of JavaScript."""

from typing import Any

from temporalio.exceptions import ApplicationError

from workerhost_drawings.v1 import js


def defined(members: dict[str, Any]) -> dict[str, Any]:
    """Return an object without the members that are undefined."""
    return {key: value for key, value in members.items() if value is not js.undefined}


def merged(first: object, second: object) -> dict[str, Any]:
    """Return an object with the members of both; of those that both have, the second's. What is no object has none."""
    return {**(first if isinstance(first, dict) else {}), **(second if isinstance(second, dict) else {})}


def put(target: object, member: str, value: object) -> None:
    """Put a value into a member of an object.

    Raises:
        ApplicationError: the target is no object; not retryable.
    """
    if not isinstance(target, dict):
        reason = f"the member {member} cannot be set, since what is to have it is no object"
        raise ApplicationError(reason, type="TypeError", non_retryable=True)
    target[member] = value
