"""The application factory."""

from flask import Flask

from workerhost.api import catalogue, deployment, errors, executions, health, hosts, projects, workers, workflows
from workerhost.runtime.service import Service


def create_app(service: Service) -> Flask:
    """Return the control API in front of a started or starting service.

    Routes of plugins come after the built-in ones. Requests may be served by any thread.
    """
    app = Flask("workerhost")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["workerhost"] = service
    errors.install(app)
    for module in (health, workers, hosts, projects, workflows, executions, deployment, catalogue):
        app.register_blueprint(module.blueprint)
    for report, blueprints in service.plugins.blueprints():
        try:
            for blueprint in blueprints:
                app.register_blueprint(blueprint)
        except Exception as error:
            service.plugins.disable(report.name, error)
    service.drop_disabled_plugins()
    return app
