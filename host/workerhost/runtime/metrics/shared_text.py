"""One text for all who ask for it at about the same time."""

import threading
from collections.abc import Callable


class SharedText:
    """Makes a text once for all who wait for it, so that fifty who ask at once cost as much as two.

    Safe to use from any thread. Nobody gets a text that was begun before they asked.

    Args:
        make: returns the text; called in the thread of one of those who ask, by one at a time.
    """

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make
        self._making = threading.Lock()
        self._begun = 0
        self._made = 0
        self._text = ""

    def get(self) -> str:
        """Return a text that was begun after this was called; waits for at most two of them.

        Raises what `make` raises, for the one in whose thread it did.
        """
        wanted = self._begun + 1
        with self._making:
            if self._made < wanted:
                self._begun += 1
                self._text = self._make()
                self._made = self._begun
            return self._text
