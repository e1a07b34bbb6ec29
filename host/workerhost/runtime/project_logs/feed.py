"""The newest lines of one project that is followed, and one who follows it."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from workerhost.errors import StoreUnavailableError
from workerhost.store.project_logs.reading import ProjectLogReader
from workerhost.store.project_logs.values import LogFilter, StoredLine

KEPT_LINES = 1000
"""Of each project that is followed, in memory; who is further behind reads the database."""

READ_AT_ONCE = 500

AWAY_SECONDS = 1.0
"""How long a follower waits for a database that is away, until it asks again."""


@dataclass(eq=False)
class LogFeed:
    """The newest lines of a project. Belongs to whoever holds `news`.

    Args:
        project_id: whose log it is.
        position: the id of the newest line that is known.
    """

    project_id: str
    position: int
    news: threading.Condition
    followers: "set[LogFollower]" = field(default_factory=set)

    def __post_init__(self) -> None:
        self._lines: deque[StoredLine] = deque()
        self._after = self.position

    def add(self, lines: Sequence[StoredLine]) -> None:
        """Take the lines that follow."""
        self._lines.extend(lines)
        self.position = lines[-1].id
        while len(self._lines) > KEPT_LINES:
            self._after = self._lines.popleft().id

    def skip_to(self, position: int) -> None:
        """Know of lines up to that one, and hold none of them."""
        self._lines.clear()
        self.position = self._after = position

    def end(self) -> None:
        """Have all who follow go."""
        for follower in self.followers:
            follower.end()
        self.news.notify_all()

    def lines_after(self, position: int) -> list[StoredLine] | None:
        """Return the lines after that one; None where not all of them are held."""
        return None if position < self._after else [each for each in self._lines if each.id > position]


@dataclass(eq=False)
class LogFollower:
    """One who follows the log of a project. Belongs to the thread that answers, but for `leave` and `end`.

    Args:
        feed: the newest lines.
        reader: reads older ones.
        wanted: which lines are told.
        position: the id of the line up to which everything was told.
        first: lines that are told first.
        forget: called once, when the follower has left.
    """

    feed: LogFeed
    reader: ProjectLogReader
    wanted: LogFilter
    position: int
    first: Sequence[StoredLine]
    forget: "Callable[[LogFollower], None]"
    is_gone: bool = False
    """Whether nothing more will come."""

    def take(self, seconds: float) -> Sequence[StoredLine]:
        """Return the lines that follow, after waiting for them at most so many seconds."""
        if self.first:
            first, self.first = self.first, ()
            return first
        feed = self.feed
        with feed.news:
            feed.news.wait_for(lambda: feed.position > self.position or self.is_gone, seconds)
            newest, held = feed.position, feed.lines_after(self.position)
        if newest <= self.position:
            return ()
        if held is None:
            return self._read(newest)
        self.position = newest
        return [each for each in held if self.wanted.admits(each.line)]

    def end(self) -> None:
        """Have the follower go. The lock of the feed is held."""
        self.is_gone = True

    def leave(self) -> None:
        """Say that the follower has gone. May be called again, from any thread."""
        self.forget(self)

    def _read(self, newest: int) -> Sequence[StoredLine]:
        """Return lines from the database, where all up to `newest` are visible."""
        try:
            page = self.reader.after(self.feed.project_id, self.wanted, READ_AT_ONCE, self.position)
        except StoreUnavailableError:
            with self.feed.news:
                self.feed.news.wait_for(lambda: self.is_gone, AWAY_SECONDS)
            return ()
        if page.next_id is not None:
            self.position = page.next_id - 1
        else:
            self.position = max([newest, *(each.id for each in page.lines[-1:])])
        return page.lines
