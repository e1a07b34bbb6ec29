"""The metrics of all hosts behind this port, and the figures of the calls themselves."""

import time

from flask import Blueprint, Flask, Response, g, request

from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.waiting import waits
from workerhost.runtime.metrics.exposition import CONTENT_TYPE
from workerhost.runtime.metrics.metrics import Metrics

blueprint = Blueprint("metrics", __name__)

_BEGAN = "workerhost_call_began"


@blueprint.get("/metrics")
@described("text/plain", name="getMetrics")
@waits
def metrics() -> Response:
    """Return the metrics of all hosts behind this port, as Prometheus reads them."""
    return Response(service().observation.metrics.text(), content_type=CONTENT_TYPE)


def install(app: Flask, kept: Metrics) -> None:
    """Have every call counted, unless metrics are off. To be called before what may refuse requests."""
    if not kept.is_on:
        return

    @app.before_request
    def begin() -> None:
        setattr(g, _BEGAN, time.perf_counter())

    @app.after_request
    def end(response: Response) -> Response:
        began = g.get(_BEGAN)
        route = request.url_rule.rule if request.url_rule is not None else None
        if began is not None:
            seconds = time.perf_counter() - began
            kept.recorder.call_answered(route, request.method, response.status_code, seconds)
        return response
