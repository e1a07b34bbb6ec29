"""What is kept and for how long."""

from flask import Blueprint, Response

from workerhost.answers import KeptInfo, NamespaceRetentionInfo, RetentionInfo
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.response import respond
from workerhost.runtime.retention.namespace import namespace_retention
from workerhost.runtime.retention.rules import kept

blueprint = Blueprint("retention", __name__)


@blueprint.get("/retention")
@described(RetentionInfo, name="getRetention")
def retention() -> Response:
    """Say what is kept in the database and for how long, and how long Temporal keeps runs that have ended."""
    temporal = namespace_retention(service().temporal)
    rules = [
        KeptInfo(what=each.what, tables=each.tables, days=each.days, setting=each.setting)
        for each in kept(service().settings)
    ]
    info = NamespaceRetentionInfo(namespace=temporal.namespace, days=temporal.days)
    return respond(RetentionInfo(kept=tuple(rules), temporal=info))
