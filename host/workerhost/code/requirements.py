"""Which plugins the sources of a build need: read from the sources, without running them."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping

from workerhost.code.parsing import parse
from workerhost.plugins import PluginReport


def required_plugins(
    modules: Mapping[str, str], own_activities: Collection[str], plugins: Iterable[PluginReport]
) -> tuple[str, ...]:
    """Return the names of the plugins whose package is imported or whose activities are named, in order.

    Workflows call an activity of a plugin by a string, so every string that is an activity's name counts. One string
    too many costs nothing where all hosts have the same plugins. One too few would send a run to a host that cannot
    serve it.

    Args:
        modules: sources that parse.
        own_activities: what the build defines itself, instead of a plugin's activity of that name.
        plugins: those of this process.
    """
    named = {name for source in modules.values() for name in _names(parse(source))}
    activities = named - set(own_activities)
    needed = (
        plugin.name
        for plugin in plugins
        if f"import {plugin.package}" in named or not activities.isdisjoint(plugin.activities)
    )
    return tuple(sorted(needed))


def _names(tree: ast.AST) -> Iterator[str]:
    """Yield every string, and `import <package>` for every absolute import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield f"import {alias.name.partition('.')[0]}"
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield f"import {node.module.partition('.')[0]}"
