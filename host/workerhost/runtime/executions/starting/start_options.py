"""How an execution is to be started, beside its type and its arguments."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import Priority, SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from workerhost.errors import InvalidRequestError
from workerhost.runtime.temporal.connection import RPC_TIMEOUT
from workerhost.words import BuildId, WorkflowId


class IfExists(StrEnum):
    """What happens where an execution of that workflow id runs already."""

    FAIL = "fail"
    """The call is refused."""
    USE = "use"
    """It goes on, and is answered."""
    TERMINATE = "terminate"
    """It is ended, and another one begins."""


@dataclass(frozen=True)
class StartOptions:
    """How an execution is to be started; what is not set is as Temporal has it."""

    memo: Mapping[str, Any] = field(default_factory=dict)
    search_attributes: Mapping[str, Any] = field(default_factory=dict)
    """By name; the server must know them."""
    execution_timeout: timedelta | None = None
    """How long it may take, with all runs that follow each other."""
    start_delay: timedelta | None = None
    if_exists: IfExists = IfExists.FAIL
    build: BuildId | None = None
    """Id of the build that it is to run on; without one it follows the project's deployment."""
    priority: int | None = None
    """1 is the most urgent."""
    fairness_key: str | None = None
    """Executions of the same priority take turns by this key."""
    request_id: str | None = None
    """Names the request: another one of the same name and workflow id is answered as this one was."""


@dataclass(frozen=True)
class ExecutionStart:
    """An execution that is to be started."""

    workflow_type: str
    args: Sequence[Any]
    workflow_id: WorkflowId | None = None
    """Names it; None where the caller chose none."""
    options: StartOptions = StartOptions()


async def start_arguments(client: Client, options: StartOptions) -> dict[str, Any]:
    """Return the options as arguments of the SDK's `start_workflow`.

    Raises:
        InvalidRequestError: the server does not know a search attribute, or it has another type.
    """
    arguments: dict[str, Any] = {
        "memo": dict(options.memo) or None,
        "execution_timeout": options.execution_timeout,
        "start_delay": options.start_delay,
        "priority": Priority(priority_key=options.priority, fairness_key=options.fairness_key),
    }
    if options.search_attributes:
        arguments["search_attributes"] = await _typed(client, options.search_attributes)
    return arguments


_KEYS: Mapping[int, tuple[Callable[[str], SearchAttributeKey[Any]], type, str]] = {
    IndexedValueType.INDEXED_VALUE_TYPE_TEXT: (SearchAttributeKey.for_text, str, "a text"),
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD: (SearchAttributeKey.for_keyword, str, "a text"),
    IndexedValueType.INDEXED_VALUE_TYPE_INT: (SearchAttributeKey.for_int, int, "a whole number"),
    IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE: (SearchAttributeKey.for_float, float, "a number"),
    IndexedValueType.INDEXED_VALUE_TYPE_BOOL: (SearchAttributeKey.for_bool, bool, "true or false"),
    IndexedValueType.INDEXED_VALUE_TYPE_DATETIME: (SearchAttributeKey.for_datetime, datetime, "a time with its zone"),
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST: (SearchAttributeKey.for_keyword_list, list, "a list of texts"),
}
"""How search attributes of a type are made, of which values, and what these are called."""


async def _typed(client: Client, given: Mapping[str, Any]) -> TypedSearchAttributes:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    known = await client.operator_service.list_search_attributes(request, timeout=RPC_TIMEOUT)
    pairs = []
    for name, value in given.items():
        kind = known.custom_attributes.get(name)
        if kind is None or kind not in _KEYS:
            names = ", ".join(sorted(known.custom_attributes)) or "none"
            raise InvalidRequestError(f"searchAttributes.{name}: Temporal has no such search attribute; it has {names}")
        make, wanted, called = _KEYS[kind]
        pairs.append(SearchAttributePair(make(name), _value(name, value, wanted, called)))
    return TypedSearchAttributes(pairs)


def _value(name: str, value: Any, wanted: type, called: str) -> Any:
    """Return the value as the type that the server has for the name."""
    try:
        if wanted is datetime and isinstance(value, str):
            value = datetime.fromisoformat(value)
        if wanted is float and type(value) is int:
            value = float(value)
    except (ValueError, OverflowError):
        value = None
    is_fitting = type(value) is wanted
    if wanted is list:
        is_fitting = is_fitting and all(isinstance(each, str) for each in value)
    if wanted is datetime:
        is_fitting = is_fitting and value.tzinfo is not None
    if not is_fitting:
        raise InvalidRequestError(f"searchAttributes.{name} must be {called}")
    return value
