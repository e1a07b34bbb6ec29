"""Imports builds from memory: a finder on `sys.meta_path` that serves one synthetic top-level package.

Inside Temporal's sandbox the same finder answers, so each workflow run gets modules of its own.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from types import CodeType, ModuleType

from workerhost.code.build import PACKAGE, Build
from workerhost.module_names import PACKAGE_CODE, packages_of

PROJECT_FILE = r'[^"/@]+@(?P<build>[0-9a-f]+)/(?P<path>[^"]+)\.py'
"""Pattern of the names that tracebacks show for the modules of builds."""


@dataclass
class _Source:
    text: str
    filename: str
    is_package: bool
    code: CodeType | None = None


class BuildFinder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds and loads the modules of the builds that were added to it.

    One per process, used from any thread: a name is added once and its source never changes.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a build may be let go by the garbage collector in the midst of this
        self._users = Counter[str]()
        self._sources = {PACKAGE: _Source("", f"{PACKAGE}/__init__.py", is_package=True)}

    def add(self, build: Build) -> None:
        """Make the modules of `build` importable, until it is removed as often as it was added."""
        sources = _sources_of(build)
        with self._lock:
            if sys.meta_path[0] is not self:  # first, so that no path is searched for these names
                sys.meta_path.insert(0, self)
            self._users[build.package] += 1
            for full_name, source in sources.items():
                self._sources.setdefault(full_name, source)

    def remove(self, build: Build) -> None:
        """Forget the modules of `build`, here and in `sys.modules`, unless it was added more often than removed."""
        prefix = f"{build.package}."
        with self._lock:
            self._users[build.package] -= 1
            if self._users[build.package] > 0:
                return
            del self._users[build.package]
            for name in [name for name in list(self._sources) if f"{name}.".startswith(prefix)]:
                linecache.cache.pop(self._sources[name].filename, None)
            for known in (self._sources, sys.modules):
                for name in [name for name in list(known) if f"{name}.".startswith(prefix)]:
                    known.pop(name, None)
            parent = sys.modules.get(PACKAGE)
            if parent is not None:
                vars(parent).pop(build.package.rpartition(".")[2], None)

    def filename(self, full_name: str) -> str:
        """Return the name that tracebacks show for a module."""
        return self._sources[full_name].filename

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer Python's import system for names of builds, and for no others."""
        source = self._sources.get(fullname)
        if source is None:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=source.filename, is_package=source.is_package)

    def is_package(self, fullname: str) -> bool:
        """Tell whether the name is that of a package."""
        return self._find(fullname).is_package

    def get_source(self, fullname: str) -> str:
        """Return the source text; tracebacks show their lines from it."""
        return self._find(fullname).text

    def get_code(self, fullname: str) -> CodeType:
        """Return the compiled module. It is compiled once: a sandbox asks for it in every workflow run.

        Its lines are in `linecache` from then on. Were they looked up when a traceback is first shown, two threads that
        show one at once could take the entry from each other, and the one that is left without searches for a file:
        which a workflow must not do, so that its error could not be shown.
        """
        source = self._find(fullname)
        if source.code is None:
            with self._lock:
                if self._sources.get(fullname) is source:
                    lines = source.text.splitlines(keepends=True)
                    linecache.cache[source.filename] = (len(source.text), None, lines, source.filename)
            source.code = compile(source.text, source.filename, "exec", dont_inherit=True)
        return source.code

    def _find(self, fullname: str) -> _Source:
        try:
            return self._sources[fullname]
        except KeyError:
            raise ImportError(f"no build in memory has a module {fullname}", name=fullname) from None


def _sources_of(build: Build) -> dict[str, _Source]:
    """Return the modules of a build and the packages around them, by full names."""
    folder = f"{build.project_id}@{build.id[:12]}"
    sources = {build.package: _Source("", f"{folder}/__init__.py", is_package=True)}
    for name in build.modules:
        for package in packages_of(name):
            path = f"{folder}/{package.replace('.', '/')}/__init__.py"
            sources[f"{build.package}.{package}"] = _Source("", path, is_package=True)
    for name, text in build.modules.items():  # the code of a package comes in the place of none
        is_package = name.rpartition(".")[2] == PACKAGE_CODE
        sources[build.full_name(name)] = _Source(text, f"{folder}/{name.replace('.', '/')}.py", is_package)
    return sources


FINDER = BuildFinder()
"""The finder of this process; it enters `sys.meta_path` with the first build."""
