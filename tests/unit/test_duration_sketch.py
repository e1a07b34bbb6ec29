"""Percentiles of durations are close to the true ones, also of sums of hosts and hours."""

import math
import random

import pytest

from workerhost.runtime.statistics.sketch import LONGEST_MS, SHORTEST_MS, DurationSketch, merge_stored


def _sketch(values: list[float]) -> DurationSketch:
    sketch = DurationSketch()
    for value in values:
        sketch.add(value)
    return sketch


def test_percentiles_are_within_one_percent() -> None:
    values = sorted(random.Random(7).lognormvariate(3, 2) for _ in range(5000))
    sketch = _sketch(values)
    for share in (0.0, 0.5, 0.95, 0.99, 1.0):
        assert sketch.quantile(share) == pytest.approx(values[int(share * 4999)], rel=0.0101)


def test_of_a_few_durations_a_percentile_is_one_that_the_share_does_not_exceed() -> None:
    for values in ([7.0], [2.0, 500.0], [1.0, 2.0, 3.0, 400.0], [float(each) for each in range(1, 101)]):
        sketch = _sketch(values)
        for share in (0.0, 0.5, 0.95, 0.99, 1.0):
            rank = max(math.ceil(share * len(values)), 1)
            assert sketch.quantile(share) == pytest.approx(values[rank - 1], rel=0.0101)


def test_the_sum_of_stored_sketches_is_the_sketch_of_all() -> None:
    values = [random.Random(8).expovariate(0.001) for _ in range(3000)]
    parts = [_sketch(values[start::3]).to_bytes() for start in range(3)]
    merged = DurationSketch.from_bytes(merge_stored(parts))
    assert merged.count == 3000
    assert merged.to_bytes() == _sketch(values).to_bytes()
    shares = (0.5, 0.95, 0.99)
    assert [merged.quantile(share) for share in shares] == [_sketch(values).quantile(share) for share in shares]


def test_any_duration_has_its_place_and_the_bytes_are_few() -> None:
    sketch = _sketch([-1.0, 0.0, SHORTEST_MS, 1.0, LONGEST_MS, 1e300])
    assert sketch.count == 6
    assert sketch.quantile(0) == pytest.approx(SHORTEST_MS, rel=0.0101)
    assert sketch.quantile(1) == pytest.approx(LONGEST_MS, rel=0.0101)
    assert sketch.quantile(0.6) == pytest.approx(1.0, rel=0.0101), "nothing was collapsed"
    assert len(sketch.to_bytes()) < 100


def test_an_empty_sketch_and_what_is_none_have_no_percentile() -> None:
    other = DurationSketch.from_bytes(_sketch([1.0]).to_bytes())
    for stored in (b"", b"\xff\xfe", b"no sketch", DurationSketch().to_bytes()):
        empty = DurationSketch.from_bytes(stored)
        assert (empty.count, empty.quantile(0.5)) == (0, None)
        other.merge(empty)
    assert other.count == 1
