"""A port of a host without control API that answers `GET /metrics` and nothing else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6

from workerhost.api.reading.origins import Addressees
from workerhost.errors import ConfigurationError, NotFoundError, WorkerhostError
from workerhost.runtime.metrics.exposition import CONTENT_TYPE
from workerhost.runtime.metrics.metrics import Metrics
from workerhost.settings import Settings

SILENT_SECONDS = 5.0
"""How long a client may take for its request."""


class MetricsPort(ThreadingHTTPServer):
    """Answers with the metrics of this host, each request in a thread of its own.

    Args:
        settings: say where.
        metrics: what is answered.
    """

    daemon_threads = True

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.address_family = AF_INET6 if ":" in settings.bind else AF_INET
        self.metrics = metrics
        self.addressees = Addressees(settings.bind, settings.allowed_hosts)
        super().__init__((settings.bind, settings.metrics_port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: MetricsPort
    timeout = SILENT_SECONDS

    def do_GET(self) -> None:
        """Answer one request."""
        try:
            self.server.addressees.check(self.headers.get("Host"), self.headers.get("Origin"), None, "GET")
            if self.path.partition("?")[0] != "/metrics":
                raise NotFoundError("there is nothing at this path but /metrics")
            status, text = 200, self.server.metrics.text()
        except WorkerhostError as error:
            status, text = error.status, f"{error}\n"
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Write no line for each scrape."""


@contextmanager
def metrics_port(settings: Settings, metrics: Metrics) -> Iterator[None]:
    """Answer at the port for metrics, if there is one, until the block ends.

    Raises:
        ConfigurationError: the port is taken.
    """
    if not settings.metrics_port:
        yield
        return
    try:
        server = MetricsPort(settings, metrics)
    except OSError as error:
        raise ConfigurationError(
            f"WORKERHOST_METRICS_PORT: nothing can listen on {settings.bind}, port {settings.metrics_port}: "
            f"{error.strerror}"
        ) from error
    with server:
        thread = threading.Thread(target=server.serve_forever, name="metrics-port", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join(SILENT_SECONDS)
