"""What is installed: plugins and their activities."""

from flask import Blueprint, Response

from workerhost.answers import ActivityList, PluginList
from workerhost.api.conversions import activity_info, plugin_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.response import respond

blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/plugins")
@described(PluginList)
def plugins() -> Response:
    """List the plugins, those that failed with their error."""
    return respond(PluginList(plugins=tuple(plugin_info(report) for report in service().plugins.reports())))


@blueprint.get("/activities")
@described(ActivityList)
def activities() -> Response:
    """List the activities that every project may call."""
    entries = (entry for _, entry in sorted(service().catalogue.items()))
    return respond(ActivityList(activities=tuple(activity_info(entry) for entry in entries)))
