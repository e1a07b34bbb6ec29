"""What a project process is told by its host: pickled there, and read here."""

import dataclasses
import io
import pickle
from dataclasses import dataclass
from typing import Any

from temporalio.converter import DataConverter, FailureConverter, PayloadConverter
from temporalio.worker import WorkflowInstanceDetails

from workerhost.code.executing.converter import BoundedPayloadConverter, bounded_payload_converter
from workerhost.errors import WorkerhostError
from workerhost.observed import LogLevel


@dataclass(frozen=True)
class Setup:
    """What holds for all that a process executes."""

    project_id: str
    namespace: str
    task_queue: str
    passthrough: tuple[str, ...]
    """Packages that Temporal's sandbox takes from the process."""
    data_converter: DataConverter
    """Without its codec: keys stay in the host, which encodes and decodes."""
    workflow_threads: int
    activity_threads: int
    activity_seconds: float
    """On a processor that each activity may use; the host sees to it."""
    log_level: LogLevel
    """Least severe lines of the project's log."""


class NotTransferableError(WorkerhostError):
    """Something that a plugin has added to a worker cannot be taken along into a project's process."""


def pickled(value: object) -> bytes:
    """Return a value for `unpickled` in another process.

    Raises:
        NotTransferableError: part of it can only be in the process in which it was made.
    """
    buffer = io.BytesIO()
    try:
        _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(value)
    except Exception as error:
        raise NotTransferableError(
            f"a plugin has added to the worker what cannot go into the project's process: {error}; classes and "
            "functions must be defined at the top level of an installed module, or the project's isolation be `thread`"
        ) from error
    return buffer.getvalue()


def unpickled(data: bytes) -> Any:
    """Return the value; to be called in a project process alone."""
    return pickle.loads(data)  # noqa: S301  from the host, which is trusted


def transferable(details: WorkflowInstanceDetails) -> WorkflowInstanceDetails:
    """Return the details of a run without what belongs to the host: its placeholder, and functions of the worker."""
    extern = {name: each for name, each in details.extern_functions.items() if not name.startswith("__temporal_")}
    return dataclasses.replace(
        details,
        defn=None,  # type: ignore[arg-type]  # the build's own takes its place
        extern_functions=extern,
        patch_activation_callback=None,
    )


class _Pickler(pickle.Pickler):
    """Takes converters along: made anew where they are used, and without the codec."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, type) and issubclass(value, BoundedPayloadConverter) and value.limit:
            return bounded_payload_converter, (value.limit,)
        if isinstance(value, DataConverter):
            return _data_converter, (value.payload_converter_class, value.failure_converter_class)
        return NotImplemented


def _data_converter(payload: type[PayloadConverter], failure: type[FailureConverter]) -> DataConverter:
    return DataConverter(payload_converter_class=payload, failure_converter_class=failure)
