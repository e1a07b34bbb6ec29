"""Logs of projects."""

from workerhost.answers import LogLineInfo
from workerhost.api.conversions.executions import given
from workerhost.observed import LogLine


def log_line_info(line: LogLine) -> LogLineInfo:
    """Return a line of a log as the API shows it."""
    return LogLineInfo(
        at=line.at,
        level=line.level,
        message=line.message,
        **given(
            workflow_id=line.workflow_id,
            run_id=line.run_id,
            workflow_type=line.workflow_type,
            build_id=line.build_id,
            activity=line.activity,
            attempt=line.attempt,
            node=line.node,
            logger=line.logger,
            fields=dict(line.fields) or None,
        ),
    )
