"""Whether the process lives, and whether it can work."""

from collections.abc import Callable

from flask import Blueprint, Response

from workerhost.answers import HealthInfo, ReadinessInfo
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.response import respond
from workerhost.errors import WorkerhostError

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@described(HealthInfo)
def health() -> Response:
    """Say that the process answers; asks nobody else."""
    return respond(HealthInfo(status="ok", service="temporal-worker-service"))


@blueprint.get("/ready")
@described({200: ReadinessInfo, 503: ReadinessInfo}, name="getReadiness")
def ready() -> Response:
    """Say whether database and Temporal answer; a plugin that failed shows, and does not make it unavailable."""
    failed = [report.name for report in service().plugins.reports() if report.error]
    checks = {
        "database": _check(service().store.database.ping),
        "temporal": _check(service().temporal.check),
        "plugins": f"failed: {', '.join(failed)}" if failed else "ok",
    }
    is_ready = checks["database"] == checks["temporal"] == "ok"
    info = ReadinessInfo(status="ready" if is_ready else "unavailable", checks=checks)
    return respond(info, 200 if is_ready else 503)


def _check(ask: Callable[[], None]) -> str:
    try:
        ask()
    except WorkerhostError as error:
        return str(error)
    return "ok"
