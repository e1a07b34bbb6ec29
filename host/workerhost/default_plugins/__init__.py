"""The plugins that are built in: the code loaders, and the activities for variables. They are like any other."""

from collections.abc import Iterable

from workerhost.default_plugins.database_loader import DatabaseLoader
from workerhost.default_plugins.directory_loader import DirectoryLoader
from workerhost.default_plugins.variables import VariableActivities
from workerhost.plugins import Plugins, create_plugins
from workerhost.settings import Settings
from workerhost.store import Store


def load_plugins(settings: Settings, store: Store, more: Iterable[tuple[str, object]] = ()) -> Plugins:
    """Return the built-in plugins, `more`, and every plugin that is installed."""
    return create_plugins(
        [
            (DatabaseLoader.name, DatabaseLoader(store)),
            (DirectoryLoader.name, DirectoryLoader(settings.projects_dir)),
            (VariableActivities.name, VariableActivities(store)),
            *more,
        ]
    )
