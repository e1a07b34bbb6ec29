"""Prometheus' text: how its lines are written, and how the texts of several hosts are put together.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

import math
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry

from workerhost.runtime.metrics.families import HOST_LABEL

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_END = "\n"


def host_label(host_id: str) -> str:
    """Return the label that each line has, as it is written."""
    return f'{HOST_LABEL}="{_escaped(host_id)}"'


def head(name: str, kind: str, text: str) -> str:
    """Return the lines before the samples of a family."""
    escaped = text.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {name} {escaped}\n# TYPE {name} {kind}\n"


def beginning(name: str, host: str, labels: Mapping[str, str]) -> str:
    """Return a line up to its value. Labels without a value are left out, which means the same."""
    more = (f',{label}="{_escaped(value)}"' for label, value in labels.items() if value)
    return f"{name}{{{host}{''.join(more)}}} "


def number(value: float) -> str:
    """Return a value as it is written."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'+' if value > 0 else '-'}Inf"
    return str(whole) if value == (whole := int(value)) else repr(value)


def registry_text(registry: CollectorRegistry, host: str) -> str:
    """Return what the collectors of a registry collect.

    Args:
        registry: of this host.
        host: the first label, as it is written.
    """
    parts: list[str] = []
    for family in registry.collect():
        lines = [f"{beginning(each.name, host, each.labels)}{number(each.value)}\n" for each in family.samples]
        if lines:
            name = f"{family.name}_total" if family.type == "counter" else family.name
            parts += (head(name, family.type, family.documentation), *lines)
    return "".join(parts)


def merged(texts: Iterable[str]) -> str:
    """Return one text of those of several hosts: each family once, with the samples of all."""
    families: dict[str, list[str]] = {}
    for text in texts:
        # A label's value may hold anything but the end of a line.
        for family in f"{_END}{text.removesuffix(_END)}".split("\n# HELP ")[1:]:
            first, _, rest = family.partition("\n")
            second, _, samples = rest.partition("\n")
            families.setdefault(f"# HELP {first}\n{second}\n", []).append(f"{samples}\n")
    return "".join(lines + "".join(samples) for lines, samples in families.items())


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
