"""Full collections leave out what has survived one, until that is looked at again."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from workerhost.runtime.garbage import GarbageFreezer


class _Cycle:
    """Refers to itself, so that only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def garbage_freezer() -> Iterator[GarbageFreezer]:
    made = GarbageFreezer()
    made.start()
    yield made
    made.stop()


def test_what_has_survived_is_left_out_until_the_next_look(garbage_freezer: GarbageFreezer) -> None:
    cycle = _Cycle()
    left = weakref.ref(cycle)
    gc.collect()
    assert gc.get_freeze_count() > 0
    del cycle
    gc.collect()
    assert left() is not None
    garbage_freezer.unfreeze()
    gc.collect()
    assert left() is None


def test_nothing_is_left_out_afterwards(garbage_freezer: GarbageFreezer) -> None:
    # Counts of what is left out say nothing on Python 3.12, which leaves out its immortal objects by itself.
    before = _Cycle()
    gc.collect()
    garbage_freezer.stop()
    garbage_freezer.stop()
    after = _Cycle()
    gc.collect()
    left = [weakref.ref(before), weakref.ref(after)]
    del before, after
    gc.collect()
    assert [each() for each in left] == [None, None]
