"""How long things took, as a sketch: a few hundred bytes that give any percentile, and that add up."""

import contextlib
import math
from collections.abc import Iterable
from typing import Any

from ddsketch.ddsketch import BaseDDSketch
from ddsketch.mapping import LogarithmicMapping
from ddsketch.pb import ddsketch_pb2
from ddsketch.pb.proto import KeyMappingProto
from ddsketch.store import CollapsingLowestDenseStore, DenseStore
from google.protobuf.message import DecodeError

ACCURACY = 0.01
"""A percentile is this far from the true value at most, as a share of it."""

MOST_BINS = 2048
"""Of one sketch. With this accuracy they reach from the shortest to the longest duration, so that none is given up."""

SHORTEST_MS, LONGEST_MS = 0.01, 1e11
"""Durations are taken as no shorter and no longer: three years."""

_MAPPING = LogarithmicMapping(ACCURACY)
_MAPPING_MESSAGE = KeyMappingProto.to_proto(_MAPPING)  # type: ignore[no-untyped-call]
_NO_NEGATIVES = DenseStore()


class DurationSketch:
    """A DDSketch of durations in milliseconds. Not safe to use from several threads at once.

    As bytes it has the form of DDSketch's own protobuf messages, with its bins as a map, so that those without a count
    take no room: https://github.com/DataDog/sketches-py/blob/master/ddsketch/pb/ddsketch.proto
    """

    def __init__(self) -> None:
        self._sketch = _Sketch()

    def add(self, milliseconds: float) -> None:
        """Take a duration in."""
        self._sketch.add(min(max(milliseconds, SHORTEST_MS), LONGEST_MS))

    def merge(self, other: "DurationSketch") -> None:
        """Take in what another sketch has taken in."""
        self._sketch.merge(other._sketch)  # noqa: SLF001  of the same class

    @property
    def count(self) -> int:
        """How many durations it has taken in."""
        return round(float(self._sketch.count))

    def quantile(self, share: float) -> float | None:
        """Return the duration in milliseconds that this share, 0 to 1, is no longer than; None where there is none.

        That is the nearest rank, so that the one long duration of a few is seen in the highest percentiles.
        """
        rank = max(math.ceil(share * self.count), 1)
        # The library takes ranks from 0, as shares of the highest, and the next one down where it falls between two.
        found = self._sketch.get_quantile_value(min((rank - 0.75) / max(self.count - 1, 1), 1.0))
        return None if found is None else float(found)

    def to_bytes(self) -> bytes:
        """Return the sketch as bytes."""
        return bytes(self._sketch.message().SerializeToString(deterministic=True))

    @classmethod
    def from_bytes(cls, stored: bytes) -> "DurationSketch":
        """Return the sketch of these bytes. What is no sketch, or one of another accuracy, is read as an empty one.

        One row that somebody else has written must not hide the others.
        """
        sketch = cls()
        with contextlib.suppress(DecodeError):
            sketch._sketch.take(ddsketch_pb2.DDSketch.FromString(stored))  # type: ignore[attr-defined]
        return sketch


class _Sketch(BaseDDSketch):
    """Shares with all others what does not change, since a host has one for each activity of each project."""

    def __init__(self) -> None:
        super().__init__(_MAPPING, CollapsingLowestDenseStore(MOST_BINS), _NO_NEGATIVES, 0.0)

    def message(self) -> Any:
        message = ddsketch_pb2.DDSketch(mapping=_MAPPING_MESSAGE)
        bins = message.positiveValues.binCounts
        for key, count in enumerate(self._store.bins, self._store.offset):
            if count:
                bins[key] = count
        return message

    def take(self, message: Any) -> None:
        if message.mapping == _MAPPING_MESSAGE:
            for key, count in message.positiveValues.binCounts.items():
                if count > 0:  # no NaN either
                    self._store.add(key, count)
            self._count = self._store.count


def merge_stored(sketches: Iterable[bytes]) -> bytes:
    """Return one sketch of several, all as bytes."""
    merged = DurationSketch()
    for stored in sketches:
        merged.merge(DurationSketch.from_bytes(stored))
    return merged.to_bytes()
