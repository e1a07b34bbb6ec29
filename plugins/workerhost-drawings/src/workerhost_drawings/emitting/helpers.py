"""The functions of `workerhost_drawings.v1` that expressions of kind `helper` may call."""

from collections.abc import Mapping

HELPERS: Mapping[str, tuple[int, int]] = {
    "descriptors.of_task": (4, 4),
    "descriptors.of_workflow": (2, 2),
    "durations.timer": (1, 1),
    "errors.as_object": (1, 2),
    "errors.standard": (2, 3),
    "events.new": (1, 1),
    "jq.truthy": (1, 1),
    "js.plain": (1, 1),
    "js.truthy": (1, 1),
    "objects.defined": (1, 1),
    "objects.merged": (2, 2),
    "schemas.fitting": (2, 3),
}
"""By `<module>.<function>`: how many arguments each takes at least and at most."""
