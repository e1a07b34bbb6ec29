"""The application factory."""

from flask import Flask

from workerhost.api import (
    batches,
    catalogue,
    deployment,
    errors,
    executions,
    finding,
    health,
    hosts,
    messages,
    pausing,
    projects,
    resets,
    schedules,
    sources,
    steps,
    types,
    watching,
    webhooks,
    workers,
    workflows,
)
from workerhost.api.describing import pages
from workerhost.api.reading import origins, routing, text
from workerhost.runtime.service import Service

BLUEPRINTS = tuple(
    module.blueprint
    for module in (
        health,
        workers,
        hosts,
        projects,
        workflows,
        sources,
        executions,
        finding,
        steps,
        watching,
        messages,
        resets,
        pausing,
        schedules,
        batches,
        webhooks,
        deployment,
        types,
        catalogue,
        pages,
    )
)


def create_app(service: Service) -> Flask:
    """Return the control API in front of a started or starting service.

    Routes of plugins come after the built-in ones. Requests may be served by any thread.
    """
    app = Flask("workerhost", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["workerhost"] = service
    errors.install(app)
    origins.install(app, service.settings.bind, service.settings.allowed_hosts)
    routing.install(app)
    text.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for report, blueprints in service.plugins.blueprints():
        try:
            for blueprint in blueprints:
                app.register_blueprint(blueprint)
        except Exception as error:
            service.plugins.disable(report.name, error)
    service.drop_disabled_plugins()
    return app
