"""Full collections leave out what has survived one, until that is looked at again."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from workerhost.runtime.hosts.garbage import OldObjects


class _Cycle:
    """Refers to itself, so that only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def old_objects() -> Iterator[OldObjects]:
    made = OldObjects()
    made.start()
    yield made
    made.stop()


def test_what_has_survived_is_left_out_until_the_next_look(old_objects: OldObjects) -> None:
    cycle = _Cycle()
    left = weakref.ref(cycle)
    gc.collect()
    assert gc.get_freeze_count() > 0
    del cycle
    gc.collect()
    assert left() is not None
    old_objects.look_again()
    gc.collect()
    assert left() is None


def test_nothing_is_left_out_afterwards(old_objects: OldObjects) -> None:
    # Counts of what is left out say nothing on Python 3.12, which leaves out its immortal objects by itself.
    before = _Cycle()
    gc.collect()
    old_objects.stop()
    old_objects.stop()
    after = _Cycle()
    gc.collect()
    left = [weakref.ref(before), weakref.ref(after)]
    del before, after
    gc.collect()
    assert [each() for each in left] == [None, None]
