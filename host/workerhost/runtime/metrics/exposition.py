"""Writes what a registry holds as Prometheus' text, and puts the texts of several hosts together.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

import math
from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.samples import Sample

from workerhost.runtime.metrics.families import HOST_LABEL

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

END = "\n"

MOST_KEPT = 100_000
"""Beginnings of lines that are kept for the next time."""


class Exposition:
    """The text of one registry. Belongs to one thread at a time.

    The library writes such a text, too, and takes three times as long: the labels of each sample are the same each
    time, and are kept here.

    Args:
        registry: what is written.
        host_id: each sample has it as the label `host`.
    """

    def __init__(self, registry: CollectorRegistry, host_id: str) -> None:
        self._registry = registry
        self._host = f'{HOST_LABEL}="{escaped(host_id)}"'
        self._beginnings: dict[tuple[str, ...], str] = {}

    def text(self) -> str:
        """Return all families with their samples."""
        if len(self._beginnings) > MOST_KEPT:
            self._beginnings.clear()
        parts: list[str] = []
        for family in self._registry.collect():
            lines = [self._line(each) for each in family.samples if not each.name.endswith("_created")]
            if lines:
                name = f"{family.name}_total" if family.type == "counter" else family.name
                text = family.documentation.replace("\\", r"\\").replace("\n", r"\n")
                parts.append(f"# HELP {name} {text}\n# TYPE {name} {family.type}\n")
                parts += lines
        return "".join(parts)

    def _line(self, sample: Sample) -> str:
        key = (sample.name, *sample.labels.values())
        beginning = self._beginnings.get(key)
        if beginning is None:
            labels = [self._host, *(f'{name}="{escaped(value)}"' for name, value in sample.labels.items())]
            beginning = self._beginnings[key] = f"{sample.name}{{{','.join(labels)}}} "
        return f"{beginning}{_number(sample.value)}\n"


def merged(texts: Iterable[str]) -> str:
    """Return one text of those of several hosts: each family once, with the samples of all."""
    families: dict[str, list[str]] = {}
    for text in texts:
        # A label's value may hold anything but the end of a line.
        for family in f"{END}{text.removesuffix(END)}".split("\n# HELP ")[1:]:
            head, _, rest = family.partition("\n")
            kind, _, samples = rest.partition("\n")
            families.setdefault(f"# HELP {head}\n{kind}\n", []).append(f"{samples}\n")
    return "".join(head + "".join(samples) for head, samples in families.items())


def escaped(value: str) -> str:
    """Return a label's value as it stands in quotation marks."""
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    if value == (whole := int(value) if math.isfinite(value) else None):
        return str(whole)
    return "NaN" if math.isnan(value) else repr(value).replace("inf", "Inf")
