"""The processes that run project workers."""

from flask import Blueprint, Response

from workerhost.answers import HostList
from workerhost.api.conversions import host_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.response import respond

blueprint = Blueprint("hosts", __name__)


@blueprint.get("/hosts")
@described(HostList)
def all_hosts() -> Response:
    """List the hosts of the fleet."""
    found = service().store.hosts.all(service().settings.lease_timeout)
    return respond(HostList(hosts=tuple(host_info(host) for host in found), count=len(found)))
