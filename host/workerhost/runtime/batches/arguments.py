"""What batches are to do, as values and as the JSON in which the store keeps it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from workerhost.runtime.batches.run_operations import RUN_OPERATIONS, RunOperation
from workerhost.runtime.executions.listing.filter import ExecutionFilter
from workerhost.runtime.executions.starting.start_options import ExecutionStart
from workerhost.words import BatchOperation

_STARTS = TypeAdapter(tuple[ExecutionStart, ...])
_FILTER = TypeAdapter(ExecutionFilter)
_OPERATIONS: Mapping[BatchOperation, TypeAdapter[Any]] = {
    word: TypeAdapter(kind) for word, kind in RUN_OPERATIONS.items()
}


def starts_as_json(starts: Sequence[ExecutionStart]) -> dict[str, Any]:
    """Return the arguments of a batch of starts."""
    return {"starts": _STARTS.dump_python(tuple(starts), mode="json", exclude_defaults=True)}


def runs_as_json(word: BatchOperation, operation: RunOperation, wanted: ExecutionFilter) -> dict[str, Any]:
    """Return the arguments of a batch over a filter."""
    return {
        "filter": _FILTER.dump_python(wanted, mode="json", exclude_defaults=True),
        "operation": _OPERATIONS[word].dump_python(operation, mode="json", exclude_defaults=True),
    }


def read_starts(arguments: Mapping[str, Any]) -> tuple[ExecutionStart, ...]:
    """Return what a batch starts, from its arguments."""
    return _STARTS.validate_python(arguments["starts"])


def read_runs(word: BatchOperation, arguments: Mapping[str, Any]) -> tuple[RunOperation, ExecutionFilter]:
    """Return what a batch does with each run, and the filter of these runs, from its arguments."""
    operation: RunOperation = _OPERATIONS[word].validate_python(arguments["operation"])
    return operation, _FILTER.validate_python(arguments["filter"])
