"""Activities of plugins that say where they run."""

import logging
import os
import time
from typing import Any

from temporalio import activity

from workerhost import ActivitySet, current_project_id, hookimpl

log = logging.getLogger(__name__)


@activity.defn
def here(word: str) -> list[Any]:
    """Return where this runs, and for whom."""
    return [word, os.getpid(), os.environ.get("TEMPORAL_ADDRESS"), current_project_id()]


@activity.defn
async def there(word: str) -> list[Any]:
    """Return where this runs, and for whom."""
    return [word, os.getpid(), os.environ.get("TEMPORAL_ADDRESS"), current_project_id()]


@activity.defn
def there_until_cancelled() -> str:
    """Wait for a cancellation."""
    log.warning("there it begins")
    try:
        while True:
            activity.heartbeat()
            time.sleep(0.05)
    finally:
        log.warning("there it ends")


class Places:
    """Contributes one set that runs in the host, and one that runs beside the code of projects."""

    @hookimpl
    def workerhost_register_activity_sets(self) -> list[ActivitySet]:
        return [
            ActivitySet("host", [here]),
            ActivitySet("beside", [there, there_until_cancelled], beside_code=True),
        ]
