"""The code loader `directory`: folders of projects with their workflows, as code and as drawings."""

import logging
from collections import defaultdict
from pathlib import Path

from workerhost.folders import read_folder
from workerhost.hookspecs import hookimpl
from workerhost.model import Project, ProjectCode

log = logging.getLogger(__name__)


class DirectoryLoader:
    """Answers for every project that has a folder, for development. Safe to use from any thread; a call reads files.

    Args:
        folder: holds one folder per project; None answers for no project.
    """

    name = "directory"

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._said: defaultdict[str, set[str]] = defaultdict(set)

    @hookimpl
    def workerhost_load_code(self, project: Project) -> ProjectCode | None:
        """Return the code in the project's folder; the version of each workflow is a digest of it."""
        if self._folder is None or not (self._folder / project.id).is_dir():
            return None
        found = read_folder(self._folder / project.id)
        for sentence in sorted(set(found.left_out) - self._said[project.id]):
            self._said[project.id].add(sentence)
            log.warning("project %s: %s", project.id, sentence)
        return ProjectCode(found.workflows, self.name, found.drawings)
