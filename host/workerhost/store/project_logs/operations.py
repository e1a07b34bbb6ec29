"""All that the store does with the logs of projects."""

from workerhost.store.database import Database
from workerhost.store.project_logs.reading import ProjectLogReader
from workerhost.store.project_logs.trimming import ProjectLogTrimmer
from workerhost.store.project_logs.writing import OpenSegments, ProjectLogWriter


class ProjectLogStore:
    """The logs of projects. Safe to use from any thread, but for the writers that it makes; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.reader = ProjectLogReader(database)
        self.trimmer = ProjectLogTrimmer(database)

    def writer(self, segment_bytes: int, segment_seconds: float) -> ProjectLogWriter:
        """Return a writer, which belongs to one thread.

        Args:
            segment_bytes: of lines that are deleted together, at most about so many.
            segment_seconds: the most between the first and the last of them.
        """
        return ProjectLogWriter(self._database, OpenSegments(segment_bytes, segment_seconds))
