"""Which modules of a build pass through Temporal's sandbox, instead of being imported anew for each run.

Activities do not run in the sandbox. Their modules pass through, so what they import (an HTTP client, say) is not
imported again in every run. What they import of the build itself passes, too: an activity returns an `Order` of the
module `models`, and the workflow that compares it with an `Order` of `models` must see one class and not two.
"""

import ast
from collections.abc import Collection, Iterator

from workerhost.code.build import Build
from workerhost.code.definitions import Definitions
from workerhost.code.parsing import parse
from workerhost.module_names import OWN_MODULES, PACKAGE_CODE


def passing_modules(build: Build, definitions: Definitions) -> list[str]:
    """Return the full names of the modules that pass: those with activities alone, and what these import of the build.

    A module with workflows never passes, nor a package around one: workflows are to run in the sandbox.
    """
    names = build.module_names()
    passing = {f"{folder}.activities" for folder in build.folders} & build.modules.keys()
    own = {f"{folder}.{name}" for folder in build.folders for name in OWN_MODULES}
    if further := build.modules.keys() - own:
        may_pass = further - _kept(names, definitions)
        passing |= {names[each.fn.__module__] for each in definitions.activities.values()} & may_pass
        passing |= _reached(build, passing) & may_pass
    return sorted(build.full_name(name) for name in passing)


def _kept(names: dict[str, str], definitions: Definitions) -> set[str]:
    """Return the modules that define workflows, and the code of the packages around them and around `workflow`."""
    defining = {names[each.cls.__module__] for each in definitions.workflows.values()}
    kept = {name for name in names.values() if name.endswith(".workflow") or name in defining}
    around = {name.rpartition(".")[0] for name in kept}
    packages = {name for name in names.values() if name.rpartition(".")[2] == PACKAGE_CODE}
    return kept | {each for each in packages if any(_is_in(place, each.rpartition(".")[0]) for place in around)}


def _is_in(place: str, package: str) -> bool:
    return not package or f"{place}.".startswith(f"{package}.")


def _reached(build: Build, begin: Collection[str]) -> set[str]:
    """Return the modules that some modules import with dots, directly or over others of them."""
    reached: set[str] = set()
    waiting = list(begin)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _imported(build, name)
    return reached


def _imported(build: Build, name: str) -> Iterator[str]:
    """Yield the modules of the build that a module imports with dots."""
    package = name.split(".")[:-1]
    for node in ast.walk(parse(build.modules[name])):
        if isinstance(node, ast.ImportFrom) and 0 < node.level <= len(package) + 1:
            base = package[: len(package) + 1 - node.level] + (node.module.split(".") if node.module else [])
            for parts in (base, *([*base, alias.name] for alias in node.names)):
                yield from (
                    each for each in (".".join(parts), ".".join([*parts, PACKAGE_CODE])) if each in build.modules
                )
