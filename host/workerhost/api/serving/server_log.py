"""What gunicorn has to say, in the form of all other lines."""

import logging
from typing import Any

from gunicorn.glogging import Logger


class ServerLog(Logger):
    """Has gunicorn's lines written by the handlers of the process, from WARNING on. gunicorn makes it itself."""

    def setup(self, cfg: Any) -> None:
        """Write to no stream of its own."""
        super().setup(cfg)
        for each in (self.error_log, self.access_log):
            each.handlers.clear()
            each.propagate = True
            each.setLevel(logging.WARNING)
