"""Which plugins the sources of a build need: read from their compiled code, without running it."""

import ast
from collections.abc import Collection, Iterable, Mapping
from modulefinder import ModuleFinder
from types import CodeType

from workerhost.plugins import PluginReport


def required_plugins(
    modules: Mapping[str, str], own_activities: Collection[str], plugins: Iterable[PluginReport]
) -> tuple[str, ...]:
    """Return the names of the plugins whose package is imported or whose activities are named, in order.

    Workflows call an activity of a plugin by a string, so every string that is an activity's name counts. One string
    too many costs nothing where all hosts have the same plugins. One too few would send a run to a host that cannot
    serve it.

    Args:
        modules: sources that Python compiles.
        own_activities: what the build defines itself, instead of a plugin's activity of that name.
        plugins: those of this process.
    """
    strings: set[str] = set()
    packages: set[str] = set()
    plugins = list(plugins)
    asked = {plugin.package for plugin in plugins if plugin.package}
    for source in modules.values():
        for code in _codes(source, strings):
            if any(name.partition(".")[0] in asked for name in code.co_names):
                packages |= _imported(code)
    activities = strings - set(own_activities)
    needed = (
        plugin.name for plugin in plugins if plugin.package in packages or not activities.isdisjoint(plugin.activities)
    )
    return tuple(sorted(needed))


def _codes(source: str, strings: set[str]) -> list[CodeType]:
    """Return the code of a module and of all functions and classes in it, and add every string in them to `strings`.

    Compiling takes a third of the time of making a syntax tree and walking through it.
    """
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # as a parser does, which knows nothing of where a statement may stand
    waiting: list[object] = [compile(source, "<module>", "exec", flags, dont_inherit=True)]
    codes = []
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            strings.add(each)
        elif isinstance(each, tuple | frozenset):
            waiting += each
        elif isinstance(each, CodeType):
            codes.append(each)
            waiting += each.co_consts
    return codes


def _imported(code: CodeType) -> set[str]:
    """Return the top-level packages that code imports by their full names."""
    found = ModuleFinder().scan_opcodes(code)
    return {what[1].partition(".")[0] for kind, what in found if kind == "absolute_import"}
