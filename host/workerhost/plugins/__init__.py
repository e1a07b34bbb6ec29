"""Plugins: found one by one, listed with what is wrong with them, and called through one typed method for each hook."""

from workerhost.plugins.manager import PluginError, Plugins, create_plugins
from workerhost.plugins.reports import PluginReport

__all__ = ["PluginError", "PluginReport", "Plugins", "create_plugins"]
