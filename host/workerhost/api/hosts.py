"""The processes that run project workers."""

from typing import Any

from flask import Blueprint

from workerhost.api import answers
from workerhost.api.request import service

blueprint = Blueprint("hosts", __name__)


@blueprint.get("/hosts")
def all_hosts() -> dict[str, Any]:
    """List the hosts of the fleet."""
    found = service().store.hosts.all(service().settings.lease_timeout)
    return {"hosts": [answers.host(host) for host in found], "count": len(found)}
