"""The application factory."""

from flask import Flask

from workerhost.api import errors, projects, request_fields, tracing, variables
from workerhost.api.code import deployment, drawings, sources, types, workflows
from workerhost.api.describing import pages
from workerhost.api.observing import logs, statistics, usage
from workerhost.api.operating import catalogue, health, hosts, metrics, retention, workers
from workerhost.api.reading import origins, routing, text
from workerhost.api.runs import batches, executions, finding, messages, pausing, resets, steps, watching
from workerhost.api.triggers import schedules, webhooks
from workerhost.runtime.service import Service

BLUEPRINTS = tuple(
    module.blueprint
    for module in (
        health,
        metrics,
        workers,
        hosts,
        retention,
        projects,
        workflows,
        drawings,
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
        variables,
        logs,
        deployment,
        types,
        statistics,
        usage,
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
    tracing.install(app, service.observation.tracing)  # first, so that what is refused is seen, too
    errors.install(app)
    request_fields.install(app)
    metrics.install(app, service.observation.metrics)
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
