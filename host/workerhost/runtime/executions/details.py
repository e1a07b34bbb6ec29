"""What is shown of an execution that is looked at, beside what a list shows."""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.common import RawValue

from workerhost.runtime.executions.history.reading import read_pages
from workerhost.runtime.executions.history.values import as_json, decode, shortened
from workerhost.words import RunId, WorkflowId

_OWN_ATTRIBUTES = ("Temporal", "BuildIds")
"""How the names of search attributes begin that Temporal keeps for itself."""


@dataclass(frozen=True)
class Parent:
    """The run that began an execution."""

    workflow_id: WorkflowId
    run_id: RunId


@dataclass(frozen=True)
class Details:
    """More of an execution."""

    input: Sequence[Any]
    """Its arguments; long ones are cut."""
    memo: Mapping[str, Any]
    search_attributes: Mapping[str, Any]
    history_length: int
    """Events of its history."""
    parent: Parent | None


@dataclass(frozen=True)
class Beginning:
    """What an execution was started with."""

    workflow_type: str
    args: Sequence[RawValue]
    """As Temporal has them, so that no type of theirs is lost."""
    memo: Mapping[str, RawValue]


async def details_of(client: Client, described: WorkflowExecutionDescription) -> Details:
    """Return more of an execution; asks Temporal for the first event of its history.

    Raises:
        RPCError: Temporal does not give it.
    """
    pairs = described.typed_search_attributes
    payloads, memo = await _input(client, described), _memo(described)
    return Details(
        input=[shortened(each) for each in await decode(client.data_converter, payloads)],
        memo=dict(zip(memo, await decode(client.data_converter, list(memo.values())), strict=True)),
        search_attributes={
            pair.key.name: as_json(pair.value) for pair in pairs if not pair.key.name.startswith(_OWN_ATTRIBUTES)
        },
        history_length=described.raw_description.workflow_execution_info.history_length,
        parent=Parent(WorkflowId(described.parent_id), RunId(described.parent_run_id or ""))
        if described.parent_id
        else None,
    )


async def beginning_of(client: Client, described: WorkflowExecutionDescription) -> Beginning:
    """Return what an execution was started with; asks Temporal for the first event of its history.

    Raises:
        RPCError: Temporal does not give it.
    """
    args, memo = await _input(client, described), _memo(described)
    payloads = [*args, *memo.values()]
    if client.data_converter.payload_codec is not None:
        payloads = await client.data_converter.payload_codec.decode(payloads)
    raw = [RawValue(each) for each in payloads]
    return Beginning(described.workflow_type, raw[: len(args)], dict(zip(memo, raw[len(args) :], strict=True)))


def _memo(described: WorkflowExecutionDescription) -> Mapping[str, Payload]:
    return dict(described.raw_description.workflow_execution_info.memo.fields)


async def _input(client: Client, described: WorkflowExecutionDescription) -> Sequence[Payload]:
    async with aclosing(read_pages(client, WorkflowId(described.id), RunId(described.run_id), size=1)) as pages:
        first = await anext(pages)
    return first[0].workflow_execution_started_event_attributes.input.payloads
