"""The metrics of this host, assembled, and the text that holds those of all hosts behind its port."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.process_collector import ProcessCollector
from temporalio.runtime import MetricBuffer

from workerhost.errors import NotFoundError
from workerhost.runtime.metrics.backlog import LOOK_SECONDS, BacklogWatch
from workerhost.runtime.metrics.exposition import beginning, head, host_label, merged, number, registry_text
from workerhost.runtime.metrics.families import HOST_UP, SCRAPE_SECONDS, Family
from workerhost.runtime.metrics.host_figures import HostCollector, HostFigures
from workerhost.runtime.metrics.names import LabelNames
from workerhost.runtime.metrics.recorder import MetricsRecorder
from workerhost.runtime.metrics.sdk_series import SdkSeries
from workerhost.runtime.metrics.shared_text import SharedText
from workerhost.runtime.metrics.siblings import SUFFIX, AskedSiblings, SiblingServer
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.settings import Settings

log = logging.getLogger(__name__)

DRAIN_SECONDS = 1.0
"""How often the SDK's buffer is emptied."""


class Metrics:
    """The metrics of this host. Made, started and stopped in the main thread; `text` may be called from any.

    Args:
        settings: whether there are any, and how many projects have names.
        temporal: the way to the server, which knows the backlogs.
        sdk_buffer: where the SDK puts its own metrics; None where it keeps none.
    """

    def __init__(self, settings: Settings, temporal: TemporalConnection, sdk_buffer: MetricBuffer | None) -> None:
        self.is_on = settings.metrics
        self._temporal = temporal
        self._registry = CollectorRegistry()
        self._names = LabelNames(settings.metrics_projects)
        self.recorder = MetricsRecorder(self._names)
        self._sdk_buffer = sdk_buffer if self.is_on else None
        self._sdk = SdkSeries()
        self._folder: Path | None = None
        self._host_id = ""
        self._figures: Callable[[], HostFigures] | None = None
        self._backlog: BacklogWatch | None = None
        self._server: SiblingServer | None = None
        self._own_text = SharedText(self._make_own_text)
        self._text = SharedText(self._make_text)

    @property
    def observers(self) -> tuple[Observer, ...]:
        """Who is to be told what happens: nobody where metrics are off."""
        return (self.recorder,) if self.is_on else ()

    def join(self, folder: Path) -> None:
        """Have the hosts tell each other their metrics. To be called before `start`.

        Args:
            folder: for their sockets; nobody else may look into it.
        """
        self._folder = folder

    def start(self, host_id: str, figures: Callable[[], HostFigures]) -> None:
        """Begin to answer.

        Args:
            host_id: of this host.
            figures: returns what it says of itself; does not block.
        """
        if not self.is_on:
            return
        self._host_id, self._figures = host_id, figures
        self._backlog = BacklogWatch(self._temporal, figures, self._names)
        for collector in (HostCollector(figures), self._backlog, self._sdk):
            self._registry.register(collector)
        ProcessCollector(registry=self._registry)
        if self._folder is not None:
            self._serve_siblings(self._folder / f"{host_id}{SUFFIX}")

    def stop(self) -> None:
        """End what answers siblings; calling this again, or before `start`, does nothing."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def jobs(self) -> Iterator[tuple[Callable[[], None], float]]:
        """Yield what is done now and then, with the seconds between."""
        if self.is_on:
            yield self._look_at_backlogs, LOOK_SECONDS
        if self._sdk_buffer is not None:
            yield self._drain_sdk, DRAIN_SECONDS

    def text(self) -> str:
        """Return the metrics of all hosts behind the port; waits for the others, a bounded time.

        Raises:
            NotFoundError: they are switched off.
        """
        return self._text.get()

    def own_text(self) -> str:
        """Return the metrics of this host alone.

        Raises:
            NotFoundError: they are switched off.
        """
        return self._own_text.get()

    def _serve_siblings(self, path: Path) -> None:
        server = SiblingServer(path, self.own_text)
        try:
            server.start()
        except OSError as error:  # its folder is gone: no reason not to run projects
            log.warning("no sibling gets the metrics of this host: %s: %s", path, error.strerror)
            server.stop()
        else:
            self._server = server

    def _make_text(self) -> str:
        asked = AskedSiblings(self._folder, self._host_id) if self._folder is not None and self.is_on else None
        texts = [self.own_text()]
        for host_id, text in asked.answers().items() if asked is not None else ():
            texts.append(text if text is not None else _alone(HOST_UP, host_id, 0))
        return merged(texts)

    def _make_own_text(self) -> str:
        if self._backlog is None or self._figures is None:
            raise NotFoundError("this host keeps no metrics; WORKERHOST_METRICS switches them on", code="metrics_off")
        began = time.monotonic()
        self._backlog.note_scrape()
        self.recorder.forget(self._names.choose())
        self._drain_sdk()
        self._sdk.forget_other_queues({each.task_queue for each in self._figures().projects})
        host = host_label(self._host_id)
        text = self.recorder.text(host) + registry_text(self._registry, host)
        return text + _alone(SCRAPE_SECONDS, self._host_id, round(time.monotonic() - began, 6))

    def _look_at_backlogs(self) -> None:
        if self._backlog is not None:
            self._backlog.look()

    def _drain_sdk(self) -> None:
        if self._sdk_buffer is not None:
            self._sdk.take(self._sdk_buffer.retrieve_updates())


def _alone(family: Family, host_id: str, value: float) -> str:
    """Return a family that has one sample, without labels of its own."""
    line = f"{beginning(family.name, host_label(host_id), {})}{number(value)}\n"
    return head(family.name, family.kind, family.help) + line
