"""The imports of emitted modules: of all that they may use, what they do use."""

import ast
from collections.abc import Iterable, Mapping

from workerhost_drawings.emitting.syntax import parts

V1 = "workerhost_drawings.v1"

IMPORTED: Mapping[str, str | None] = {
    "asyncio": None,
    "timedelta": "datetime",
    "Any": "typing",
    "workflow": "temporalio",
    "RetryPolicy": "temporalio.common",
    "descriptors": V1,
    "durations": V1,
    "errors": V1,
    "events": V1,
    "jq": V1,
    "js": V1,
    "lanes": V1,
    "objects": V1,
    "schemas": V1,
    "variables": V1,
    "Drawn": f"{V1}.run",
    "Ended": f"{V1}.run",
    "ends_anywhere": f"{V1}.run",
}
"""Every name that a module may import, and from where; None for a module of its own. In the order of the imports."""

_GROUPS = (("asyncio", "datetime", "typing"), ("temporalio",), ("workerhost_drawings",))


def import_block(used: Iterable[ast.AST]) -> list[str]:
    """Return the imports of what these parts of a module use, a text for each group, in the order of isort."""
    names: set[str] = set()
    waiting = list(used)
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Name):
            names.add(each.id)
        else:
            waiting += parts(each)
    wanted: dict[str, list[str]] = {}
    for name, module in IMPORTED.items():
        if name in names:
            wanted.setdefault(module or name, []).extend([name] if module else [])
    blocks: list[list[str]] = [[] for _ in _GROUPS]
    for module, found in wanted.items():
        line = f"from {module} import {', '.join(sorted(found, key=_order))}" if found else f"import {module}"
        blocks[_group(module)].append(line)
    return ["\n".join(lines) for lines in blocks if lines]


def _group(module: str) -> int:
    """Return which block of imports a module stands in: the standard library's, Temporal's, or ours."""
    top = module.partition(".")[0]
    return next(number for number, tops in enumerate(_GROUPS) if top in tops)


def _order(name: str) -> tuple[bool, str]:
    return not name[0].isupper(), name
