"""Locks by key exclude each other, and leave nothing behind."""

import threading
from concurrent.futures import ThreadPoolExecutor

from workerhost.runtime.keyed_locks import KeyedLocks


def test_one_thread_at_a_time_holds_the_lock_of_a_key() -> None:
    locks: KeyedLocks[str] = KeyedLocks()
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with locks.hold("shop"):
            inside.append(number)
            most.append(len(inside))
            inside.remove(number)

    with ThreadPoolExecutor(8) as executor:
        list(executor.map(work, range(2000)))
    assert set(most) == {1}
    assert len(locks) == 0


def test_locks_of_two_keys_are_held_at_once() -> None:
    locks: KeyedLocks[str] = KeyedLocks()
    have_met = threading.Barrier(2, timeout=10)

    def work(key: str) -> None:
        with locks.hold(key):
            have_met.wait()

    with ThreadPoolExecutor(2) as executor:
        list(executor.map(work, ["shop", "bank"]))


def test_keys_that_nobody_uses_any_more_cost_nothing() -> None:
    locks: KeyedLocks[str] = KeyedLocks()
    for number in range(10_000):
        with locks.hold(f"shop-{number}"):
            assert len(locks) == 1
    assert len(locks) == 0
