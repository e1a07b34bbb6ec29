"""Lines of the log."""

import logging

from workerhost.cli.serving.log_lines import LINE, LineFormatter


def test_no_message_makes_two_lines() -> None:
    record = logging.makeLogRecord(
        {"name": "workerhost.runtime", "levelname": "WARNING", "msg": "%s", "args": ("one\ntwo\x1b[1m",)}
    )
    assert LineFormatter(LINE, shows_traces=False).format(record).endswith(r"one\ntwo\x1b[1m")
