"""Whether the process lives, and whether it can work."""

from collections.abc import Callable

from flask import Blueprint

from workerhost.api.request import service
from workerhost.errors import WorkerhostError

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> dict[str, str]:
    """Say that the process answers; asks nobody else."""
    return {"status": "ok", "service": "temporal-worker-service"}


@blueprint.get("/ready")
def ready() -> tuple[dict[str, object], int]:
    """Say whether database and Temporal answer; a plugin that failed shows, and does not make it unavailable."""
    failed = [report.name for report in service().plugins.reports() if report.error]
    checks = {
        "database": _check(service().store.database.ping),
        "temporal": _check(service().temporal.check),
        "plugins": f"failed: {', '.join(failed)}" if failed else "ok",
    }
    is_ready = checks["database"] == checks["temporal"] == "ok"
    return {"status": "ready" if is_ready else "unavailable", "checks": checks}, 200 if is_ready else 503


def _check(ask: Callable[[], None]) -> str:
    try:
        ask()
    except WorkerhostError as error:
        return str(error)
    return "ok"
