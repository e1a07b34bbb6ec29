"""The logs that are followed through this process: one thread asks the database for all of them."""

import logging
import threading
from collections.abc import Sequence

from workerhost.errors import HostStoppingError, StoreUnavailableError, TooManyWatchersError
from workerhost.runtime.project_logs.feed import KEPT_LINES, LogFeed, LogFollower
from workerhost.store import Store
from workerhost.store.project_logs.values import EVERYTHING, LogFilter, StoredLine

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""How often the database is asked for lines of other hosts. Those of this host are asked for when they are written."""

STOP_SECONDS = 5.0
"""How long a stop waits for the thread, which may wait for the database."""


class LogFollowers:
    """Lets logs be followed. Safe to use from any thread.

    The thread `log-followers` runs while anyone follows.

    Args:
        store: where the lines are.
        most: followers at once.
    """

    def __init__(self, store: Store, most: int) -> None:
        self._reader = store.project_logs.reader
        self._most = most
        self._count = 0
        self._news = threading.Condition()
        self._feeds: dict[str, LogFeed] = {}
        self._is_woken = threading.Event()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def follow(self, project_id: str, wanted: LogFilter, newest: int, after_id: int | None) -> LogFollower:
        """Return one who follows the log of a project; who takes it must have it leave.

        Args:
            project_id: whose log it is.
            wanted: which lines are told.
            newest: how many of the lines that are there are told first, at most.
            after_id: the id of the line after which all are told, instead of the newest ones; None for none.

        Raises:
            TooManyWatchersError: there are as many followers as there may be.
            HostStoppingError: this process is about to end.
            StoreUnavailableError: the database does not answer.
        """
        with self._news:
            if self._stopped.is_set():
                raise HostStoppingError("this host is about to end; follow the log through another one")
            if self._count >= self._most:
                raise TooManyWatchersError(self._most, "follow logs", "WORKERHOST_LOG_FOLLOWERS")
            self._count += 1
        try:
            position = self._reader.last_ids([project_id]).get(project_id, 0)
            first: Sequence[StoredLine] = ()
            if after_id is None and newest:
                first = self._reader.page(project_id, wanted, newest, position).lines[::-1]
        except BaseException:
            with self._news:
                self._count -= 1
            raise
        # A number that is not reached yet is of another database, or made up: nothing would come for long.
        after = position if after_id is None else min(after_id, position)
        return self._join(project_id, wanted, after, position, first)

    def wake(self, project_ids: frozenset[str]) -> None:
        """Have the database asked at once, since lines of these projects were written, or they were deleted.

        Does not block.
        """
        if any(each in self._feeds for each in project_ids):
            self._is_woken.set()

    def stop(self) -> None:
        """Have all followers go, let no more come, and wait for the thread, a bounded time. May be called again."""
        with self._news:
            self._stopped.set()
            thread = self._thread
            for feed in self._feeds.values():
                feed.end()
        self._is_woken.set()
        if thread is not None:
            thread.join(STOP_SECONDS)

    def _join(
        self, project_id: str, wanted: LogFilter, position: int, newest: int, first: Sequence[StoredLine]
    ) -> LogFollower:
        with self._news:
            feed = self._feeds.setdefault(project_id, LogFeed(project_id, newest, self._news))
            follower = LogFollower(feed, self._reader, wanted, position, first, self._forget)
            feed.followers.add(follower)
            if self._stopped.is_set():
                follower.end()
            elif self._thread is None:
                self._thread = threading.Thread(target=self._poll_on, name="log-followers", daemon=True)
                self._thread.start()
        return follower

    def _forget(self, follower: LogFollower) -> None:
        with self._news:
            feed = follower.feed
            if follower not in feed.followers:
                return
            feed.followers.remove(follower)
            follower.end()
            self._count -= 1
            if not feed.followers:
                del self._feeds[feed.project_id]
                self._is_woken.set()
            self._news.notify_all()

    def _poll_on(self) -> None:
        while True:
            self._is_woken.wait(POLL_SECONDS)
            self._is_woken.clear()
            with self._news:
                if not self._feeds or self._stopped.is_set():
                    self._thread = None
                    return
                feeds = list(self._feeds.values())
            try:
                self._poll(feeds)
            except StoreUnavailableError as error:
                log.debug("the logs that are followed wait: %s", error)
                self._stopped.wait(POLL_SECONDS)
            except Exception:
                log.exception("the logs that are followed could not be read")
                self._stopped.wait(POLL_SECONDS)

    def _poll(self, feeds: Sequence[LogFeed]) -> None:
        newest = self._reader.last_ids([feed.project_id for feed in feeds])
        for feed in feeds:
            last_id = newest.get(feed.project_id)
            if last_id is None:  # the project was deleted
                self._end(feed)
            elif last_id > feed.position:
                self._read(feed, last_id)

    def _end(self, feed: LogFeed) -> None:
        with self._news:
            feed.end()

    def _read(self, feed: LogFeed, newest: int) -> None:
        page = self._reader.after(feed.project_id, EVERYTHING, KEPT_LINES, feed.position)
        with self._news:
            if page.lines and page.next_id is None:
                feed.add(page.lines)
            else:  # so many have come that each follower reads on for itself, or they are gone again
                feed.skip_to(newest)
            self._news.notify_all()
