"""The webhooks that a host has seen lately, so that a storm of calls does not reach the database."""

import threading
import time
from collections import OrderedDict

from workerhost.store import Webhook
from workerhost.store.webhooks import WebhookStore

KEPT_SECONDS = 2.0
"""How long a webhook is taken for what it was: a change shows on the other hosts after this time."""

MOST_KEPT = 10_000
"""Names that are kept, those included that no webhook has; past that the one goes that was read first."""


class KnownWebhooks:
    """Reads webhooks, each once in a while. Safe to use from any thread; a call may block.

    Args:
        store: where they are.
    """

    def __init__(self, store: WebhookStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, str], tuple[float, Webhook | None]] = OrderedDict()

    def find(self, project_id: str, name: str) -> Webhook | None:
        """Return a webhook as it was a moment ago, or None where there was none.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        key, now = (project_id, name), time.monotonic()
        with self._lock:
            seen = self._seen.get(key)
        if seen is not None and now - seen[0] < KEPT_SECONDS:
            return seen[1]
        found = self._store.find(project_id, name)
        with self._lock:
            self._seen.pop(key, None)
            self._seen[key] = now, found
            while len(self._seen) > MOST_KEPT:
                self._seen.popitem(last=False)
        return found

    def forget(self, project_id: str, name: str) -> None:
        """Have a webhook read again, since it was changed here."""
        with self._lock:
            self._seen.pop((project_id, name), None)
