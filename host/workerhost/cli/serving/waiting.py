"""Waiting at the start for what a host needs: the database, Temporal, its namespace."""

import logging
import time
from collections.abc import Callable

from workerhost.errors import NotReadyError

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""Between two looks at what is waited for."""


def when_ready(look: Callable[[], object], seconds: float) -> None:
    """Call `look` until it finds what it looks for, and say for what it waits.

    Args:
        look: raises `NotReadyError` where something is missing that may come.
        seconds: how long to wait; 0 looks once.

    Raises:
        NotReadyError: it did not come in time.
    """
    deadline = time.monotonic() + seconds
    said = ""
    while True:
        try:
            look()
        except NotReadyError as error:
            if time.monotonic() >= deadline:
                raise
            if str(error) != said:
                said = str(error)
                log.info("waiting up to %g s: %s", max(0, deadline - time.monotonic()), said)
            time.sleep(LOOK_SECONDS)
        else:
            if said:
                log.info("waiting is over: what was missing is there")
            return
