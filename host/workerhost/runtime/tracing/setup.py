"""Whether there are traces: OpenTelemetry's variables say so, and its packages are asked only then."""

import logging
from typing import TYPE_CHECKING

from workerhost.trace_context import wanted_exporters

if TYPE_CHECKING:
    from workerhost.runtime.tracing.tracing import Tracing

log = logging.getLogger(__name__)


def make_tracing() -> "Tracing | None":
    """Return what makes spans and exports them; None where no traces are wanted, or where they cannot be exported.

    Starts a thread, so that it is to be called after any fork.
    """
    names = wanted_exporters()
    if not names:
        return None
    try:
        from workerhost.runtime.tracing.exporting import load_exporters  # noqa: PLC0415  where they are wanted
        from workerhost.runtime.tracing.tracing import Tracing  # noqa: PLC0415
    except ImportError as error:
        log.warning("there are no traces: OpenTelemetry is not installed (%s); pip install 'workerhost[otel]'", error)
        return None
    exporters = load_exporters(names)
    return Tracing(exporters) if exporters else None
