"""What is installed: plugins and their activities."""

from typing import Any

from flask import Blueprint

from workerhost.api.request import service

blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/plugins")
def plugins() -> dict[str, Any]:
    """List the plugins, those that failed with their error."""
    return {
        "plugins": [
            {
                "name": report.name,
                "version": report.version,
                "hooks": report.hooks,
                "activities": report.activities,
                "error": report.error,
            }
            for report in service().plugins.reports()
        ]
    }


@blueprint.get("/activities")
def activities() -> dict[str, Any]:
    """List the activities that every project may call."""
    return {
        "activities": [
            {
                "name": entry.name,
                "plugin": entry.plugin,
                "activitySet": entry.activity_set,
                "description": entry.description,
                "inputSchema": entry.input_schema,
                "outputSchema": entry.output_schema,
            }
            for _, entry in sorted(service().catalogue.items())
        ]
    }
