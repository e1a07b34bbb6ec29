"""The names of a workflow's further modules: `models`, `rules.prices` in a subpackage, `..shared` for its project.

A name is what a relative import in `workflow.py` says after its first dot: `from .rules.prices import price`, and
`from ..shared import Money`. The name of a package's own code ends with `__init__`.
"""

import keyword
import unicodedata
from collections.abc import Iterable, Mapping

SHARED = ".."
"""How the name of a module begins that stands in the project's package, where all its workflows import it."""

PACKAGE_CODE = "__init__"
"""The last part of a name that is the code of a package itself."""

OWN_MODULES = {"workflow": "workflowCode", "activities": "activitiesCode"}
"""The two modules that are no further ones, and the keys under which they come."""

MOST_MODULES = 200
"""Of one workflow, beside its own two. Each is imported at a start, so that their number must have an end."""

LONGEST_NAME = 200
"""Characters of the name of a module."""


def module_fault(name: str) -> str | None:
    """Say what is wrong with the name of a further module, or return None. What is said goes on after the name."""
    if len(name) > LONGEST_NAME:
        return f"is longer than {LONGEST_NAME} characters"
    is_shared = name.startswith(SHARED)
    parts = name.removeprefix(SHARED).split(".")
    for part in parts:
        if fault := _part_fault(part):
            return fault
    if PACKAGE_CODE in parts[:-1]:
        return f"has {PACKAGE_CODE} before its end, which is the code of a package and holds no modules"
    if not is_shared and parts[0] in OWN_MODULES:
        return f"belongs to the module {parts[0]}, which is in {OWN_MODULES[parts[0]]}"
    if is_shared and parts[1:] == ["workflow"]:
        return f"would be the module workflow of a workflow {parts[0]}"
    return None


def modules_fault(names: Iterable[str]) -> str | None:
    """Say what is wrong with the names of a workflow's further modules, or return None.

    What is said goes on after the word `modules`.
    """
    known = set(names)
    if len(known) > MOST_MODULES:
        return f"are {len(known)}, and a workflow may have {MOST_MODULES} of them"
    for name in sorted(known):
        if fault := module_fault(name):
            return f"cannot have the name {shown(name)}: it {fault}"
    return next(iter(doubles(known)), None)


def doubles(names: Iterable[str]) -> list[str]:
    """Return a sentence for each name that is a module and a package at once; it goes on after the word `modules`."""
    known = set(names)
    packages = {package: name for name in sorted(known, reverse=True) for package in packages_of(name)}
    return [
        f"cannot have the names {name} and {packages[name]}: a module is no package; name the code of a package "
        f"{name}.{PACKAGE_CODE}"
        for name in sorted(known & packages.keys())
    ]


def packages_of(name: str) -> list[str]:
    """Return the names of the packages that a module stands in, the outermost first, below the first package."""
    start = SHARED if name.startswith(SHARED) else ""
    parts = name.removeprefix(SHARED).split(".")
    return [start + ".".join(parts[:count]) for count in range(1, len(parts))]


def shown(name: str) -> str:
    """Return a name as sentences show it, which may be anything."""
    return repr(name if len(name) <= LONGEST_NAME else f"{name[:50]}…")


def text_of_modules(modules: Mapping[str, str]) -> str:
    """Return what stands for modules in a digest; nothing where there are none."""
    return "".join(f"\0{name}\0{source}" for name, source in sorted(modules.items()))


def _part_fault(part: str) -> str | None:
    if not part.isidentifier() or unicodedata.normalize("NFKC", part) != part:
        return "is not made of Python names with dots between them, as rules.prices"
    if keyword.iskeyword(part):
        return f"has {part} in it, which is a word of Python and no name"
    if part == "__main__":
        return "has __main__ in it, which is the name of a program"
    return None
