"""Keeps Python's garbage collector from stopping a host of many projects for long."""

import gc

COLLECTED_ALL = 2
"""The generation that a full collection names."""


class GarbageFreezer:
    """Sets aside what has survived a full collection, so that the next one looks at newer objects alone.

    All threads stand still while the collector looks. A full look at what a thousand projects have loaded takes 300 ms,
    and Python 3.11 to 3.13 take one whenever a quarter as much is new. What was set aside and is used no more goes with
    the first full collection after `unfreeze`. See https://docs.python.org/3/library/gc.html#gc.freeze

    Concerns the whole process. `start` and `stop` belong to the main thread; `unfreeze` to any.
    """

    def start(self) -> None:
        """Begin to set aside, first what is there already; only a full collection after `unfreeze` looks at that."""
        gc.freeze()
        gc.callbacks.append(self._after_collection)

    def stop(self) -> None:
        """Leave everything to the collector again; calling this again, or before `start`, does nothing."""
        if self._after_collection in gc.callbacks:
            gc.callbacks.remove(self._after_collection)
            gc.unfreeze()

    @staticmethod
    def unfreeze() -> None:
        """Have the next full collection look at all objects."""
        gc.unfreeze()

    @staticmethod
    def _after_collection(phase: str, info: dict[str, int]) -> None:
        if phase == "stop" and info["generation"] == COLLECTED_ALL:
            gc.freeze()
