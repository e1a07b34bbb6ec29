"""Lines about commands on projects."""

import logging

from workerhost.runtime.hosts.project_status import ProjectStatus

log = logging.getLogger(__name__)


def said(done: str, project_id: str, status: ProjectStatus) -> ProjectStatus:
    """Say that somebody has asked for something of a project, and what has come of it; return that.

    Args:
        done: what was asked for: `start`, `stop`, `restart`.
        project_id: of which project.
        status: what the project's worker does by now.
    """
    fields = {"project": project_id, "command": done, "status": str(status.status)}
    reason = f": {status.error}" if status.error else ""
    log.info("project %s: %s was asked for, and it is %s%s", project_id, done, status.status, reason, extra=fields)
    return status
